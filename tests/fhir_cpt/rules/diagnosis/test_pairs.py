"""diagnosis-excludes1 and diagnosis-duplicate: diagnoses beside one another."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand


@pytest.mark.parametrize(
    ("pair", "place", "target"),
    [
        (("E10.9", "E11.9"), "E10", "E11"),
        (("E11.9", "E10.9"), "E11", "E10"),
        (("E11.9", "E11.A"), "E11.9", "E11.A"),
        (("E11.A", "E11.65"), "E11.A", "E11.0-E11.8"),
        (("I10", "G30.9"), None, None),
        (("F03.90", "G30.9"), "G30", "F03"),
        (("R06.02", "P22.0"), "R06", "P22"),
        (("Z34.80", "O24.410"), "Z34", "O00-O9A"),
        (("E1165", "e11a"), "E11.A", "E11.0-E11.8"),
        (("E11.9", "E11.9"), None, None),
    ],
)
def test_a_note_on_a_code_or_above_either_keeps_them_apart(said, pair, place, target):
    found = said("diagnosis-excludes1", dx=list(pair))
    assert [dict(item.evidence)["note at"] for item in found] == ([place] if place else [])
    assert [dict(item.evidence)["excludes"] for item in found] == ([target] if target else [])


def test_three_codes_that_exclude_each_other_are_three_pairs(said):
    found = said("diagnosis-excludes1", dx=["E10.9", "E11.9", "O24.410"])
    assert len(found) == 3
    assert all("unless the two conditions are unrelated" in item.text for item in found)


def test_the_admitting_diagnosis_is_no_final_one(said):
    resource = shorthand.claim({"kind": "institutional", "lines": ["99213"], "dx": ["E10.9", "E11.9"]})
    assert len(said("diagnosis-excludes1", resource=resource)) == 1
    resource["diagnosis"][1]["type"] = [{"coding": [{"code": "admitting"}]}]
    assert said("diagnosis-excludes1", resource=resource) == []


def test_a_pair_on_several_days_is_told_once(said):
    lines = [{"code": "99213", "dx": [1, 2], "date": f"2026-10-{day}"} for day in (12, 13)]
    assert len(said("diagnosis-excludes1", lines=lines, dx=["E10.9", "E11.9"])) == 1


def test_dropping_a_duplicate_moves_its_pointers(said):
    lines = [{"code": "99213", "dx": [3]}, {"code": "36415", "dx": [1, 3]}, {"code": "71046", "dx": [2]}]
    (finding,) = said("diagnosis-duplicate", lines=lines, dx=["I10", "E11.9", "i10"])
    assert finding.expression[0] == "Claim.diagnosis[2].diagnosisCodeableConcept"
    assert finding.fix is not None
    assert [(change.type, change.path, change.value) for change in finding.fix.changes] == [
        ("replace", "Claim.item[0].diagnosisSequence[0]", 1),
        ("delete", "Claim.item[1].diagnosisSequence[1]", None),
        ("delete", "Claim.diagnosis[2]", None),
    ]


def test_the_same_code_may_be_admitting_and_principal(said):
    resource = shorthand.claim({"kind": "institutional", "lines": ["99213"], "dx": ["I10", "I10"]})
    assert len(said("diagnosis-duplicate", resource=resource)) == 1
    resource["diagnosis"][0]["type"] = [{"coding": [{"code": "admitting"}]}]
    assert said("diagnosis-duplicate", resource=resource) == []


def test_the_same_text_in_two_systems_is_two_codes(said):
    dx = ["I10", {"code": "I10", "system": "http://hl7.org/fhir/sid/icd-10"}]
    assert said("diagnosis-duplicate", dx=dx) == []
