"""diagnosis-unknown, -not-in-force, -not-billable: the code itself."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand

CODE_EDITS = ("diagnosis-unknown", "diagnosis-not-in-force", "diagnosis-not-billable")


def speaking(said, **spec) -> list[str]:
    return [edit for edit in CODE_EDITS for finding in said(edit, **spec) if finding.state == "fail"]


@pytest.mark.parametrize(
    ("code", "date", "edits"),
    [
        ("M17.11", "2026-10-15", []),
        ("m17.11", "2026-10-15", []),
        ("M1711", "2026-10-15", []),
        ("M17.19", "2026-10-15", ["diagnosis-unknown"]),
        ("no such", "2026-10-15", ["diagnosis-unknown"]),
        ("far too long to be a code", "2026-10-15", ["diagnosis-unknown"]),
        ("M17", "2026-10-15", ["diagnosis-not-billable"]),
        ("U99.9", "2026-10-01", ["diagnosis-not-in-force"]),
        ("U99.9", "2026-09-30", []),
    ],
)
def test_one_edit_at_most_speaks_of_a_code(said, code, date, edits):
    assert speaking(said, dx=[code], date=date) == edits


def test_a_day_that_no_edition_covers_makes_it_a_warning_that_says_so(said):
    (finding,) = said("diagnosis-unknown", dx=["M17.19"], date="2027-10-01", today=20271101)
    assert finding.severity == "warning"
    assert "2026-10-01 to 2027-09-30" in finding.text
    (finding,) = said("diagnosis-unknown", dx=["M17.19"], date="2027-09-30", today=20271101)
    assert finding.severity == "error"


def test_a_diagnosis_used_on_several_days_is_spoken_of_once(said):
    lines = [{"code": "99213", "date": f"2026-10-{day}"} for day in (12, 13, 14)]
    for code, edit in (("M17.19", CODE_EDITS[0]), ("U99.9", CODE_EDITS[1]), ("M17.1", CODE_EDITS[2])):
        assert [item.lines for item in said(edit, dx=[code], lines=lines)] == [(0, 1, 2)]


def test_a_diagnosis_that_no_line_points_to_counts_on_the_first_day(said):
    lines = [{"code": "99213", "date": "2026-10-02"}, {"code": "99213", "date": "2026-09-29"}]
    assert said("diagnosis-not-in-force", dx=["I10", "U99.9"], lines=lines) == []
    assert len(said("diagnosis-not-in-force", dx=["I10", "U99.8"], lines=lines)) == 1


@pytest.mark.parametrize(("bill", "findings"), [("111", 0), ("131", 1)])
def test_the_day_of_discharge_chooses_the_codes_of_an_inpatient_stay(said, bill, findings):
    line = {"code": "99213", "date": "2026-09-28/2026-10-02"}
    resource = shorthand.claim({"kind": "institutional", "lines": [line], "dx": ["U99.8"]})
    resource["subType"] = {"coding": [{"code": bill}]}
    assert len(said("diagnosis-not-in-force", resource=resource)) == findings


def test_the_codes_below_a_heading_are_named_and_a_single_one_is_offered(said):
    (finding,) = said("diagnosis-not-billable", dx=["M17.1"])
    assert dict(finding.evidence)["billable"] == "M17.11, M17.12"
    assert finding.fix is None
    (finding,) = said("diagnosis-not-billable", dx=["W19"])
    assert finding.fix is not None
    assert finding.fix.changes[0].value["coding"][0]["code"] == "W19.XXXA"


def test_ten_codes_are_named_and_the_others_counted(diagnosis_knowledge):
    assert diagnosis_knowledge.billable_below("E11", 20261015, 2) == (("E11.22", "E11.319"), 6)
    assert diagnosis_knowledge.billable_below("M17.11", 20261015, 2) == ((), 0)
    assert diagnosis_knowledge.billable_below("none", 20261015, 2) == ((), 0)


def test_a_condition_elsewhere_is_not_patched(said):
    resource = shorthand.claim({"lines": ["99213"]})
    condition = {"resourceType": "Condition", "id": "c", "code": resource["diagnosis"][0]["diagnosisCodeableConcept"]}
    condition["code"]["coding"][0]["code"] = "W19"
    resource["contained"] = [condition]
    resource["diagnosis"] = [{"sequence": 1, "diagnosisReference": {"reference": "#c"}}]
    (finding,) = said("diagnosis-not-billable", resource=resource)
    assert finding.fix is None
    assert finding.expression == ("Claim.diagnosis[0].diagnosisReference",)


def test_what_is_no_icd10cm_is_said_once_with_the_edits_it_holds_up(said):
    dx = [
        {"code": "38341003", "system": "http://snomed.info/sct"},
        {"code": "401.9", "system": "http://hl7.org/fhir/sid/icd-9-cm"},
    ]
    (finding,) = said("diagnosis-unknown", dx=[*dx, "I10"])
    assert (finding.state, finding.missing) == ("no-data", "icd10cm-code")
    assert finding.expression == (
        "Claim.diagnosis[0].diagnosisCodeableConcept",
        "Claim.diagnosis[1].diagnosisCodeableConcept",
    )
    assert "diagnosis-not-billable" in finding.also


def test_a_diagnosis_without_a_code_is_said_too(said):
    resource = shorthand.claim({"lines": ["99213"]})
    resource["diagnosis"] = [{"sequence": 1, "diagnosisReference": {"reference": "Condition/elsewhere"}}]
    (finding,) = said("diagnosis-unknown", resource=resource)
    assert "diagnosis 1 without a code" in finding.text


def test_an_alias_of_icd10cm_is_icd10cm(said):
    assert speaking(said, dx=[{"code": "M17.19", "system": "urn:oid:2.16.840.1.113883.6.90"}]) == ["diagnosis-unknown"]
