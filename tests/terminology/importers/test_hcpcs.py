"""HCPCS Level II: the quirks of CMS's fixed-width file and workbook, one a test. All texts are invented."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.hcpcs import IMPORTERS, PROPERTIES, SHORT, HcpcsImporter
from terminology.importers.hcpcs_fixed import LAYOUT
from terminology.importers.source import Batch, Member
from terminology.model import Concept, Designation, Edition, Property
from terminology.period import FIRST_DAY, LAST_DAY

NAME = "HCPC2024_OCT_ANWEB.txt"
COLUMNS = [
    "HCPC", "SEQNUM", "RECID", "LONG_DESCRIPTION", "SHORT_DESCRIPTION", "PRICE1", "PRICE2", "PRICE3", "PRICE4",
    "MULT_PI", "CIM1", "CIM2", "CIM3", "MCM1", "MCM2", "MCM3", "STATUTE", "LABCERT1", "LABCERT2", "LABCERT3",
    "LABCERT4", "LABCERT5", "LABCERT6", "LABCERT7", "LABCERT8", "XREF1", "XREF2", "XREF3", "XREF4", "XREF5",
    "COV", "ASC_GRP", "ASC_DT", "OPPS", "OPPS_PI", "OPPS_DT", "PROCNOTE", "BETOS", "TOS1", "TOS2", "TOS3",
    "TOS4", "TOS5", "ANEST_BU", "ADD_DT", "ACT_EFF_DT", "TERM_DT", "ACTION_CD",
]  # fmt: skip
SPACED = {"LONG_DESCRIPTION", "SHORT_DESCRIPTION", "ADD_DT", "ACT_EFF_DT", "TERM_DT", "ACTION_CD"}
HEADER = [name.replace("_", " ") if name in SPACED else name for name in COLUMNS]


def line(
    code: str,
    *,
    record: str = "3",
    long: str = "Invented thing",
    short: str = "Invented",
    add: str = "20200101",
    effective: str = "20200101",
    term: str = "",
    length: int = 293,
    at: dict[int, str] | None = None,
) -> str:
    """A first line; `at` puts text at positions, counted from 1 as CMS's record layout counts them."""
    cells = list(" " * length)
    places = {1: f"{code:>5}00100{record}{long:80}{short:28}", 269: f"{add:8}{effective:8}{term:8}N", **(at or {})}
    for position, text in places.items():
        cells[position - 1 : position - 1 + len(text)] = text
    return "".join(cells)


def more(code: str, long: str, record: str = "4") -> str:
    """A continuation line, cut after its text."""
    return f"{code:>5}00200{record}{long}"


def content(*rows: str, encoding: str = "ascii") -> bytes:
    return "".join(f"{row}\r\n" for row in rows).encode(encoding)


def saved(folder: Path, data: bytes, name: str = NAME, version: str = "") -> Member:
    (folder / name).write_bytes(data)
    return Member(folder / name, version=version)


