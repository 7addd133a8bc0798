from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import PtpColumns, PtpEdit
from terminology.errors import ReleaseError
from terminology.release import ptp
from terminology.release.ptp import PtpHit, PtpReader

CODES = ("11111", "22222", "33333", "A4444", "0005U")
DAYS = (20231231, 20240101, 20240331, 20240401, 20240630, 20240701, 99991231)
EDITS = st.builds(
    PtpEdit,
    st.sampled_from(CODES),
    st.sampled_from(CODES),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from((0, 1, 9)),
    st.sampled_from(("Roses", "Tulips")),
    st.booleans(),
)


def columns(edits) -> PtpColumns:
    """The edits as an importer gives them, codes in order of appearance."""
    made = PtpColumns()
    for edit in edits:
        for text, texts, places in (
            (edit.column1, made.codes, made.column1),
            (edit.column2, made.codes, made.column2),
            (edit.rationale, made.rationales, made.rationale),
        ):
            if text not in texts:
                texts.append(text)
            places.append(texts.index(text))
        made.start.append(edit.start)
        made.end.append(edit.end)
        made.indicator.append(edit.indicator)
        made.prior_to_1996.append(edit.prior_to_1996)
    return made


def applies(edit: PtpEdit) -> bool:
    """Whether the row was in force on any day."""
    return edit.indicator != 9 and edit.end > edit.start and edit.column1 != edit.column2


@pytest.fixture
def reader(tmp_path):
    def make(*parts):
        ptp.write(tmp_path / "ptp", [columns(part) for part in parts])
        return PtpReader(tmp_path / "ptp")

    return make


@given(st.lists(st.lists(EDITS, max_size=12), min_size=1, max_size=3), st.sampled_from(DAYS), st.data())
def test_the_table_answers_as_a_list_of_its_rows_does(tmp_path_factory, parts, day, data):
    path = tmp_path_factory.mktemp("ptp") / "ptp"
    rows = [row for part in parts for row in part]
    assert ptp.write(path, [columns(part) for part in parts]) == len(rows)
    table = PtpReader(path)
    assert len(table) == len(rows)
    assert list(table) == sorted({code for row in rows for code in (row.column1, row.column2)})

    by_start = sorted(rows, key=lambda row: row.start)

    def windows(one, two):
        return [row for row in by_start if (row.column1, row.column2) == (one, two)]

    def in_force(one, two):
        return next((row for row in windows(one, two) if applies(row) and row.start <= day <= row.end), None)

    for one in CODES:
        assert (one in table) == any(one in (row.column1, row.column2) for row in rows)
        partners = [row for two in sorted(CODES) for row in windows(one, two) if applies(row)]
        assert list(table.partners(one, day)) == [row for row in partners if row.start <= day <= row.end]
        bundlers = [row for two in sorted(CODES) for row in windows(two, one) if applies(row)]
        assert list(table.bundlers(one, day)) == [row for row in bundlers if row.start <= day <= row.end]
        for two in CODES:
            assert table.windows(one, two) == windows(one, two)
            assert table.edit(one, two, day) == in_force(one, two)

    asked = data.draw(st.lists(st.sampled_from((*CODES, "99999")), max_size=6))
    ordered = [(at, to) for at in range(len(asked)) for to in range(len(asked))]
    assert table.pairs(asked) == [(at, to) for at, to in ordered if any(map(applies, windows(asked[at], asked[to])))]
    assert table.edits(asked, day) == [
        PtpHit(at, to, edit) for at, to in ordered if (edit := in_force(asked[at], asked[to]))
    ]


@pytest.mark.parametrize(
    ("day", "expected"), [(20231231, False), (20240101, True), (20240630, True), (20240701, False)]
)
def test_an_edit_holds_from_its_first_day_to_its_last(reader, day, expected):
    table = reader([PtpEdit("11111", "22222", 20240101, 20240630, 1, "Roses")])
    assert (table.edit("11111", "22222", day) is not None) is expected
    assert bool(table.edits(["11111", "22222"], day)) is expected


def test_of_several_windows_the_one_that_holds_the_day_answers(reader):
    first = PtpEdit("11111", "22222", 20230101, 20230630, 0, "Roses")
    second = PtpEdit("11111", "22222", 20240101, 99991231, 1, "Tulips", True)
    table = reader([second, first])
    assert table.edit("11111", "22222", 20230630) == first
    assert table.edit("11111", "22222", 20230701) is None
    assert table.edit("11111", "22222", 20240101) == second
    assert table.windows("11111", "22222") == [first, second]


def test_the_order_of_the_codes_asked_about_does_not_matter_but_the_columns_are_told_apart(reader):
    table = reader([PtpEdit("11111", "22222", 20240101, 99991231, 1, "Roses")])
    assert [hit[:2] for hit in table.edits(["11111", "22222"], 20240815)] == [(0, 1)]
    assert [hit[:2] for hit in table.edits(["22222", "11111"], 20240815)] == [(1, 0)]
    assert table.edit("22222", "11111", 20240815) is None


def test_edits_in_both_orders_are_both_given(reader):
    rows = [PtpEdit(one, two, 20240101, 99991231, 0, "Roses") for one, two in (CODES[:2], CODES[1::-1])]
    assert [hit.edit for hit in reader(rows).edits(list(CODES[:2]), 20240815)] == rows


@pytest.mark.parametrize(
    "row",
    [
        PtpEdit("11111", "22222", 20240101, 20240630, 9, "Roses"),
        PtpEdit("11111", "22222", 20240101, 20240101, 1, "Roses"),
        PtpEdit("11111", "22222", 20240101, 20231231, 1, "Roses"),
    ],
    ids=["indicator 9", "ends as it begins", "ends before it begins"],
)
def test_an_edit_that_never_applied_is_kept_but_answers_for_no_day(reader, row):
    table = reader([row])
    assert table.windows("11111", "22222") == [row]
    assert table.pairs(["11111", "22222"]) == []
    assert [table.edit("11111", "22222", day) for day in DAYS] == [None] * len(DAYS)


def test_a_code_that_is_given_twice_is_not_bundled_with_itself(reader):
    table = reader(
        [
            PtpEdit("11111", "11111", 20240101, 99991231, 0, "Roses"),
            PtpEdit("11111", "22222", 20240101, 99991231, 0, "Roses"),
        ]
    )
    assert table.edits(["11111", "11111"], 20240815) == []
    assert table.edit("11111", "11111", 20240815) is None
    assert [hit[:2] for hit in table.edits(["11111", "22222", "11111"], 20240815)] == [(0, 1), (2, 1)]


def test_the_parts_of_an_edition_are_one_table(reader):
    parts = [[PtpEdit("22222", code, 20240101, 99991231, 1, text)] for code, text in (("A4444", "a"), ("11111", "b"))]
    assert [edit.rationale for edit in reader(*parts).partners("22222", 20240815)] == ["b", "a"]


def test_more_rationales_than_there_is_room_for_are_refused(tmp_path):
    rows = [PtpEdit("11111", "22222", day, day + 1, 0, str(day)) for day in range(20240101, 20240101 + 33)]
    with pytest.raises(ReleaseError, match="33 rationales are too many"):
        ptp.write(tmp_path / "ptp", [columns(rows)])


def test_more_codes_than_there_is_room_for_are_refused(tmp_path):
    many = PtpColumns([f"{number:05}" for number in range(1 << 16)], [], array("H"))
    with pytest.raises(ReleaseError, match="65536 codes"):
        ptp.write(tmp_path / "ptp", [many])
