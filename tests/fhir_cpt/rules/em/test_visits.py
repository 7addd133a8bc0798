"""em-new-patient and em-multiple: what they name, and how they would mend it."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.preparing import prepare
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.em import multiple, new_patient
from fhir_cpt.rules.families import families_of, features
from terminology.model import HCPCS

from ..patching import patched


def _after_a_visit(code, **spec):
    lines = [{"code": "99213", "date": "2026-10-01"}, {"code": code, "modifiers": ["25"]}]
    return shorthand.claim({"lines": lines, **spec})


@pytest.mark.parametrize(
    ("code", "established"),
    [
        ("99203", "99213"),
        ("99205", "99215"),
        ("99342", "99348"),
        ("99385", "99395"),
        ("92004", "92014"),
        ("98002", "98006"),
    ],
)
def test_the_code_for_established_patients_takes_its_place(check, code, established):
    resource = _after_a_visit(code)
    (finding,) = [item for item in check(new_patient.EDIT, resource=resource) if item.state == "fail"]
    assert finding.fix is not None
    mended = patched(resource, finding.fix)
    assert mended["item"][1]["productOrService"]["coding"][0]["code"] == established
    assert [item for item in check(new_patient.EDIT, resource=mended) if item.state == "fail"] == []


@pytest.mark.parametrize(
    ("code", "day", "new"),
    [
        ("99201", 20201231, True),
        ("99201", 20210101, False),
        ("99324", 20221231, True),
        ("99324", 20230101, False),
        ("99343", 20221231, True),
        ("99343", 20230101, False),
        ("98000", 20241231, False),
        ("98000", 20250101, True),
        ("98011", 20250101, True),
        ("98004", 20250101, False),
        ("99211", 20261015, False),
        ("99281", 20261015, False),
    ],
)
def test_new_patient_codes_by_day(code, day, new):
    assert ("new-patient" in families_of(code, day)) == new


@pytest.mark.parametrize(
    ("code", "met"),
    [
        ("99213", True),
        ("20610", True),
        ("66984", True),
        ("92014", True),
        ("90837", True),
        ("36415", False),
        ("51798", False),
        ("59025", False),
        ("71046", False),
        ("80053", False),
        ("88305", False),
        ("93000", False),
        ("96372", False),
        ("99490", False),
        ("99441", False),
        ("00840", False),
        ("J1885", False),
    ],
)
def test_services_at_which_a_patient_is_met(code, met):
    assert ("seen" in families_of(code, 20241015)) == met


@pytest.mark.parametrize(
    "other",
    [
        "99292",
        "99406",
        "99408",
        "99417",
        "99453",
        "99457",
        "99483",
        "99490",
        "99491",
        "99495",
        "99497",
        "G2211",
        "96127",
    ],
)
def test_services_that_stand_beside_a_visit_are_no_second_visit(check, other):
    assert check(multiple.EDIT, lines=["99214", other]) == []


@pytest.mark.parametrize("admission", ["99304", "99305", "99306"])
@pytest.mark.parametrize("discharge", ["99235", "99238", "99239"])
def test_a_discharge_beside_an_admission_to_a_nursing_facility_is_paid(check, discharge, admission):
    assert check(multiple.EDIT, lines=[discharge, admission]) == []
    assert len(check(multiple.EDIT, lines=[discharge, admission, "99309"])) == 1


def test_two_discharges_are_two_visits(check):
    assert len(check(multiple.EDIT, lines=["99238", "99239"])) == 1


@pytest.mark.parametrize(("kind", "modifier"), [("professional", "25"), ("institutional", "27")])
def test_the_modifier_that_separates_visits_is_offered(check, kind, modifier):
    resource = shorthand.claim({"kind": kind, "lines": ["99213", "99283"]})
    (finding,) = check(multiple.EDIT, resource=resource)
    assert finding.fix is not None
    mended = patched(resource, finding.fix)
    assert mended["item"][1]["modifier"][0]["coding"][0]["code"] == modifier
    assert check(multiple.EDIT, resource=mended) == []


@pytest.mark.parametrize("lines", [["99396", "99213"], ["99213", "99396"], ["G0439", "99213"]])
def test_the_visit_for_a_problem_takes_the_modifier_and_not_the_preventive_one(check, lines):
    (finding,) = check(multiple.EDIT, lines=lines)
    assert finding.lines[0] == lines.index("99213")
    assert finding.fix is not None
    assert finding.fix.changes[0].path == f"Claim.item[{lines.index('99213')}]"


def test_charges_of_unknown_providers_do_not_make_a_patient_established(sample_release):
    days = (("99213", "2026-10-01"), ("99203", "2026-10-15"))
    charges = [shorthand.charge(code, occurrenceDateTime=day) for code, day in days]
    claim = charges_from([(charge, "ChargeItem") for charge in charges], "ChargeItem", Resources())
    report = validate(claim, Facts(Knowledge(sample_release), 20261120), Selection((new_patient.EDIT,)))
    assert [finding.state for finding in report.findings] == ["no-data"]


@pytest.mark.parametrize("code", ["S0610", "S0620"])
def test_a_code_for_new_patients_outside_evaluation_and_management_is_looked_at_too(sample_release, code):
    knowledge, day = Knowledge(sample_release), 20261015
    line = {"code": "99203", "date": "2026-10-15"}
    claim = claim_from(
        shorthand.claim({"lines": [{"code": "99213", "date": "2026-05-15"}, line]}), "Claim", Resources()
    )
    prepare(claim, Facts(knowledge, 20261120))
    visit, new = claim.coded
    known = CodeFacts(HCPCS, code, day)  # which the sample does not hold
    known.families = families_of(code, day)
    known.features = sum({features().get(family, 0) for family in known.families})
    new.code, new.known = code, known
    claim.evaluations = [visit]
    (finding,) = new_patient.check(claim, Facts(knowledge, 20261120))
    assert finding.text.startswith(f"{code} is for a new patient")