def workbook(*rows: dict[str, object], before: int = 0, header: list[str] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    for number in range(before):
        book.active.append([f"Disclaimer {number}"] if number % 2 == 0 else [None])
    book.active.append(header)
    for row in rows:
        book.active.append([row.get(name) for name in COLUMNS])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cells(code: str, **others: object) -> dict[str, object]:
    given = {
        "HCPC": f"{code:>5}", "SEQNUM": "0010", "RECID": "3", "LONG_DESCRIPTION": "Invented thing",
        "SHORT_DESCRIPTION": "Invented", "ADD_DT": "20200101", "ACT_EFF_DT": "20200101", "ACTION_CD": "N",
    }  # fmt: skip
    return {**given, **others}


def read(source: Member) -> Batch:
    (batch,) = HcpcsImporter().read(source)
    return batch


def only(batch: Batch) -> Concept:
    (concept,) = batch.records
    assert isinstance(concept, Concept)
    return concept


def values(concept: Concept, code: str) -> list[object]:
    return [item.value for item in concept.properties if item.code == code]


def test_a_code_has_its_long_text_as_display_and_its_short_as_designation(tmp_path: Path) -> None:
    concept = only(read(saved(tmp_path, content(line("E0100")))))
    assert concept.display == "Invented thing"
    assert concept.designations == (Designation("Invented", "en", SHORT),)
    assert concept.edition == "2024-10"


def test_every_column_lies_where_the_record_layout_puts_it(tmp_path: Path) -> None:
    at = {
        120: "00515254", 128: "A", 129: "35-10 60-9  50.1  ", 147: "2150    5112    15000   ", 171: "1861(s)(2)",
        181: "010020030040050060070080", 205: "A0001A0002A000399213G0001", 230: "D", 231: "07", 233: "20210101",
        241: "111", 244: "K", 245: "20210401", 253: "0088", 257: "D1A", 260: "?", 261: "1AFLS", 266: " 12",
        269: "20200102", 277: "20230103", 285: "20241231", 293: "C",
    }  # fmt: skip
    concept = only(read(saved(tmp_path, content(line("E0100", at=at)))))
    assert (concept.start, concept.end) == (20200102, 20241231)
    assert concept.properties == (
        Property("modifier", False, "boolean"),
        *(Property("pricing-indicator", text, "code") for text in ("00", "51", "52", "54")),
        Property("multiple-pricing-indicator", "A", "code"),
        *(Property("cim", text) for text in ("35-10", "60-9", "50.1")),
        *(Property("mcm", text) for text in ("2150", "5112", "15000")),
        Property("statute", "1861(s)(2)"),
        *(Property("lab-certification", f"0{number}0", "code") for number in range(1, 9)),
        *(Property("cross-reference", text, "code") for text in ("A0001", "A0002", "A0003", "99213", "G0001")),
        Property("coverage", "D", "code"),
        Property("asc-group", "07", "code"),
        Property("asc-date", "2021-01-01", "dateTime"),
        Property("opps", "111", "code"),
        Property("opps-indicator", "K", "code"),
        Property("opps-date", "2021-04-01", "dateTime"),
        Property("processing-note", "0088", "code"),
        Property("betos", "D1A", "code"),
        *(Property("type-of-service", text, "code") for text in "1AFLS"),
        Property("anesthesia-base-units", 12, "integer"),
        Property("add-date", "2020-01-02", "dateTime"),
        Property("action-effective-date", "2023-01-03", "dateTime"),
        Property("term-date", "2024-12-31", "dateTime"),
        Property("action", "C", "code"),
    )


def test_the_layout_has_no_overlap_and_its_only_gap_is_the_filler_at_260() -> None:
    taken = [place for column in LAYOUT for place in range(column.position, column.position + column.width)]
    assert taken == [place for place in range(1, 294) if place != 260]


def test_every_column_of_the_layout_is_a_text_or_a_property() -> None:
    used = {column for _, _, columns in PROPERTIES for column in columns}
    assert {column.name for column in LAYOUT} - used == {
        "HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION",
    }  # fmt: skip


def test_blank_columns_make_no_properties(tmp_path: Path) -> None:
    concept = only(read(saved(tmp_path, content(line("E0100")))))
    assert [item.code for item in concept.properties] == ["modifier", "add-date", "action-effective-date", "action"]


def test_a_modifier_is_three_blanks_and_two_characters(tmp_path: Path) -> None:
    concept = only(read(saved(tmp_path, content(line("A1", record="7")))))
    assert (concept.code, concept.value("modifier")) == ("A1", True)


@pytest.mark.parametrize("length", [293, 320])
def test_records_of_293_and_of_320_characters_are_taken(tmp_path: Path, length: int) -> None:
    source = saved(tmp_path, content(line("E0100", length=length), line("E0105", length=length)))
    assert HcpcsImporter().recognise(source)
    assert [concept.code for concept in read(source).records] == ["E0100", "E0105"]


def test_continuation_lines_cut_after_their_text_are_joined_by_one_space(tmp_path: Path) -> None:
    rows = (
        line("E0100", long="An invented thing of many"),
        more("E0100", "parts, each  ".ljust(80)),
        more("E0100", "of wood"),
    )
    assert only(read(saved(tmp_path, content(*rows)))).display == "An invented thing of many parts, each of wood"


def test_the_continuation_of_a_modifier_is_joined_too(tmp_path: Path) -> None:
    rows = (line("A1", record="7", long="Invented"), more("A1", "circumstance", record="8"), line("A2", record="7"))
    assert [concept.display for concept in read(saved(tmp_path, content(*rows))).records] == [
        "Invented circumstance",
        "Invented thing",
    ]


def test_disclaimers_before_the_data_in_latin_1_are_passed_over(tmp_path: Path) -> None:
    notice = ("***Disclaimers\t\t", "\t\t", "*Invented words.\xa0\t\t", "", "")
    source = saved(tmp_path, content(*notice, line("E0100"), encoding="latin-1"))
    assert HcpcsImporter().recognise(source)
    batch = read(source)
    assert (batch.rows_read, batch.refused) == (1, [])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_text_in_latin_1_or_utf_8_reads_alike_and_keeps_its_columns(tmp_path: Path, encoding: str) -> None:
    concept = only(
        read(saved(tmp_path, content(line("E0100", long="Ménière thing", term="20240331"), encoding=encoding)))
    )
    assert (concept.display, concept.end) == ("Ménière thing", 20240331)


def test_a_terminated_code_whose_action_took_effect_after_its_end_is_dated_by_add_and_term(tmp_path: Path) -> None:
    concept = only(read(saved(tmp_path, content(line("E0100", add="20050101", effective="20240401", term="20240331")))))
    assert (concept.start, concept.end) == (20050101, 20240331)
    assert concept.value("action-effective-date") == "2024-04-01"


@pytest.mark.parametrize("term", ["", "00000000", "99991231"])
def test_a_code_without_a_term_date_is_open(tmp_path: Path, term: str) -> None:
    assert only(read(saved(tmp_path, content(line("E0100", term=term))))).end == LAST_DAY


@pytest.mark.parametrize(
    ("rows", "at", "reason"),
    [
        ((line("E0105", add="20200230"),), 2, "E0105: ADD DT day is out of range"),
        ((line("E0105", term="2024"),), 2, "E0105: TERM DT '2024' is not a date"),
        ((line("E0105", effective="2020010X"),), 2, "E0105: ACT EFF DT"),
        ((line("E0105", at={266: "1x "}),), 2, "E0105: ANEST BU '1x' is not a whole number"),
        ((line("E01O5"),), 2, "'E01O5' is neither a HCPCS code nor a modifier"),
        ((line("E0100"),), 2, "a second row of E0100"),
        ((more("E0105", "text"),), 2, "a continuation of E0105, which is not the code before it"),
        ((line("E0105", record="5"),), 2, "'5' is not a record id"),
        ((line("E0105", add="later"), more("E0105", "text")), 2, "E0105: ADD DT 'later'"),
    ],
)
def test_a_bad_record_is_refused_with_its_line_and_reason(
    tmp_path: Path, rows: tuple[str, ...], at: int, reason: str
) -> None:
    batch = read(saved(tmp_path, content(line("E0100"), *rows, line("E0200"))))
    ((number, why),) = batch.refused
    assert number == at
    assert reason in why
    assert [concept.code for concept in batch.records] == ["E0100", "E0200"]
    assert batch.rows_read == 3


@pytest.mark.parametrize("before", [0, 7, 10])
def test_the_workbook_s_header_is_found_on_whichever_row_it_stands(tmp_path: Path, before: int) -> None:
    source = saved(tmp_path, workbook(cells("E0100"), before=before), "HCPC2020_OCT_ANWEB.xlsx")
    assert HcpcsImporter().recognise(source)
    assert only(read(source)).code == "E0100"


def test_codes_with_leading_blanks_in_the_workbook_are_modifiers(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook(cells("A1", RECID=7)), "HCPC2020_OCT_ANWEB.xlsx")
    assert (only(read(source)).code, only(read(source)).value("modifier")) == ("A1", True)


def test_numbers_in_the_workbook_get_their_leading_zeros_back(tmp_path: Path) -> None:
    row = cells("E0100", PRICE1=0, LABCERT1=10, XREF1=100, ANEST_BU="  0", TOS1=1, ADD_DT=20200101)
    concept = only(read(saved(tmp_path, workbook(row), "HCPC2020_OCT_ANWEB.xlsx")))
    assert [concept.value(name) for name in ("pricing-indicator", "lab-certification", "cross-reference")] == [
        "00", "010", "00100",
    ]  # fmt: skip
    assert (concept.value("anesthesia-base-units"), concept.value("type-of-service"), concept.start) == (
        0,
        "1",
        20200101,
    )


def test_a_continuation_on_a_row_of_its_own_is_joined_and_noted(tmp_path: Path) -> None:
    stray: dict[str, object] = {"HCPC": "E0100", "SEQNUM": "0020", "RECID": "4", "LONG_DESCRIPTION": "with a stray end"}
    batch = read(saved(tmp_path, workbook(cells("E0100"), stray), "HCPC2019_CONTR_ANWEB.xlsx"))
    assert only(batch).display == "Invented thing with a stray end"
    assert batch.notes == ["row 3: E0100 is continued on a row of its own; its text is joined"]


def test_codes_without_an_action_date_are_taken_and_noted(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, workbook(cells("E0100", ACT_EFF_DT=None)), "HCPC2019_CONTR_ANWEB.xlsx"))
    assert values(only(batch), "action-effective-date") == []
    assert batch.notes == ["1 codes have no ACT EFF DT, such as E0100"]


