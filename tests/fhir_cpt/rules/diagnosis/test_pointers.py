"""diagnosis-missing and diagnosis-pointer."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import charges_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.diagnosis import EDITS


def test_the_only_diagnosis_is_offered_to_a_line_without_one(said):
    (finding,) = said("diagnosis-missing", lines=[{"code": "99213", "dx": []}])
    assert finding.fix is not None
    assert (finding.fix.changes[0].name, finding.fix.changes[0].value) == ("diagnosisSequence", 1)
    (finding,) = said("diagnosis-missing", lines=[{"code": "99213", "dx": []}], dx=["I10", "E11.9"])
    assert finding.fix is None


@pytest.mark.parametrize("kind", ["pharmacy", "oral", "vision"])
def test_other_kinds_of_claim_need_no_diagnosis(said, kind):
    assert said("diagnosis-missing", kind=kind, lines=[{"code": "99213", "dx": []}], dx=[]) == []


def test_a_charge_item_needs_no_diagnosis(diagnosis_knowledge):
    charge = shorthand.charge("99213", occurrenceDateTime="2026-10-15")
    claim = charges_from([(charge, "ChargeItem")], "ChargeItem", Resources())
    assert validate(claim, Facts(diagnosis_knowledge, 20261121), Selection(EDITS)).findings == ()


def test_a_detail_has_the_pointers_of_its_item(said):
    resource = shorthand.claim({"lines": [{"code": "99213", "dx": [9]}]})
    item = resource["item"][0]
    item["detail"] = [{"sequence": 1, "productOrService": item["productOrService"]}]
    assert [found.lines for found in said("diagnosis-pointer", resource=resource)] == [(0,)]
    del item["diagnosisSequence"]
    assert [found.lines for found in said("diagnosis-missing", resource=resource)] == [(0,)]


def test_pointers_on_a_claim_without_diagnoses_point_to_nothing(said):
    assert said("diagnosis-missing", dx=[]) == []
    (finding,) = said("diagnosis-pointer", dx=[])
    assert finding.expression == ("Claim.item[0].diagnosisSequence[0]",)


def test_a_pointer_is_to_the_sequence_and_not_to_the_place(said):
    dx = [{"code": "I10", "sequence": 7}, {"code": "E11.9", "sequence": 9}]
    assert said("diagnosis-pointer", lines=[{"code": "99213", "dx": [7, 9]}], dx=dx) == []
    assert len(said("diagnosis-pointer", lines=[{"code": "99213", "dx": [1, 2]}], dx=dx)) == 1


def test_too_many_pointers_and_one_to_nothing_are_two_findings(said):
    found = said(
        "diagnosis-pointer", lines=[{"code": "99213", "dx": [1, 2, 3, 4, 9]}], dx=["I10", "Z23", "K63.5", "I50.9"]
    )
    assert len(found) == 2


def test_an_institutional_line_may_have_more_than_four(said):
    dx = ["I10", "E11.9", "E66.9", "M17.11", "Z23"]
    assert (
        said("diagnosis-pointer", kind="institutional", lines=[{"code": "99213", "dx": [1, 2, 3, 4, 5]}], dx=dx) == []
    )
