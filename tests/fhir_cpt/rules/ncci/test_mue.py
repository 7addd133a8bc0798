from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.ncci import EDITS, mue_date, mue_line, units
from fhir_cpt.rules.procedure import bundled, not_covered, not_valid_for_payer

Check = Callable[..., list[Finding]]


def line(code: str, count: float | None = None, *modifiers: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "modifiers": list(modifiers), **({} if count is None else {"units": count}), **more}


def test_the_evidence_is_the_row_and_the_units_counted(check: Check) -> None:
    found = check(mue_date.EDIT, lines=[line("20610", 3)])
    assert dict(found[0].evidence) == {
        "code": "20610",
        "value": "2",
        "mai": "3",
        "rationale": "Clinical: Data",
        "units": "3",
        "needs-documentation": "true",
    }
    assert found[0].expression == ("Claim.item[0].quantity",)
    assert found[0].edition is not None
    assert (found[0].edition.table, found[0].edition.version) == ("mue-practitioner", "2026q4")


def test_a_line_without_units_is_named_as_a_whole(check: Check) -> None:
    found = check(mue_date.EDIT, lines=["27447", line("27447", 1, "76")])
    assert [item.expression for item in found] == [("Claim.item[0]", "Claim.item[1].quantity")]


def test_an_absolute_limit_says_so_and_a_clinical_one_names_the_appeal(check: Check) -> None:
    absolute, clinical = check(mue_date.EDIT, lines=[line("27447", 2), line("20610", 3)])
    assert "absolute" in absolute.text
    assert dict(absolute.evidence)["needs-documentation"] == "false"
    assert "appeal" in clinical.text
    assert {absolute.severity, clinical.severity} == {"error"}


def test_each_day_is_told_once_and_the_lines_of_other_days_are_left_out(check: Check) -> None:
    lines = [
        line("20610", 2),
        line("20610", 1, "76"),
        line("20610", 2, date="2026-10-16"),
        line("20610", 2, "76", date="2026-10-17"),
        line("20610", 1, "77", date="2026-10-17"),
    ]
    assert [item.lines for item in check(mue_date.EDIT, lines=lines)] == [(0, 1), (3, 4)]


def test_lines_of_each_line_limit_are_told_one_by_one(check: Check) -> None:
    lines = [line("A0425", 300), line("A0425", 250, "76"), line("A0425", 251, "77")]
    assert [item.lines for item in check(mue_line.EDIT, lines=lines)] == [(0,), (2,)]


def test_units_below_nothing_take_nothing_off_the_sum(check: Check) -> None:
    assert [item.lines for item in check(mue_date.EDIT, lines=[line("20610", 3), line("20610", -2)])] == [(0, 1)]


@pytest.mark.parametrize(("medicare", "states"), [(False, []), (True, ["fail", "fail"])])
def test_a_limit_of_nought_by_policy_speaks_for_medicare_alone(check: Check, medicare: bool, states: list[str]) -> None:
    found = check(mue_date.EDIT, lines=["99396", "E0601"], medicare=medicare)
    assert [item.state for item in found] == states


def test_the_setting_chooses_the_limits(check: Check) -> None:
    assert check(mue_date.EDIT, lines=[line("A4253", 1)], setting="dme", medicare=True) == []
    found = check(mue_date.EDIT, lines=[line("A4253", 1)], setting="practitioner", medicare=True)
    assert [item.state for item in found] == ["fail"]


def test_a_charge_is_counted_by_its_quantity(check: Check) -> None:
    charge = shorthand.charge("20610", occurrenceDateTime="2026-10-15", quantity={"value": 3})
    assert [item.expression for item in check(mue_date.EDIT, resource=charge)] == [("ChargeItem.quantity",)]


@pytest.mark.parametrize(("value", "text"), [(3, "3"), (2.5, "2.5"), (1e6, "1000000"), (0.1, "0.1"), (250.1, "250.1")])
def test_units_are_shown_without_a_needless_fraction(value: float, text: str) -> None:
    assert units.shown(value) == text