def test_a_type_of_service_missing_between_others_leaves_the_others(tmp_path: Path) -> None:
    concept = only(read(saved(tmp_path, content(line("E0100", at={261: "1AF S"})))))
    assert values(concept, "type-of-service") == ["1", "A", "F", "S"]


def test_codes_without_an_add_date_or_that_end_before_it_are_noted(tmp_path: Path) -> None:
    batch = read(saved(tmp_path, content(line("E0100"), line("E0105", add=""), line("E0110", term="20191231"))))
    assert [concept.start for concept in batch.records] == [20200101, FIRST_DAY, 20200101]
    assert batch.notes == [
        "1 codes have no ADD DT and count as always known, such as E0105",
        "1 codes end before they start, such as E0110",
    ]


def test_a_workbook_that_lacks_columns_is_taken_and_says_which(tmp_path: Path) -> None:
    header = [name if name != "BETOS" else "OTHER" for name in HEADER]
    batch = read(saved(tmp_path, workbook(cells("E0100"), header=header), "HCPC2030_JAN_ANWEB.xlsx"))
    assert (only(batch).code, batch.notes) == ("E0100", ["the header lacks BETOS"])


@pytest.mark.parametrize(
    ("name", "version", "edition"),
    [
        ("HCPC2024_OCT_ANWEB.txt", "", ("2024-10", 20241001, 20241231)),
        ("HCPC2026_JUL_ANWEB_v2.txt", "", ("2026-07", 20260701, 20260930)),
        ("HCPC2025_APR_ANWEB_03142025.txt", "", ("2025-04", 20250401, 20250630)),
        ("HCPC2019_CONTR_ANWEB.txt", "", ("2019-01", 20190101, 20190331)),
        ("october-2024-alpha-numeric-hcpcs-file.txt", "", ("2024-10", 20241001, 20241231)),
        ("2019-Alpha-Numeric-HCPCS-File.txt", "", ("2019-01", 20190101, 20190331)),
        (NAME, "2023-04", ("2023-04", 20230401, 20230630)),
        (NAME, "2023q3", ("2023-07", 20230701, 20230930)),
        (NAME, "2018", ("2018-01", 20180101, 20180331)),
    ],
)
def test_the_edition_is_the_quarter_of_the_month_in_the_name(
    tmp_path: Path, name: str, version: str, edition: tuple[str, int, int]
) -> None:
    batch = read(saved(tmp_path, content(line("E0100")), name, version))
    assert batch.edition == Edition("hcpcs", *edition, "rows")
    assert only(batch).edition == edition[0]


