from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.ncci import mue_date, mue_line, units

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
    assert len(check(mue_date.EDIT, lines=[line("A4253", 1)], medicare=True)) == 1


def test_a_charge_is_counted_by_its_quantity(check: Check) -> None:
    charge = shorthand.charge("20610", occurrenceDateTime="2026-10-15", quantity={"value": 3})
    assert [item.expression for item in check(mue_date.EDIT, resource=charge)] == [("ChargeItem.quantity",)]


@pytest.mark.parametrize(("value", "text"), [(3, "3"), (2.5, "2.5"), (1e6, "1000000"), (0.1, "0.1"), (250.1, "250.1")])
def test_units_are_shown_without_a_needless_fraction(value: float, text: str) -> None:
    assert units.shown(value) == text
