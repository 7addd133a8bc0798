"""em-time and em-level: what they name, and how they would mend it."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.rules.em import level, time

from ..patching import patched


def _elements(problems, data, risk):
    return [{"mdm-problems": problems}, {"mdm-data": data}, {"mdm-risk": risk}]


@pytest.mark.parametrize(
    ("code", "minutes", "supported"),
    [
        ("99215", 39, "99214"),
        ("99215", 10, "99212"),
        ("99223", 54, "99221"),
        ("99350", 30, "99348"),
        ("98007", 29, "98005"),
    ],
)
def test_the_code_that_the_minutes_support_takes_its_place(check, code, minutes, supported):
    resource = shorthand.claim({"lines": [{"code": code, "modifiers": ["25"]}], "info": [{"minutes": minutes}]})
    (finding,) = check(time.EDIT, resource=resource)
    assert finding.severity == "warning"
    assert finding.fix is not None
    assert finding.fix.documentation
    mended = patched(resource, finding.fix)["item"][0]
    assert mended["productOrService"]["coding"][0]["code"] == supported
    assert "modifier" in mended


def test_minutes_below_every_code_name_none(check):
    (finding,) = check(time.EDIT, lines=["99221"], info=[{"minutes": 39}])
    assert finding.fix is None
    assert "no code" in finding.text


def test_a_visit_with_prolonged_service_is_not_replaced(check):
    (finding,) = check(time.EDIT, lines=["99215", "99417"], info=[{"minutes": 35}])
    assert finding.fix is None


def test_a_replaced_expression_keeps_its_modifiers_and_loses_the_display(check):
    lines = [{"code": "99215:25", "display": "a visit"}]
    resource = shorthand.claim({"lines": lines, "info": _elements("low", "moderate", "moderate")})
    (finding,) = check(level.EDIT, resource=resource)
    assert finding.fix is not None
    coding = patched(resource, finding.fix)["item"][0]["productOrService"]["coding"][0]
    assert coding["code"] == "99214:25"
    assert "display" not in coding


@pytest.mark.parametrize(
    ("code", "elements", "supported"),
    [
        ("99215", ("low", "high", "moderate"), "99214"),
        ("99213", ("high", "low", "high"), "99215"),
        ("99205", ("straightforward", "straightforward", "high"), "99202"),
        ("99223", ("low", "straightforward", "low"), "99221"),
        ("99285", ("low", "low", "moderate"), "99283"),
    ],
)
def test_two_of_three_elements_make_the_level(check, code, elements, supported):
    (finding,) = check(level.EDIT, lines=[code], info=_elements(*elements))
    assert ("supported", supported) in finding.evidence
    assert check(level.EDIT, lines=[supported], info=_elements(*elements)) == []


def test_the_higher_of_minutes_and_decision_making_is_named(check):
    (finding,) = check(level.EDIT, lines=["99215"], info=[{"minutes": 30}, *_elements("low", "low", "low")])
    assert ("supported", "99214") in finding.evidence
    assert "30 minutes" in finding.text


def test_both_edits_say_a_thing_once(check):
    info = [{"minutes": 15}, *_elements("low", "low", "low")]
    assert [finding.edit for finding in check(time.EDIT, level.EDIT, lines=["99215"], info=info)] == ["em-level"]
    assert [finding.edit for finding in check(time.EDIT, lines=["99215"], info=info)] == ["em-time"]


def test_levels_of_the_emergency_department_do_not_ask_whose_the_minutes_are(check):
    lines = ["99285", {"code": "99291", "modifiers": ["25"]}, "99239"]
    found = check(level.EDIT, place="23", lines=lines, info=[{"minutes": 40}, *_elements("low", "low", "low")])
    assert [finding.state for finding in found] == ["fail"]