def test_a_member_without_a_year_takes_the_edition_of_its_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "july-2025-alpha-numeric-hcpcs-file.zip", "w") as archive:
        archive.writestr("anweb.txt", content(line("E0100")))
    source = Member(tmp_path / "july-2025-alpha-numeric-hcpcs-file.zip", "anweb.txt")
    assert read(source).edition.version == "2025-07"


def test_without_a_year_in_any_name_the_edition_must_be_given(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with pytest.raises(EditionUnknown, match="FILE@2024-10"):
        read(saved(folder, content(line("E0100")), "anweb.txt"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HCPCS/MOD      TYPE OF CHANGE    SHORT DESCRIPTION\r\n      A1          No Change       Invented\r\n",
        content(line("E0100"))[:200],
        content(more("E0100", "text".ljust(300))),
        b"E0100\tInvented thing\r\n",
    ],
)
def test_other_content_is_not_recognised(tmp_path: Path, data: bytes) -> None:
    assert not HcpcsImporter().recognise(saved(tmp_path, data))


def test_a_workbook_of_changes_is_not_recognised(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["HCPCS/MOD", "TYPE OF CHANGE", "SHORT DESCRIPTION", "LONG DESCRIPTION"])
    stream = io.BytesIO()
    book.save(stream)
    assert not HcpcsImporter().recognise(saved(tmp_path, stream.getvalue(), "HCPC2019_Trans_Alpha.xlsx"))


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"nothing\r\n", NAME, "no line is the first line of a HCPCS code"),
        (workbook(), "HCPC2024_OCT_ANWEB.xlsx", "it holds no HCPCS codes"),
    ],
)
def test_a_file_without_codes_is_refused(tmp_path: Path, data: bytes, name: str, message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        read(saved(tmp_path, data, name))


def test_the_module_offers_its_importer() -> None:
    assert [importer.name for importer in IMPORTERS] == ["HCPCS Level II (ANWEB)"]


words = st.lists(st.from_regex(r"[A-Za-z0-9,.()/-]{1,20}", fullmatch=True), min_size=1, max_size=40)
records = st.tuples(st.from_regex(r"[A-Z][0-9]{4}|[0-9A-Z]{2}", fullmatch=True), words)


@given(st.lists(records, min_size=1, max_size=10, unique_by=lambda record: record[0]))
def test_long_texts_wrapped_over_lines_are_read_back(rows: list[tuple[str, list[str]]]) -> None:
    written: list[str] = []
    for code, text in rows:
        wrapped = [""]
        for word in text:
            joined = f"{wrapped[-1]} {word}".lstrip()
            wrapped[-1:] = [joined] if len(joined) <= 80 else [wrapped[-1], word]
        written.append(line(code, record="3" if len(code) == 5 else "7", long=wrapped[0]))
        written.extend(more(code, part, record="4" if len(code) == 5 else "8") for part in wrapped[1:])
    with tempfile.TemporaryDirectory() as folder:
        source = saved(Path(folder), content(*written))
        assert HcpcsImporter().recognise(source)
        taken = read(source).records
    assert [(concept.code, concept.display) for concept in taken] == [(code, " ".join(text)) for code, text in rows]


@pytest.mark.realdata
def test_text_and_workbook_of_2019_agree_but_for_the_agency_s_own_faults(shared: Path) -> None:
    archive = shared / "data" / "hcpcs" / "2019-Alpha-Numeric-HCPCS-File.zip"
    text, book = (read(Member(archive, f"HCPC2019_CONTR_ANWEB.{ending}")) for ending in ("txt", "xlsx"))
    assert text.edition == book.edition == Edition("hcpcs", "2019-01", 20190101, 20190331, "rows")
    assert text.refused == book.refused == []
    assert [concept.code for concept in text.records] == [concept.code for concept in book.records]
    assert len(text.records) == 6_800  # the workbook has one row more, which continues G0503

    differing: dict[str, list[str]] = {}
    for left, right in zip(text.records, book.records, strict=True):
        names = {item.code for item in set(left.properties) ^ set(right.properties)}
        names |= {name for name in ("designations", "start", "end") if getattr(left, name) != getattr(right, name)}
        if str(left.display).split() != str(right.display).split():  # 13 differ in blanks where the text has a line end
            names.add("display")
        for name in names:
            differing.setdefault(name, []).append(left.code)
    assert {name: len(codes) for name, codes in differing.items()} == {
        "action-effective-date": 115,
        "type-of-service": 2,
    }


@pytest.mark.realdata
def test_every_code_of_october_2020_is_taken(shared: Path) -> None:
    source = Member(shared / "data" / "hcpcs" / "HCPC2020_OCT_ANWEB.xlsx")
    assert HcpcsImporter().recognise(source)
    batch = read(source)
    assert (batch.edition.version, len(batch.records), batch.refused) == ("2020-10", 7_196, [])


@pytest.mark.realdata
def test_every_code_of_october_2024_is_taken_with_its_own_days(shared: Path) -> None:
    source = Member(shared / "data" / "hcpcs" / "HCPC2024_OCT_ANWEB.txt")
    assert HcpcsImporter().recognise(source)
    batch = read(source)
    assert (len(batch.records), batch.refused, batch.notes) == (8_474, [], [])
    assert sum(concept.value("modifier") is True for concept in batch.records) == 383
    terminated = [concept for concept in batch.records if concept.end != LAST_DAY]
    assert len(terminated) == 1_074
    assert min(concept.end for concept in terminated) == 20120331
    effective = [str(concept.value("action-effective-date")).replace("-", "") for concept in terminated]
    assert all(int(day) > concept.end for day, concept in zip(effective, terminated, strict=True))
