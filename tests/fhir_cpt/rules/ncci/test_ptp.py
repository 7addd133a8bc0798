from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.lines import read_code
from fhir_cpt.claims.model import Line
from fhir_cpt.rules.ncci.ptp import EDIT
from fhir_cpt.rules.ncci.separation import separating

Check = Callable[..., list[Finding]]


def modified(code: str, *modifiers: str) -> dict[str, Any]:
    return {"code": code, "modifiers": list(modifiers)}


def test_the_line_that_is_denied_comes_first_and_the_row_is_the_evidence(check: Check) -> None:
    found = check(EDIT, lines=["99213", "20610"])
    assert [(item.lines, item.expression) for item in found] == [
        ((0, 1), ("Claim.item[0].productOrService", "Claim.item[1].productOrService"))
    ]
    evidence = dict(found[0].evidence)
    assert (evidence["column1"], evidence["column2"], evidence["indicator"]) == ("20610", "99213", "1")
    assert (evidence["start"], evidence["end"]) == ("2020-01-01", "open")
    assert found[0].edition is not None
    assert found[0].edition.version == "2026q4"


@pytest.mark.parametrize(
    ("one", "two", "state"),
    [
        (modified("29881"), modified("20605", "59"), "bypassed"),
        (modified("29881", "59"), modified("20605"), "bypassed"),
        (modified("29881", "RT"), modified("20605", "LT"), "bypassed"),
        (modified("29881"), modified("20605", "76"), "fail"),
        (modified("29881"), modified("20605", "77"), "fail"),
        (modified("29881"), modified("20605", "50"), "fail"),
        (modified("29881"), modified("20605", "25"), "fail"),
        (modified("29881"), modified("20605", "78"), "bypassed"),
        (modified("29881"), modified("20605", "79"), "bypassed"),
        (modified("29881"), modified("20605", "XU"), "bypassed"),
        (modified("20610"), modified("99213", "24"), "bypassed"),
        (modified("20610"), modified("99213", "57"), "bypassed"),
        (modified("20610"), modified("99213", "79"), "fail"),
        (modified("29881"), modified("29877", "59"), "fail"),
        (modified("29881", "LT"), modified("29877", "RT"), "fail"),
    ],
)
def test_a_modifier_lifts_what_it_speaks_of(check: Check, one: dict[str, Any], two: dict[str, Any], state: str) -> None:
    assert [item.state for item in check(EDIT, lines=[one, two])] == [state]


def test_the_same_site_on_both_lines_lifts_the_edit_with_a_word_of_doubt(check: Check) -> None:
    same = check(EDIT, lines=[modified("29881", "LT"), modified("20605", "LT")])
    other = check(EDIT, lines=[modified("29881", "LT"), modified("20605", "RT")])
    assert [item.state for item in (*same, *other)] == ["bypassed", "bypassed"]
    assert "same site" in same[0].text
    assert "same site" not in other[0].text


def test_a_lifted_edit_carries_no_reason_for_denial(check: Check) -> None:
    found = check(EDIT, lines=["20610", modified("99213", "25")])
    assert [(item.severity, item.carc, item.disposition) for item in found] == [("information", (), "inform")]


def test_every_line_of_the_second_code_is_named(check: Check) -> None:
    found = check(EDIT, lines=["20610", "99213", modified("99213", "25"), modified("99213", "76")])
    assert [(item.lines, item.state) for item in found] == [
        ((1, 0), "fail"),
        ((2, 0), "bypassed"),
        ((3, 0), "fail"),
    ]


def test_a_code_is_not_bundled_with_itself(check: Check) -> None:
    assert check(EDIT, lines=["20610", "20610"]) == []


def test_only_the_tables_of_the_setting_speak(check: Check) -> None:
    assert check(EDIT, lines=["20610", "99213"], setting="dme") == []
    found = check(EDIT, lines=["29881", "29877"], kind="institutional")
    assert [item.edition and item.edition.table for item in found] == ["ptp-hospital"]


@pytest.mark.parametrize(
    ("lines", "modifier", "line"),
    [
        (["20610", "99213"], "25", 1),
        (["27447", "99213"], "57", 1),
        (["29881", "20605"], "59", 1),
        (["99291", "99283"], "25", 1),
    ],
)
def test_the_fix_is_the_modifier_that_tells_the_two_apart(
    check: Check, lines: list[str], modifier: str, line: int
) -> None:
    found = check(EDIT, lines=lines)
    assert len(found) == 1
    fix = found[0].fix
    assert fix is not None
    assert fix.documentation
    assert [(change.type, change.path, change.name) for change in fix.changes] == [
        ("add", f"Claim.item[{line}]", "modifier")
    ]
    assert fix.changes[0].value["coding"][0]["code"] == modifier


def test_an_edit_that_nothing_lifts_has_no_fix(check: Check) -> None:
    assert [item.fix for item in check(EDIT, lines=["29881", "29877"])] == [None]


def test_a_charge_has_no_modifiers_and_its_code_becomes_an_expression() -> None:
    lines = [Line("ChargeItem", 0), Line("ChargeItem", 1)]
    for line, code in zip(lines, ("29881:LT", "20605:LT"), strict=True):
        line.is_charge_item = True
        read_code(line, shorthand.charge(code)["code"])
    _, fix = separating(lines[0], lines[1], "practitioner")
    assert fix is not None
    change = fix.changes[0]
    assert (change.type, change.path, change.value) == ("replace", "ChargeItem.code.coding[0].code", "20605:LT:59")


@pytest.mark.parametrize(
    ("one", "two", "carrier"),
    [
        (modified("29881"), modified("20605", "RT"), "modifier RT on 20605"),
        (modified("29881", "LT"), modified("20605"), "modifier LT on 29881"),
        (modified("29881"), modified("20605", "59"), "modifier 59 on 20605"),
    ],
)
def test_the_line_that_carries_the_modifier_is_named(
    check: Check, one: dict[str, Any], two: dict[str, Any], carrier: str
) -> None:
    (found,) = check(EDIT, lines=[one, two])
    assert carrier in found.text
    assert ("names no site" in found.text) is ("59" not in carrier)


def test_two_sites_on_two_lines_leave_no_doubt(check: Check) -> None:
    (found,) = check(EDIT, lines=[modified("29881", "LT"), modified("20605", "RT")])
    assert "names no site" not in found.text


def test_the_same_fix_is_given_once(check: Check) -> None:
    found = check(EDIT, lines=["20610", "11042", "99213"])
    visit = [item for item in found if item.lines[0] == 2]
    assert len(visit) == 2
    assert [item.fix is None for item in visit] == [False, True]
    assert "add 25 to it" in visit[1].text


def test_a_line_is_told_once_of_each_column_1_code(check: Check) -> None:
    found = check(EDIT, lines=[modified("20610", "LT"), "20610", modified("20610", "76"), "99213", "99213"])
    assert [item.lines for item in found] == [(3, 1), (4, 1)] or [item.lines for item in found] == [(3, 0), (4, 0)]


def test_a_column_1_line_without_a_modifier_decides_where_another_has_one(check: Check) -> None:
    found = check(EDIT, lines=[modified("29881", "59"), "29881", "20605"])
    assert [(item.lines, item.state) for item in found] == [((2, 1), "fail")]


def test_a_line_without_room_for_a_modifier_is_told_what_it_needs_and_offered_no_patch(check: Check) -> None:
    full = modified("20605", "GC", "Q6", "CR", "52")
    (finding,) = check(EDIT, lines=["29881", full])
    assert finding.state == "fail"
    assert finding.fix is None
