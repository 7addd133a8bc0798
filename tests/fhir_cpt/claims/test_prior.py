"""Which resources that come along are history, and of whom."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.resources import Resources

Json = dict[str, Any]
ASKING = shorthand.claim({"lines": ["99454"], "id": "asking"})
BEFORE = shorthand.claim({"lines": ["99213"], "id": "before"})
CHARGE = {**shorthand.charge("99454", occurrenceDateTime="2026-10-15"), "id": "c"}


def codes(resource: Json, *context: Json) -> list[str] | None:
    if resource["resourceType"] == "Claim":
        read = claim_from(resource, "Claim", Resources())
    else:
        read = charges_from([(resource, "ChargeItem")], "ChargeItem", Resources())
    history = history_from(context, read, Resources())
    return None if history is None or not history.has_lines else [line.code for line in history.lines]


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ([], None),
        ([BEFORE], ["99213"]),
        ([BEFORE, ASKING], ["99213"]),
        ([ASKING], []),
        ([{**BEFORE, "status": "cancelled"}], None),
        ([{**BEFORE, "status": "entered-in-error"}], None),
        ([{**BEFORE, "status": "draft"}], None),
        ([{**BEFORE, "status": ["odd"]}], ["99213"]),
        ([{**BEFORE, "use": "preauthorization"}], None),
        ([{**BEFORE, "use": "predetermination"}], None),
        ([{**BEFORE, "patient": {"reference": "Patient/other"}}], None),
        ([{**CHARGE, "status": "planned"}], None),
        ([{"resourceType": "Patient", "id": "example"}], None),
    ],
)
def test_prior_lines_are_those_of_what_was_done_for_the_patient(
    context: list[Json], expected: list[str] | None
) -> None:
    assert codes(ASKING, *context) == expected


def test_a_charge_is_not_the_past_of_the_claim_that_bills_it_nor_the_other_way_round() -> None:
    billed = {**ASKING, "id": "billed"}
    assert codes(ASKING, CHARGE) == []
    assert codes(CHARGE, billed) == []
    assert codes(CHARGE, BEFORE) == ["99213"]
    assert codes(BEFORE, CHARGE, billed) == ["99454"]
    assert codes(BEFORE, CHARGE) == ["99454"]
    assert codes(ASKING, billed) == ["99454"]


def test_a_patient_is_the_same_by_an_identifier_beside_another_reference() -> None:
    identifier = {"system": "urn:mrn", "value": "1"}
    one = {**ASKING, "patient": {"reference": "https://a.example/Patient/1", "identifier": identifier}}
    two = {**BEFORE, "patient": {"reference": "https://b.example/Patient/2", "identifier": identifier}}
    assert codes(one, two) == ["99213"]