def sides(code: str, place: str = "11") -> list[dict[str, Any]]:
    return [line(code, 1, side, place=place) for side in ("RT", "LT")]


def test_both_sides_on_two_lines_are_to_be_one_line_with_modifier_50(check: Check) -> None:
    (found,) = check(mue_date.EDIT, lines=sides("66984"))
    assert "modifier 50" in found.text
    assert "At most 1 unit of" in found.text
    (other,) = check(mue_date.EDIT, lines=sides("43239"))
    assert "modifier 50" not in other.text


def test_a_surgery_centre_has_the_double_limit_for_both_sides(check: Check) -> None:
    assert check(mue_date.EDIT, lines=sides("66984", "24")) == []
    third = [*sides("66984", "24"), line("66984", 1, "LT", place="24")]
    (found,) = check(mue_date.EDIT, lines=third)
    assert "At most 2 units of" in found.text
    same = [line("66984", 1, "LT", place="24"), line("66984", 1, "LT", place="24")]
    assert [item.state for item in check(mue_date.EDIT, lines=same)] == ["fail"]
    assert [item.state for item in check(mue_date.EDIT, lines=sides("43239", "24"))] == ["fail"]


def test_a_surgery_centre_without_a_fee_schedule_of_the_day_is_no_data(check: Check) -> None:
    found = check(mue_date.EDIT, date="2026-09-15", lines=sides("66984", "24"))
    assert [(item.state, item.missing) for item in found] == [("no-data", "pfs")]
    (other,) = check(mue_date.EDIT, date="2026-09-15", lines=sides("66984"))
    assert other.state == "fail"
    assert "if the service may be bilateral" in other.text


def test_a_limit_of_nought_says_what_to_do_and_is_told_of_each_line(check: Check) -> None:
    found = check(mue_date.EDIT, lines=["99396", "99396"], medicare=True)
    assert [item.lines for item in found] == [(0,), (1,)]
    assert "take the line off, or bill the payer that does" in found[0].text
    (other,) = check(mue_date.EDIT, lines=["A9270"], setting="dme")
    assert "At most" not in other.text


@pytest.mark.parametrize("code", ["A4550", "99396"])
def test_a_limit_of_nought_is_silent_where_the_status_says_why(check: Check, code: str) -> None:
    found = check(*EDITS, bundled.EDIT, not_covered.EDIT, not_valid_for_payer.EDIT, lines=[code], medicare=True)
    assert [item.edit.split("-")[0] for item in found] == ["procedure"]


def test_each_start_of_a_span_counts_the_lines_that_cover_it(check: Check) -> None:
    lines = [
        line("20610", 6, date="2026-10-14/2026-10-16"),
        line("20610", 1, "76", date="2026-10-15"),
        line("20610", 2, "77", date="2026-10-17"),
    ]
    assert [item.lines for item in check(mue_date.EDIT, lines=lines)] == [(0, 1)]


def supplier(found: list[Finding]) -> list[Finding]:
    return [item for item in found if item.missing == "setting"]


def test_a_claim_of_equipment_alone_is_told_of_the_suppliers_limits(check: Check) -> None:
    (found,) = supplier(check(mue_date.EDIT, lines=["E0260", "K0001", "A4253"]))
    assert (found.state, found.severity) == ("no-data", "information")
    assert "setting=dme" in found.text


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({}, ["J3301", "96372"]),
        ({}, ["99213", "A4550"]),
        ({}, ["A0425"]),
        ({"setting": "dme"}, ["E0260"]),
        ({"setting": "practitioner"}, ["E0260"]),
        ({"kind": "institutional"}, ["E0260"]),
    ],
)
def test_no_other_claim_is_told_of_the_suppliers_limits(check: Check, given: dict[str, Any], lines: list[str]) -> None:
    assert supplier(check(mue_date.EDIT, lines=lines, **given)) == []
