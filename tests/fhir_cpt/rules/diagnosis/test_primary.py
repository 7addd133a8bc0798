"""diagnosis-primary."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand


def typed(kind: str, codes: list[str], at: int, code: str) -> dict:
    resource = shorthand.claim({"kind": kind, "lines": [{"code": "99213", "dx": []}], "dx": codes})
    resource["diagnosis"][at]["type"] = [{"coding": [{"code": code}]}]
    return resource


@pytest.mark.parametrize("code", ["principal", "ABK"])
def test_the_diagnosis_typed_as_principal_stands_first(said, code):
    resource = typed("institutional", ["W19.XXXA", "S83.241A"], 1, code)
    assert said("diagnosis-primary", resource=resource) == []
    resource = typed("institutional", ["S83.241A", "W19.XXXA"], 1, code)
    assert [item.rarc for item in said("diagnosis-primary", resource=resource)] == [("MA63",)]


@pytest.mark.parametrize("code", ["externalcauseofinjury", "ABN"])
def test_an_external_cause_in_its_own_place_does_not_stand_first(said, code):
    assert said("diagnosis-primary", resource=typed("institutional", ["W19.XXXA", "S83.241A"], 0, code)) == []


def test_the_lowest_sequence_stands_first_wherever_it_is(said):
    dx = [{"code": "W19.XXXA", "sequence": 2}, {"code": "S83.241A", "sequence": 1}]
    assert said("diagnosis-primary", dx=dx) == []


def test_lines_of_an_institutional_claim_have_no_first_diagnosis(said):
    lines = [{"code": "99213", "dx": [2, 1]}]
    assert said("diagnosis-primary", kind="institutional", lines=lines, dx=["S83.241A", "W19.XXXA"]) == []


def test_one_finding_names_all_lines_that_the_diagnosis_leads(said):
    lines = [{"code": "99213", "dx": [2]}, {"code": "36415", "dx": [1, 2]}, {"code": "71046", "dx": [2, 1]}]
    (finding,) = said("diagnosis-primary", lines=lines, dx=["S83.241A", "W19.XXXA"])
    assert finding.lines == (0, 2)
    assert finding.expression[0] == "Claim.diagnosis[1].diagnosisCodeableConcept"
