from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.ncci.add_on import EDIT
from fhir_cpt.rules.ncci.ptp import EDIT as PTP
from fhir_cpt.rules.procedure import bundled
from terminology import open_release
from terminology.release.build import build

from ..conftest import checker

Check = Callable[..., list[Finding]]
SAMPLE = Path(__file__).parents[4] / "fhir_cpt" / "sample"


def row(
    kind: int, code: str, primary: str, start: str, end: str = "", code_end: str = "", primary_end: str = ""
) -> str:
    return f"{kind}{code}{code_end:7}{primary}{primary_end:7}{start:7}{end:7}".ljust(97)


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """The sample with an add-on table of its own: a type 3 list without a contractor's row, and rows that end."""
    folder = tmp_path_factory.mktemp("add-on")
    table = folder / "AOC_V2026Q4-F-MCR.txt"
    rows = [
        row(3, "97598", "97597", "2013091"),
        row(1, "99292", "99291", "2026092", "2026273"),
        row(1, "17003", "17000", "2013091", code_end="2026273"),
        row(1, "11045", "11042", "2013091"),
        row(1, "11045", "97597", "2013091", primary_end="2026273"),
        row(2, "44955", "CCCCC", "2013091"),
        row(1, "96366", "J1030", "2013091"),
    ]
    table.write_text("".join(f"{line}\r\n" for line in rows), "ascii")
    files = [path for path in SAMPLE.glob("*/*") if not path.name.startswith("AOC")]
    build([str(path) for path in (*files, table)], folder / "release")
    return checker(open_release(folder / "release"))


def test_an_incomplete_list_is_a_warning(dated: Check) -> None:
    found = dated(EDIT, lines=["97598", "99213"])
    assert [(item.state, item.severity, item.lines) for item in found] == [("fail", "warning", (0,))]
    assert dated(EDIT, lines=["97598", "97597"]) == []


@pytest.mark.parametrize(
    ("day", "states"),
    [("2026-04-01", []), ("2026-04-02", ["fail"]), ("2026-09-30", ["fail"]), ("2026-10-01", [])],
)
def test_a_row_speaks_from_its_first_day_to_its_last(dated: Check, day: str, states: list[str]) -> None:
    assert [item.state for item in dated(EDIT, date=day, lines=["99292"])] == states


@pytest.mark.parametrize(("day", "states"), [("2026-09-30", ["fail"]), ("2026-10-01", [])])
def test_an_add_on_that_was_deleted_asks_for_no_primary(dated: Check, day: str, states: list[str]) -> None:
    assert [item.state for item in dated(EDIT, date=day, lines=["17003"])] == states


@pytest.mark.parametrize(("day", "states"), [("2026-09-30", []), ("2026-10-01", ["fail"])])
def test_a_primary_that_was_deleted_accompanies_nothing(dated: Check, day: str, states: list[str]) -> None:
    assert [item.state for item in dated(EDIT, date=day, lines=["11045", "97597"])] == states


def test_contractors_primaries_are_no_data_even_in_a_list_of_type_3(check: Check, dated: Check) -> None:
    for found in (dated(EDIT, lines=["44955"]), check(EDIT, lines=["88311"])):
        assert [(item.state, item.severity, item.carc) for item in found] == [("no-data", "information", ())]
        assert found[0].missing == "contractor's primaries"


def test_the_text_names_the_primaries_and_the_evidence_all_of_them(check: Check) -> None:
    found = check(EDIT, lines=["90833"])
    assert "99202, 99203, 99204, 99205, 99211, 99212 and" in found[0].text
    assert dict(found[0].evidence)["primaries"].count(",") > 30
    assert dict(found[0].evidence)["type"] == "1"


def test_an_add_on_may_be_the_primary_of_another(check: Check) -> None:
    assert [item.lines for item in check(EDIT, lines=["96366"])] == [(0,)]
    assert [item.lines for item in check(EDIT, lines=["96366", "96367"])] == [(1,)]


def test_each_add_on_line_is_told(check: Check) -> None:
    found = check(EDIT, lines=["99292", {"code": "17003", "units": 3}, "99291"])
    assert [item.lines for item in found] == [(1,)]
    assert [item.lines for item in check(EDIT, lines=["99292", "17003"])] == [(0,), (1,)]


def test_a_charge_without_its_primary_is_a_warning(check: Check) -> None:
    charge = shorthand.charge("99292", occurrenceDateTime="2026-10-15")
    assert [(item.severity, item.expression) for item in check(EDIT, resource=charge)] == [
        ("warning", ("ChargeItem.code",))
    ]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["29881", "64483", "64484"], "29881"),
        (["11042", "17000", "17003"], "11042"),
        (["11042", {"code": "17000", "modifiers": ["59"]}, "17003"], None),
        (["11042", {"code": "17000", "date": "2026-10-16"}, {"code": "17003", "date": "2026-10-16"}], None),
        (["11042", "17000", {"code": "17000", "modifiers": ["59"]}, "17003"], None),
        ([{"code": "11042", "provider": "1999999984"}, "17000", "17003"], None),
    ],
)
def test_a_primary_that_an_edit_denies_takes_its_add_on_along(
    check: Check, lines: list[object], named: str | None
) -> None:
    found = check(EDIT, lines=lines)
    assert [item.lines for item in found] == ([] if named is None else [(2,)])
    if named is not None:
        assert f"column 2 of the NCCI edit with {named}" in found[0].text
        assert found[0].expression == ("Claim.item[2].productOrService", "Claim.item[1].productOrService")
        assert found[0].severity == "error"


def test_an_edit_between_the_primary_and_its_own_add_on_denies_no_add_on(dated: Check) -> None:
    assert dated(EDIT, PTP, date="2026-09-30", lines=["11045", "97597"]) != []
    assert dated(EDIT, date="2026-09-30", lines=["11045", "97597"]) == []


def test_a_primary_that_has_ended_takes_its_add_on_along(dated: Check) -> None:
    (found,) = dated(EDIT, lines=["J1030", "96366"])
    assert (found.lines, found.severity) == ((1,), "error")
    assert "J1030 is itself denied (not in force on 2026-10-15)" in found.text
    assert dated(EDIT, date="2024-03-31", lines=["J1030", "96366"]) == []


def test_an_add_on_that_medicare_denies_by_its_status_is_not_told_twice(check: Check) -> None:
    alone = check(EDIT, lines=["99100"], medicare=True)
    assert [item.edit for item in alone] == ["ncci-add-on"]
    both = check(EDIT, bundled.EDIT, lines=["99100"], medicare=True)
    assert [item.edit for item in both] == ["procedure-bundled"]
