"""Modifiers on codes that they do not fit, where the examples do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier import (
    bilateral,
    component,
    conflict,
    diagnosis_side,
    documentation,
    laboratory,
    laterality,
    misuse_25,
    needed_25,
    needed_57,
    on_em_59,
    order,
    physical_status,
    team,
    unneeded_59,
)
from fhir_cpt.rules.ncci.ptp import EDIT as PTP

from ..conftest import Check
from ..patching import patched


@pytest.mark.parametrize("code", ["99999", "0999T"])
@pytest.mark.parametrize("edit", [misuse_25.EDIT, laboratory.EDIT, physical_status.EDIT])
def test_of_a_code_that_no_table_names_nothing_is_said(check: Check, edit: Edit, code: str) -> None:
    assert check(edit, lines=[{"code": code, "modifiers": ["25", "91", "P3"]}]) == []


def test_a_modifier_from_another_time_conflicts_with_none(check: Check) -> None:
    line = {"code": "20605", "modifiers": ["59", "XS"]}
    assert check(conflict.EDIT, date="2014-12-31", lines=[line]) == []
    assert len(check(conflict.EDIT, date="2015-01-01", lines=[line])) == 1


def test_both_components_are_the_whole_service_where_no_facility_has_the_equipment(check: Check) -> None:
    for place, mended in (("11", True), ("22", False)):
        (found,) = check(conflict.EDIT, place=place, lines=[{"code": "71046", "modifiers": ["26", "TC"]}])
        assert (found.fix is not None) == mended


def test_a_side_that_lifts_an_ncci_edit_is_not_taken_off(check: Check) -> None:
    lines = [{"code": "29881", "modifiers": ["RT"]}, {"code": "20605", "modifiers": ["50", "LT"]}]
    (found,) = check(conflict.EDIT, lines=lines)
    assert found.fix is None


def test_two_units_with_a_price_each_are_not_mended(check: Check) -> None:
    (found,) = check(bilateral.EDIT, lines=[{"code": "20610", "modifiers": ["50"], "units": 2, "price": 50}])
    assert found.fix is None


def test_a_drug_of_level_ii_is_not_measured_by_the_fee_schedule_s_sides(check: Check) -> None:
    assert check(bilateral.EDIT, lines=[{"code": "J1885", "modifiers": ["50"]}]) == []


def test_two_sides_on_a_code_for_both_are_said_once(check: Check) -> None:
    found = check(conflict.EDIT, laterality.EDIT, lines=[{"code": "77067", "modifiers": ["LT", "RT"]}])
    assert [item.edit for item in found] == ["modifier-conflict"]


def test_what_is_wrong_is_not_asked_to_be_explained(check: Check) -> None:
    found = check(team.EDIT, documentation.EDIT, lines=[{"code": "27447", "modifiers": ["66"]}])
    assert [item.edit for item in found] == ["modifier-team"]


def test_any_supporting_information_explains(check: Check) -> None:
    claim = shorthand.claim({"lines": [{"code": "29881", "modifiers": ["22"]}]})
    claim["supportingInfo"] = [{"sequence": 1, "category": {"text": "operative report"}}]
    assert check(documentation.EDIT, resource=claim) == []


def test_59_on_a_visit_becomes_25_and_lifts_the_same_edit(check: Check) -> None:
    claim = shorthand.claim({"lines": ["20610", {"code": "99213", "modifiers": ["59"]}]})
    (found,) = (item for item in check(on_em_59.EDIT, PTP, resource=claim) if item.state == "fail")
    assert found.fix is not None
    assert [item.state for item in check(on_em_59.EDIT, PTP, resource=patched(claim, found.fix))] == ["bypassed"]


def test_a_visit_beside_two_procedures_is_named_once(check: Check) -> None:
    found = check(needed_25.EDIT, PTP, lines=["11102", "11301", "99203"])
    assert [item.lines for item in found if item.edit == "modifier-25-needed"] == [(2,)]


def test_a_visit_beside_a_minor_and_a_major_surgery_is_asked_for_57_alone(check: Check) -> None:
    found = check(needed_25.EDIT, needed_57.EDIT, lines=["11102", "27447", "99203"])
    assert [item.edit for item in found if item.state == "fail"] == ["modifier-57-needed"]


def test_a_pharmacy_s_claim_has_no_visits(check: Check) -> None:
    found = check(needed_25.EDIT, unneeded_59.EDIT, kind="pharmacy", lines=["11102", "99203"])
    assert [item.state for item in found if item.state == "fail"] == []


def test_the_fix_of_the_order_keeps_the_other_modifiers_where_they_were(check: Check) -> None:
    claim = shorthand.claim({"lines": [{"code": "73562", "modifiers": ["RT", "59", "26", "GC"]}]})
    (found,) = check(order.EDIT, resource=claim)
    assert found.fix is not None
    mended = patched(claim, found.fix)
    assert [item["coding"][0]["code"] for item in mended["item"][0]["modifier"]] == ["59", "26", "RT", "GC"]
    assert check(order.EDIT, resource=mended) == []


@pytest.mark.parametrize(
    ("dx", "pointers", "states"),
    [
        (["M17.11", "I10"], [1, 2], ["fail"]),
        (["I10", "M17.11"], [1, 2], ["fail"]),
        (["M17.12", "M17.11"], [2, 1], []),
        (["M17.0"], [1], []),
    ],
)
def test_the_side_of_the_line_s_own_diagnoses_counts(
    check: Check, dx: list[str], pointers: list[int], states: list[str]
) -> None:
    found = check(diagnosis_side.EDIT, dx=dx, lines=[{"code": "27447", "modifiers": ["LT"], "dx": pointers}])
    assert [item.state for item in found] == states


def test_the_technical_component_of_a_hospital_s_patient_names_the_place(check: Check) -> None:
    (found,) = check(component.EDIT, medicare=True, place="22", lines=[{"code": "71046", "modifiers": ["TC"]}])
    assert found.expression[-1] == "Claim.item[0].locationCodeableConcept"
    assert ("place", "22") in found.evidence


def test_every_module_of_the_family_is_named_in_it() -> None:
    from fhir_cpt.rules import modifier

    folder = Path(modifier.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if "EDIT = Edit(" in path.read_text("utf-8")}
    assert len(modules) == len(modifier.EDITS)
