"""Patches of modifiers: on claims, in expressions and in the extensions of charges."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.model import Line
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.modifier.mending import changing, dropping, replacing

from ..patching import patched

CODES = ("25", "59", "LT", "26", "RT", "22")
EXTENSION = "http://example.org/StructureDefinition/modifier"


def line_of(resource: dict[str, Any]) -> Line:
    if resource["resourceType"] == "Claim":
        return claim_from(resource, "Claim", Resources()).lines[0]
    return charges_from([(resource, "ChargeItem")], "ChargeItem", Resources()).lines[0]


def after(resource: dict[str, Any], fix: Fix | None) -> tuple[str, ...]:
    assert fix is not None
    return line_of(patched(resource, fix)).modifiers


@given(
    st.lists(st.sampled_from(CODES), min_size=1, max_size=5, unique=True),
    st.integers(0, 5),
    st.dictionaries(st.integers(0, 4), st.sampled_from([None, "XS", "TC"]), min_size=1),
)
def test_a_change_does_what_it_says_wherever_the_modifiers_stand(
    codes: list[str], spelled: int, wanted: dict[int, str | None]
) -> None:
    wanted = {at: code for at, code in wanted.items() if at < len(codes)}
    written = ":".join(["99213", *codes[:spelled]])
    claim = shorthand.claim({"lines": [{"code": written, "system": "http://www.ama-assn.org/go/cpt"}]})
    claim["item"][0]["modifier"] = [{"coding": [{"code": code}]} for code in codes[spelled:]]
    changes = changing(line_of(claim), wanted)
    assert changes is not None
    expected = [wanted.get(at, code) for at, code in enumerate(codes)]
    found = line_of(patched(claim, Fix("", changes))) if changes else line_of(claim)
    assert found.modifiers == tuple(code for code in expected if code)
    assert found.code == "99213"


def test_a_modifier_in_an_extension_of_a_charge_is_taken_off() -> None:
    charge = shorthand.charge("20610:LT", extension=[{"url": EXTENSION, "valueCode": "25"}])
    assert after(charge, dropping(line_of(charge), "", "25")) == ("LT",)


def test_one_of_several_in_an_extension_cannot_be_taken_off() -> None:
    charge = shorthand.charge("20610", extension=[{"url": EXTENSION, "valueString": "25,LT"}])
    assert dropping(line_of(charge), "", "25") is None


def test_a_modifier_that_is_a_coding_beside_the_code_cannot_be_taken_off() -> None:
    charge = shorthand.charge("20610")
    charge["code"]["coding"].append({"code": "25"})
    assert line_of(charge).modifiers == ("25",)
    assert dropping(line_of(charge), "", "25") is None


def test_a_modifier_in_an_extension_is_not_replaced() -> None:
    charge = shorthand.charge("99213", extension=[{"url": EXTENSION, "valueCode": "59"}])
    assert replacing(line_of(charge), "59", "25", "") is None


def test_where_the_other_modifier_is_there_already_the_one_just_goes() -> None:
    claim = shorthand.claim({"lines": [{"code": "99213", "modifiers": ["59", "25"]}]})
    assert after(claim, replacing(line_of(claim), "59", "25", "")) == ("25",)


def test_what_is_there_twice_is_replaced_by_one() -> None:
    claim = shorthand.claim({"lines": [{"code": "99213", "modifiers": ["59", "LT", "59"]}]})
    assert after(claim, replacing(line_of(claim), "59", "25", "")) == ("25", "LT")
