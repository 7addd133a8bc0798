"""NCCI add-on code edits: the flat file's columns and the table's headers, one quirk a test."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import AddOnEdit
from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.addon import IMPORTERS, AddOnImporter
from terminology.importers.source import Batch, Member
from terminology.model import Edition
from terminology.period import LAST_DAY, from_date, to_date

NAME = "AOC_V2024Q3-F-MCR.txt"
HEADER_2026 = (
    "AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
    "AOC_Edit_DelDT", "Special_Instruction_Notes",
)  # fmt: skip
HEADER_2024 = (
    "AOC_EDIT_TYPE", "ADD_ON_CODE", "AOC_DEL_DT (Julian)", "PRIMARY_CODE", "PRIMARY_CODE_DEL_DT (Julian)",
    "AOC_EDIT_EFF_DT (Julian)", "AOC_EDIT_DEL_DT (Julian)", "SPECIAL INSTRUCTION/NOTES",
)  # fmt: skip


def flat(kind: str, code: str, primary: str, start: str, *, code_end: str = "", primary_end: str = "", end: str = "",
         note: str = "") -> str:  # fmt: skip
    return f"{kind}{code}{code_end:7}{primary}{primary_end:7}{start:7}{end:7}{note:58}"


def saved(folder: Path, data: bytes, name: str = NAME, version: str = "") -> Member:
    (folder / name).write_bytes(data)
    return Member(folder / name, version=version)


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\r\n" for row in rows).encode("latin-1")


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(source: Member) -> Batch:
    (batch,) = AddOnImporter().read(source)
    return batch


ROW = flat("1", "11045", "11042", "2024092")


def test_the_flat_file_s_columns_are_told_by_position(tmp_path: Path) -> None:
    row = flat(
        "1", "0071U", "0070U", "2013091", code_end="2025365", primary_end="2024366", end="2024182", note=" a note "
    )
    assert len(row) == 97
    source = saved(tmp_path, lines(row))
    assert AddOnImporter().recognise(source)
    assert read(source).records == [
        AddOnEdit(1, "0071U", "0070U", 20130401, 20240630, 20251231, 20241231, "a note"),
    ]


def test_blank_dates_are_open(tmp_path: Path) -> None:
    assert read(saved(tmp_path, lines(ROW))).records == [
        AddOnEdit(1, "11045", "11042", 20240401, LAST_DAY, LAST_DAY, LAST_DAY, "")
    ]


@pytest.mark.parametrize(("ordinal", "day"), [("2026091", 20260401), ("2024091", 20240331), ("2024366", 20241231)])
def test_dates_count_the_day_within_the_year(tmp_path: Path, ordinal: str, day: int) -> None:
    assert read(saved(tmp_path, lines(flat("1", "11045", "11042", ordinal)))).records[0].start == day


@pytest.mark.parametrize("kind", ["2", "3"])
def test_primaries_that_the_contractor_defines_occur_in_type_2_and_in_type_3(tmp_path: Path, kind: str) -> None:
    row = read(saved(tmp_path, lines(flat(kind, "0054T", "CCCCC", "2013091")))).records[0]
    assert (row.type, row.code, row.primary) == (int(kind), "0054T", None)


def test_a_type_3_code_has_listed_primaries_beside_those_of_the_contractor(tmp_path: Path) -> None:
    rows = read(saved(tmp_path, lines(flat("3", "96376", "96374", "2013091"), flat("3", "96376", "CCCCC", "2013091"))))
    assert [row.primary for row in rows.records] == ["96374", None]


def test_lines_cut_after_their_last_character_are_taken(tmp_path: Path) -> None:
    source = saved(tmp_path, lines(ROW.rstrip(), ROW))
    assert AddOnImporter().recognise(source)
    first, second = read(source).records
    assert first == second


def test_lf_line_ends_and_a_last_line_without_one_are_taken(tmp_path: Path) -> None:
    source = saved(tmp_path, f"{ROW}\n{ROW}".encode())
    assert AddOnImporter().recognise(source)
    assert len(read(source).records) == 2


def test_the_edition_is_the_quarter_in_the_name_and_rows_carry_their_days(tmp_path: Path) -> None:
    assert read(saved(tmp_path, lines(ROW))).edition == Edition("addon", "2024q3", 20240701, 20240930, "rows")


def test_without_a_quarter_in_the_name_the_edition_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(EditionUnknown):
        read(saved(tmp_path, lines(ROW), "AOC.txt"))
    assert read(saved(tmp_path, lines(ROW), "AOC.txt", "2025q4")).edition.version == "2025q4"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (flat("4", "11045", "11042", "2024092"), "'4' is not a type of add-on edit"),
        (flat("1", "1104 ", "11042", "2024092"), "'1104' is not a code"),
        (flat("1", "11045", "     ", "2024092"), "'' is not a code"),
        (flat("1", "CCCCC", "11042", "2024092"), "CCCCC stands in the column of the add-on code"),
        (flat("1", "11045", "11042", "2023366"), "'2023366': the year has no day 366"),
        (flat("1", "11045", "11042", "2024000"), "2024000"),
        (flat("1", "11045", "11042", "20240 1"), "'20240 1' is not a date of the form YYYYDDD"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    batch = read(saved(tmp_path, lines(ROW, ROW, ROW, row, "", ROW)))
    ((line, why),) = batch.refused
    assert line == 4
    assert reason in why
    assert (len(batch.records), batch.rows_read) == (4, 5)


@pytest.mark.parametrize("header", [HEADER_2024, HEADER_2026])
def test_both_spellings_of_the_workbook_s_header_are_read(tmp_path: Path, header: tuple[str, ...]) -> None:
    data = workbook(
        ("An invented notice",),
        header,
        ("1", "0071U", None, "0070U", "2024366", "2013091", None, "a note"),
        (3, 100, None, "CCCCC", None, 2013091, 2024182, None),
    )
    source = saved(tmp_path, data, "AOC_V2024Q3-MCR.xlsx")
    assert AddOnImporter().recognise(source)
    assert read(source).records == [
        AddOnEdit(1, "0071U", "0070U", 20130401, primary_end=20241231, note="a note"),
        AddOnEdit(3, "00100", None, 20130401, 20240630),
    ]


def test_a_cell_that_excel_made_a_date_of_is_that_day(tmp_path: Path) -> None:
    row = ("1", "11045", None, "11042", None, dt.datetime(2013, 4, 1), None, None)
    assert read(saved(tmp_path, workbook(HEADER_2026, row), "AOC_V2024Q3-MCR.xlsx")).records[0].start == 20130401


def test_the_tab_separated_twin_is_read_like_the_workbook(tmp_path: Path) -> None:
    rows = (
        "An invented notice",
        "\t".join(HEADER_2024),
        "2\t0054T\t\tCCCCC\t\t2013091\t\ta note",
        "1\t11045\t\t11042\t\t2013091",
    )
    source = saved(tmp_path, lines(*rows), "AOC_V2024Q3-MCR.txt")
    assert AddOnImporter().recognise(source)
    assert read(source).records == [
        AddOnEdit(2, "0054T", None, 20130401, note="a note"),
        AddOnEdit(1, "11045", "11042", 20130401),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"10021\t36000\t\t20200101\t*\t1\tReason\r\n",
        b"00001 A00     0 Text\r\n",
        b"Add-On_Code\tPrimary_Code\r\n",
    ],
)
def test_other_content_is_not_recognised(tmp_path: Path, data: bytes) -> None:
    assert not AddOnImporter().recognise(saved(tmp_path, data))


def test_a_file_without_edits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="it holds no add-on code edits"):
        read(saved(tmp_path, lines("\t".join(HEADER_2024))))


def test_the_module_offers_its_importer() -> None:
    assert [importer.name for importer in IMPORTERS] == ["NCCI add-on code edits (AOC)"]


codes = st.from_regex(r"[0-9A-Z]{5}", fullmatch=True).filter(lambda code: code != "CCCCC")
days = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 30)).map(from_date)
ends = days | st.just(LAST_DAY)
notes = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=58).map(str.strip)
edits = st.builds(
    AddOnEdit,
    type=st.sampled_from((1, 2, 3)),
    code=codes,
    primary=st.none() | codes,
    start=days,
    end=ends,
    code_end=ends,
    primary_end=ends,
    note=notes,
)


@given(st.lists(edits, min_size=1, max_size=8))
def test_rows_written_in_the_flat_layout_are_read_back(rows: list[AddOnEdit]) -> None:
    def ordinal(day: int) -> str:
        return "" if day == LAST_DAY else f"{to_date(day):%Y%j}"

    written = [
        flat(
            str(row.type), row.code, row.primary or "CCCCC", ordinal(row.start), code_end=ordinal(row.code_end),
            primary_end=ordinal(row.primary_end), end=ordinal(row.end), note=row.note,
        )
        for row in rows
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        source = saved(Path(folder), lines(*written))
        assert AddOnImporter().recognise(source)
        assert read(source).records == rows


@pytest.mark.realdata
def test_every_row_of_the_third_quarter_of_2024_is_taken(shared: Path) -> None:
    source = Member(shared / "data" / "ncci_aoc" / "AOC_V2024Q3-F-MCR.txt")
    assert AddOnImporter().recognise(source)
    batch = read(source)
    assert (batch.edition.version, batch.refused, batch.rows_read) == ("2024q3", [], 7_465)
    assert Counter(row.type for row in batch.records) == {1: 6_860, 2: 36, 3: 569}
    assert Counter(row.type for row in batch.records if row.primary is None) == {2: 36, 3: 8}
