from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.modifier import telehealth
from fhir_cpt.rules.remote import place
from fhir_cpt.rules.remote.telehealth import has_no_place, may_be, modifiers
from terminology.model import CPT

from ..patching import patched

Check = Callable[..., list[Finding]]


def facts(code: str, day: int) -> CodeFacts:
    made = CodeFacts(CPT, code, day)
    made.families = families_of(code, day)
    return made


@pytest.mark.parametrize(
    ("code", "last"),
    [("99441", 20241231), ("96040", 20241231), ("99354", 20221231), ("99318", 20221231)],
)
def test_a_code_leaves_the_list_with_its_last_day(code: str, last: int) -> None:
    assert may_be(facts(code, last), "video", medicare=True)
    assert not may_be(facts(code, last + 8870), "video", medicare=True)


@pytest.mark.parametrize(
    ("code", "before", "first"),
    [
        ("97550", 20241231, 20250101),
        ("96202", 20241231, 20250101),
        ("0591T", 20231231, 20240101),
        ("G0136", 20231231, 20240101),
        ("C7903", 20231231, 20240101),
        ("G0560", 20241231, 20250101),
        ("G0541", 20241231, 20250101),
        ("90849", 20251231, 20260101),
        ("92622", 20251231, 20260101),
        ("G0473", 20251231, 20260101),
        ("G0545", 20251231, 20260101),
    ],
)
def test_a_code_joins_the_list_with_its_first_day(code: str, before: int, first: int) -> None:
    assert not may_be(facts(code, before), "video", medicare=True)
    assert may_be(facts(code, first), "video", medicare=True)


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("99339", 20221231, True),
        ("99339", 20230101, False),
        ("G0660", 20251231, False),
        ("G0660", 20260101, True),
        ("G0668", 20260101, True),
    ],
)
def test_what_is_remote_by_nature_is_so_while_there_is_the_code(code: str, day: int, expected: bool) -> None:
    assert has_no_place(facts(code, day)) is expected


@pytest.mark.parametrize(
    "code", ["00840", "20610", "47562", "71046", "80053", "85025", "90686", "96372", "J1100", "97140"]
)
@pytest.mark.parametrize("medicare", [True, False])
def test_hands_and_machines_are_never_telehealth(code: str, medicare: bool) -> None:
    assert not may_be(facts(code, 20261015), "video", medicare=medicare)


LISTED_ALL_ALONG = (
    *("90791", "90837", "92507", "96116", "97110", "97530", "97802", "99204", "99215", "99232", "99285", "99291"),
    *("99309", "99349", "99406", "99496", "99497", "90960", "G0108", "G0317", "G0426", "G0439", "G0444", "G2212"),
    *("97763", "G0136"),
)


@pytest.mark.parametrize("code", LISTED_ALL_ALONG)
def test_what_medicare_has_listed_all_along_may_be_telehealth(code: str) -> None:
    assert all(may_be(facts(code, day), "video", medicare=True) for day in (20240101, 20250101, 20261231))


def test_every_telehealth_modifier_of_the_features_is_known() -> None:
    assert set(modifiers()) == {"93", "95", "GT", "GQ", "G0", "FQ"}


@pytest.mark.parametrize(
    ("code", "modifier", "severity"),
    [("98001", "95", "warning"), ("98009", "93", "warning"), ("98001", "93", "error"), ("98009", "95", "error")],
)
def test_a_telemedicine_visit_takes_no_telehealth_modifier(
    check: Check, code: str, modifier: str, severity: str
) -> None:
    spec = {"place": "10", "lines": [{"code": code, "modifiers": [modifier]}]}
    found = check(telehealth.EDIT, place.EDIT, **spec)
    assert [(item.edit, item.severity) for item in found] == [("modifier-telehealth", severity)]
    assert found[0].fix is not None
    assert check(telehealth.EDIT, place.EDIT, resource=patched(shorthand.claim(spec), found[0].fix)) == []


def test_the_fix_takes_the_modifier_out_of_an_expression(check: Check) -> None:
    charge = shorthand.charge("71046:26:95", occurrenceDateTime="2026-10-15")
    found = check(telehealth.EDIT, resource=charge)
    assert found[0].fix is not None
    assert patched(charge, found[0].fix)["code"]["coding"][0]["code"] == "71046:26"


def test_a_modifier_that_shares_its_element_is_not_taken_out(check: Check) -> None:
    resource = shorthand.claim({"lines": ["71046"]})
    resource["item"][0]["modifier"] = [{"coding": [{"system": CPT, "code": "26"}, {"system": CPT, "code": "95"}]}]
    found = check(telehealth.EDIT, resource=resource)
    assert [item.fix for item in found] == [None]


@pytest.mark.parametrize("modifier", ["GQ", "G0", "FQ"])
def test_medicares_own_modifiers_are_looked_at_for_medicare_alone(check: Check, modifier: str) -> None:
    lines = [{"code": "71046", "modifiers": [modifier]}]
    assert check(telehealth.EDIT, lines=lines) == []
    assert [item.state for item in check(telehealth.EDIT, lines=lines, medicare=True)] == ["fail"]


def test_medicare_gets_a_telehealth_place_in_place_of_the_office(check: Check) -> None:
    spec: dict[str, Any] = {"lines": [{"code": "99213", "modifiers": ["95"]}]}
    found = check(place.EDIT, medicare=True, **spec)
    assert found[0].fix is not None
    assert found[0].fix.documentation
    mended = patched(shorthand.claim(spec), found[0].fix)
    assert mended["item"][0]["locationCodeableConcept"]["coding"][0]["code"] == "10"
    assert check(place.EDIT, medicare=True, resource=mended) == []
