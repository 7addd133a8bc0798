"""NCCI procedure-to-procedure edits: the quirks of CMS's files, one a test."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import PtpColumns
from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.ptp import IMPORTERS, PtpImporter
from terminology.importers.source import REFUSAL_LIMIT, Batch, Member
from terminology.model import Edition
from terminology.period import LAST_DAY, from_date

NAME = "ccipra-v302r0-f1.TXT"
PREAMBLE = (
    "An invented notice \xae of whose codes these are.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
ROW = "10021\t36000\t\t20200101\t*\t1\tInvented reason"

Row = tuple[str, str, int, int, int, int, str]


def content(*rows: str, preamble: tuple[str, ...] = PREAMBLE) -> bytes:
    return "".join(f"{line}\r\n" for line in (*preamble, *rows)).encode("latin-1")


def saved(folder: Path, data: bytes, name: str = NAME, version: str = "") -> Member:
    (folder / name).write_bytes(data)
    return Member(folder / name, version=version)


def read(source: Member) -> Batch:
    (batch,) = PtpImporter().read(source)
    return batch


def rows_of(batch: Batch) -> list[Row]:
    table = batch.records
    assert isinstance(table, PtpColumns)
    return [
        (table.codes[one], table.codes[two], old, start, end, indicator, table.rationales[rationale])
        for one, two, old, start, end, indicator, rationale in zip(
            table.column1, table.column2, table.prior_to_1996, table.start, table.end, table.indicator,
            table.rationale, strict=True,
        )
    ]  # fmt: skip


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_row_is_taken_with_all_its_columns(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content("0213T\t36000\t*\t19960101\t20231231\t0\tInvented reason")))
    assert rows_of(batch) == [("0213T", "36000", 1, 19960101, 20231231, 0, "Invented reason")]
    assert (batch.rows_read, batch.refused) == (1, [])


def test_the_edition_is_the_quarter_in_the_name(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content(ROW)))
    assert batch.edition == Edition("ptp-practitioner", "2024q3", 20240701, 20240930, "rows")
    assert batch.part == "f1"


@pytest.mark.parametrize("length", [0, 1, 6, 7, 8, 30])
def test_a_preamble_of_any_length_is_passed_over_and_counted(tmp_path: Path, length: int) -> None:
    lines = (*PREAMBLE, *("more words\t\t\t\t\t\t",) * 30)[:length]
    source = saved(tmp_path, content(ROW, preamble=lines))
    batch = read(source)
    assert PtpImporter().recognise(source)
    assert len(rows_of(batch)) == 1
    assert (f"{length} lines before the first row of edits" in batch.notes) is bool(length)


def test_latin_1_bytes_in_the_notice_do_no_harm(tmp_path: Path) -> None:
    data = content(ROW)
    assert b"\xae" in data
    assert len(rows_of(read(saved(tmp_path, data)))) == 1


def test_crlf_and_lf_line_ends_read_alike(tmp_path: Path) -> None:
    crlf = rows_of(read(saved(tmp_path, content(ROW, ROW))))
    assert rows_of(read(saved(tmp_path, content(ROW, ROW).replace(b"\r\n", b"\n")))) == crlf
    assert crlf[0][-1] == "Invented reason"


def test_a_star_for_the_deletion_day_is_an_open_end(tmp_path: Path) -> None:
    assert rows_of(read(saved(tmp_path, content(ROW))))[0][4] == LAST_DAY


def test_a_pair_keeps_all_its_windows(tmp_path: Path) -> None:
    windows = (
        "17000\t17281\t\t20050101\t20091231\t0\tOne reason",
        "17000\t17281\t\t20100101\t20150630\t1\tOne reason",
        "17000\t17281\t\t20160101\t*\t1\tAnother reason",
    )
    assert [row[3:] for row in rows_of(read(saved(tmp_path, content(*windows))))] == [
        (20050101, 20091231, 0, "One reason"),
        (20100101, 20150630, 1, "One reason"),
        (20160101, LAST_DAY, 1, "Another reason"),
    ]


def test_indicator_9_with_deletion_on_the_effective_day_is_kept_as_it_stands(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content("13121\t13120\t\t20130101\t20130101\t9\tInvented reason")))
    assert rows_of(batch) == [("13121", "13120", 0, 20130101, 20130101, 9, "Invented reason")]
    assert not any("never apply" in note for note in batch.notes)


def test_rows_that_end_before_they_start_are_kept_and_noted(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content(ROW, "10021\t36000\t\t20200101\t20191231\t1\tInvented reason")))
    assert len(rows_of(batch)) == 2
    assert "1 rows end before they start, and never apply" in batch.notes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1002\t36000\t\t20200101\t*\t1\tReason", "'1002' is not a code of five letters and digits"),
        ("10021\t3600a\t\t20200101\t*\t1\tReason", "'3600a' is not a code"),
        ("10021\t36000\tx\t20200101\t*\t1\tReason", "'x' is neither * nor empty"),
        ("10021\t36000\t\t20200230\t*\t1\tReason", "day is out of range"),
        ("10021\t36000\t\t*\t*\t1\tReason", "'*' is not a date of the form YYYYMMDD"),
        ("10021\t36000\t\t20200101\t\t1\tReason", "'' is not a date of the form YYYYMMDD"),
        ("10021\t36000\t\t20200101\t*\t2\tReason", "'2' is not a modifier indicator"),
        ("10021\t36000\t\t20200101\t*\t1\t", "'' is not a rationale"),
        ("10021\t36000\t20200101\t*\t1\tReason", "6 columns, not 7"),
        ("10021\t36000\t\t20200101\t*\t1\tReason\tmore", "8 columns, not 7"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    batch = read(saved(tmp_path, content(ROW, row, ROW)))
    ((line, why),) = batch.refused
    assert line == 8
    assert reason in why
    assert (len(rows_of(batch)), batch.rows_read) == (2, 3)


def test_a_refused_row_leaves_no_column_longer_than_the_others(tmp_path: Path) -> None:
    table = read(saved(tmp_path, content(ROW, "10021\t36000\t\t20200101\t*\t1\t", ROW))).records
    assert isinstance(table, PtpColumns)
    columns = (table.column1, table.column2, table.start, table.end, table.indicator, table.rationale)
    assert {len(column) for column in (*columns, table.prior_to_1996)} == {2}


def test_empty_lines_and_an_end_of_file_mark_are_no_rows(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content(ROW, "", "\t\t\t\t\t\t") + b"\x1a"))
    assert (batch.rows_read, batch.refused) == (1, [])


def test_a_file_of_mostly_bad_rows_is_refused_whole(tmp_path: Path) -> None:
    bad = ("10021\t36000\t\tlater\t*\t1\tReason",) * (REFUSAL_LIMIT + 1)
    with pytest.raises(SourceRefused, match=r"ccipra-v302r0-f1.TXT: more than 10 rows are not as expected: line 8"):
        read(saved(tmp_path, content(ROW, *bad)))


def test_a_file_without_edits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no line starts with two codes"):
        read(saved(tmp_path, content()))


@pytest.mark.parametrize(
    ("name", "table", "version", "part"),
    [
        ("ccipra-v302r0-f1.TXT", "ptp-practitioner", "2024q3", "f1"),
        ("CCIOPH-V313R0-F4.TXT", "ptp-hospital", "2025q4", "f4"),
        ("medicare-ncci-2026q1-practitioner-ptp-edits-ccipra-v320r0-f2.txt", "ptp-practitioner", "2026q1", "f2"),
        ("medicare-ncci-2026q1-hospital-ptp-edits.txt", "ptp-hospital", "2026q1", ""),
    ],
)
def test_setting_quarter_and_part_come_from_the_name(
    tmp_path: Path, name: str, table: str, version: str, part: str
) -> None:
    batch = read(saved(tmp_path, content(ROW), name))
    assert (batch.edition.table, batch.edition.version, batch.part) == (table, version, part)


@pytest.mark.parametrize(("name", "note"), [(NAME, "revision r0"), ("ccipra-v302r2-f1.TXT", "revision r2")])
def test_a_re_issue_is_noted_by_its_revision(tmp_path: Path, name: str, note: str) -> None:
    assert f"NCCI version 302, {note}" in read(saved(tmp_path, content(ROW), name)).notes


def test_a_name_without_the_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="practitioner or hospital edits is neither in the content nor in the name"):
        read(saved(tmp_path, content(ROW), "edits-2024q3.txt"))


def test_a_name_without_the_quarter_needs_the_edition_to_be_given(tmp_path: Path) -> None:
    with pytest.raises(EditionUnknown, match="FILE@2024q3"):
        read(saved(tmp_path, content(ROW), "ccipra.txt"))
    assert read(saved(tmp_path, content(ROW), "ccipra.txt", "2025q1")).edition.version == "2025q1"


def test_gzip_is_read_like_text(tmp_path: Path) -> None:
    source = saved(tmp_path, gzip.compress(content(ROW)), f"{NAME}.gz")
    assert PtpImporter().recognise(source)
    assert len(rows_of(read(source))) == 1


def test_a_member_of_a_zip_takes_its_setting_from_the_zip_where_its_own_name_is_silent(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "medicare-ncci-2024q3-hospital-ptp-edits.zip", "w") as archive:
        archive.writestr("edits-f2.txt", content(ROW))
    batch = read(Member(tmp_path / "medicare-ncci-2024q3-hospital-ptp-edits.zip", "edits-f2.txt"))
    assert (batch.edition.table, batch.edition.version, batch.part) == ("ptp-hospital", "2024q3", "f2")


def test_a_gzip_cut_short_is_refused_and_not_half_loaded(tmp_path: Path) -> None:
    whole = gzip.compress(content(*[f"{number:05}\t36000\t\t20200101\t*\t1\tReason" for number in range(30000)]))
    source = saved(tmp_path, whole[: len(whole) - 20], f"{NAME}.gz")
    with pytest.raises(SourceRefused, match="is damaged"):
        read(source)


def test_a_workbook_gives_the_same_rows_as_the_text(tmp_path: Path) -> None:
    data = workbook(
        [
            ["An invented notice"],
            ["Column 1", "Column 2", "*=in existence\nprior to 1996", "Effective\nDate", "Deletion", "Modifier", "Why"],
            ["0213T", 36000, None, "20200101", "*", "1", "Invented reason"],
            [100, "99213", "*", 20190101, 20191231, 0, "Invented reason"],
        ]
    )
    source = saved(tmp_path, data, "ccipra-v302r0-f1.xlsx")
    assert PtpImporter().recognise(source)
    assert rows_of(read(source)) == [
        ("0213T", "36000", 0, 20200101, LAST_DAY, 1, "Invented reason"),
        ("00100", "99213", 1, 20190101, 20191231, 0, "Invented reason"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><title>License</title>10021 36000</html>",
        b"10021\t36000\t20200101\t*\t1\tthe Medicaid twin has no column for 1996\r\n",
        b"10021,36000,,20200101,*,1,not tabs\r\n",
    ],
)
def test_other_content_is_not_recognised(tmp_path: Path, data: bytes) -> None:
    assert not PtpImporter().recognise(saved(tmp_path, data))


def test_the_module_offers_its_importer() -> None:
    assert [importer.name for importer in IMPORTERS] == ["NCCI PTP edits"]


codes = st.from_regex(r"[0-9A-Z]{5}", fullmatch=True)
days = st.dates().map(from_date)
reasons = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30)
edits = st.tuples(codes, codes, st.booleans(), days, st.none() | days, st.sampled_from((0, 1, 9)), reasons)


@given(st.lists(edits, min_size=1, max_size=20))
def test_rows_written_in_the_layout_are_read_back(rows: list[tuple[str, str, bool, int, int | None, int, str]]) -> None:
    lines = [
        f"{one}\t{two}\t{'*' if old else ''}\t{start:08}\t{'*' if end is None else f'{end:08}'}\t{indicator}\t{reason}"
        for one, two, old, start, end, indicator, reason in rows
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = saved(Path(folder), content(*lines))
        assert PtpImporter().recognise(source)
        taken = rows_of(read(source))
    assert taken == [
        (one, two, int(old), start, LAST_DAY if end is None else end, indicator, reason)
        for one, two, old, start, end, indicator, reason in rows
    ]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("setting", "stem", "count"), [("practitioner", "pra", 2_546_017), ("hospital", "oph", 1_775_818)]
)
def test_every_row_of_the_third_quarter_of_2024_is_taken(shared: Path, setting: str, stem: str, count: int) -> None:
    files = sorted((shared / "data" / "ncci_ptp").glob(f"cci{stem}-v302r0-f?.TXT.gz"))
    batches = [read(Member(path)) for path in files]
    assert [batch.part for batch in batches] == ["f1", "f2", "f3", "f4"]
    assert {batch.edition.table for batch in batches} == {f"ptp-{setting}"}
    assert sum(len(batch.records) for batch in batches) == count
    assert [batch.refused for batch in batches] == [[]] * 4
