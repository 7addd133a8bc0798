"""NCCI medically unlikely edits: the quirks of CMS's tables, one a test."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import Mue
from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.mue import IMPORTERS, MueImporter
from terminology.importers.source import REFUSAL_LIMIT, Batch, Member
from terminology.model import Edition

NAME = "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"
NOTICE = '"An invented notice.\r\n\r\nCPT\xae is a mark.\r\n\r\nIt says ""as is"", over several lines.",,,\r\n'
LINES_BEFORE = 7


def header(setting: str = "Practitioner Services") -> str:
    return f'"HCPCS/\r\nCPT Code",{setting} MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'


def content(*rows: str, setting: str = "Practitioner Services") -> bytes:
    return (NOTICE + header(setting) + "".join(f"{row}\r\n" for row in rows)).encode("latin-1")


def saved(folder: Path, data: bytes, name: str = NAME, version: str = "") -> Member:
    (folder / name).write_bytes(data)
    return Member(folder / name, version=version)


def read(source: Member) -> Batch:
    (batch,) = MueImporter().read(source)
    return batch


ROW = "99213,2,3 Date of Service Edit: Clinical,Invented reason"


def test_a_row_is_taken_after_a_notice_and_a_header_of_several_lines(tmp_path: Path) -> None:
    source = saved(tmp_path, content(ROW))
    batch = read(source)
    assert MueImporter().recognise(source)
    assert batch.records == [Mue("99213", 2, 3, "Invented reason")]
    assert (batch.rows_read, batch.refused) == (1, [])


def test_the_notice_holds_a_latin_1_sign_that_is_no_utf_8() -> None:
    with pytest.raises(UnicodeDecodeError):
        content(ROW).decode("utf-8")


def test_the_edition_is_a_snapshot_of_the_quarter_in_the_name(tmp_path: Path) -> None:
    assert read(saved(tmp_path, content(ROW))).edition == Edition(
        "mue-practitioner", "2024q3", 20240701, 20240930, "snapshot"
    )


@pytest.mark.parametrize(
    ("setting", "table"),
    [
        ("Practitioner Services", "mue-practitioner"),
        ("Outpatient Hospital Services", "mue-hospital"),
        ("DME Supplier Services", "mue-dme"),
    ],
)
def test_the_header_says_which_setting_whatever_the_name_says(tmp_path: Path, setting: str, table: str) -> None:
    source = saved(tmp_path, content(ROW, setting=setting))
    assert MueImporter().recognise(source)
    assert read(source).edition.table == table


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("MCR_MUE_DMESupplierServices_Eff_04-01-2024.csv", "2024q2"),
        ("medicare-ncci-2026-q1-practitioner-services-mue-table.csv", "2026q1"),
    ],
)
def test_the_quarter_comes_from_the_day_or_the_quarter_in_the_name(tmp_path: Path, name: str, version: str) -> None:
    assert read(saved(tmp_path, content(ROW), name)).edition.version == version


def test_without_a_quarter_in_the_name_the_edition_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(EditionUnknown, match=r"mue.csv: the quarter is neither"):
        read(saved(tmp_path, content(ROW), "mue.csv"))
    assert read(saved(tmp_path, content(ROW), "mue.csv", "2025q4")).edition.version == "2025q4"


def test_the_value_0_is_kept(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content("A4206,0,3 Date of Service Edit: Clinical,Invented reason")))
    assert batch.records == [Mue("A4206", 0, 3, "Invented reason")]


def test_a_semicolon_in_the_rationale_does_not_part_it(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content("J8999,0,3 Date of Service Edit: Clinical,Oral Medication; Not Payable")))
    assert batch.records[0].rationale == "Oral Medication; Not Payable"


@pytest.mark.parametrize(
    ("cell", "indicator"),
    [("1 Line Edit", 1), ("2 Date of Service Edit: Policy", 2), ("3 Date of Service Edit: Clinical", 3), ("3", 3)],
)
def test_the_indicator_is_the_digit_before_its_label(tmp_path: Path, cell: str, indicator: int) -> None:
    assert read(saved(tmp_path, content(f"99213,2,{cell},Reason"))).records[0].mai == indicator


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9921,2,1 Line Edit,Reason", "'9921' is not a code of five letters and digits"),
        ("99214,two,1 Line Edit,Reason", "99214: the value 'two' is not a whole number"),
        ("99214,-1,1 Line Edit,Reason", "99214: the value '-1' is not a whole number"),
        ("99214,,1 Line Edit,Reason", "99214: the value '' is not a whole number"),
        ("99214,2,Line Edit,Reason", "99214: 'Line Edit' does not start with an adjudication indicator"),
        ("99214,2,12 Line Edit,Reason", "99214: '12 Line Edit' does not start"),
        ("99214,2,1 Line Edit", "3 columns, not 4"),
        ("99214,2,1 Line Edit,Reason,more", "5 columns, not 4"),
        (ROW, "a second row of 99213"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    batch = read(saved(tmp_path, content(ROW, row, "99215,1,1 Line Edit,Reason")))
    ((line, why),) = batch.refused
    assert line == LINES_BEFORE + 2
    assert reason in why
    assert [record.code for record in batch.records] == ["99213", "99215"]
    assert batch.rows_read == 3


def test_a_quote_that_is_not_closed_does_not_swallow_rows_silently(tmp_path: Path) -> None:
    rows = ('99214,2,1 Line Edit,"Reason', "99215,1,1 Line Edit,Reason", "99216,1,1 Line Edit,Reason")
    with pytest.raises(SourceRefused, match="is a quote not closed"):
        read(saved(tmp_path, content(ROW, *rows)))


def test_a_field_beyond_csv_s_limit_is_refused_with_the_file_s_name(tmp_path: Path) -> None:
    rows = [f"{number:05},1,1 Line Edit,Reason" for number in range(700_000)]
    with pytest.raises(SourceRefused, match=rf"{NAME}: is not readable as CSV"):
        read(saved(tmp_path, content('99214,2,1 Line Edit,"Reason', *rows)))


def test_a_file_of_mostly_bad_rows_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="more than 10 rows are not as expected"):
        read(saved(tmp_path, content(ROW, *(["99214,two,1 Line Edit,Reason"] * (REFUSAL_LIMIT + 1)))))


@pytest.mark.parametrize(
    ("data", "message"),
    [(NOTICE.encode("latin-1"), "no header names the setting"), (content(), "no row after the header")],
)
def test_a_file_without_header_or_rows_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        read(saved(tmp_path, data))


@pytest.mark.parametrize("data", [b"", b'"one quote', b"code,value\r\n99213,2\r\n", b"\x00\xff\r\x00,\n" * 50])
def test_other_content_is_not_recognised(tmp_path: Path, data: bytes) -> None:
    assert not MueImporter().recognise(saved(tmp_path, data))


def test_a_workbook_gives_the_same_rows_as_the_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    titles = ["HCPCS/\nCPT Code", "DME Supplier Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"]
    rows = (["A notice"], titles, ["A4206", 0, "1 Line Edit", "Why"], [100, "7", 2, "Why"], [])
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    source = saved(tmp_path, stream.getvalue(), "MCR_MUE_DMESupplierServices_Eff_07-01-2024.xlsx")
    batch = read(source)
    assert MueImporter().recognise(source)
    assert batch.edition.table == "mue-dme"
    assert batch.records == [Mue("A4206", 0, 1, "Why"), Mue("00100", 7, 2, "Why")]


def test_the_module_offers_its_importer() -> None:
    assert [importer.name for importer in IMPORTERS] == ["NCCI medically unlikely edits (MUE)"]


mues = st.builds(
    Mue,
    code=st.from_regex(r"[0-9A-Z]{5}", fullmatch=True),
    value=st.integers(0, 999_999),
    mai=st.sampled_from((1, 2, 3)),
    rationale=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=("Cc",))).map(str.strip),
)


@given(st.lists(mues, min_size=1, max_size=20, unique_by=lambda row: row.code))
def test_rows_written_in_the_layout_are_read_back(rows: list[Mue]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([row.code, row.value, f"{row.mai} Label", row.rationale] for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        source = saved(Path(folder), (NOTICE + header() + text.getvalue()).encode("latin-1"))
        assert MueImporter().recognise(source)
        assert read(source).records == rows


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "table", "count", "zeros", "largest", "indicators"),
    [
        ("PractitionerServices", "mue-practitioner", 14_677, 2_667, 90_000, {1: 41, 2: 5_157, 3: 9_479}),
        ("OutpatientHospitalServices", "mue-hospital", 14_628, 1_435, 90_000, {1: 42, 2: 5_802, 3: 8_784}),
        ("DMESupplierServices", "mue-dme", 2_928, 977, 9_000, {1: 23, 2: 1_256, 3: 1_649}),
    ],
)
def test_every_row_of_the_third_quarter_of_2024_is_taken(
    shared: Path, name: str, table: str, count: int, zeros: int, largest: int, indicators: dict[int, int]
) -> None:
    source = Member(shared / "data" / "ncci_mue" / f"MCR_MUE_{name}_Eff_07-01-2024.csv")
    assert MueImporter().recognise(source)
    batch = read(source)
    assert (batch.edition.table, batch.edition.version, batch.refused) == (table, "2024q3", [])
    assert len(batch.records) == count
    assert sum(row.value == 0 for row in batch.records) == zeros
    assert max(row.value for row in batch.records) == largest
    assert Counter(row.mai for row in batch.records) == indicators
