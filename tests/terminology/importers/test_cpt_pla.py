"""CPTPLA, the proprietary laboratory analyses, as XML and as tab-separated text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.cpt_pla import IMPORTERS, parse_day
from terminology.importers.source import Batch, Member
from terminology.model import Concept
from terminology.period import FIRST_DAY, LAST_DAY, show

SOURCES = Path(__file__).parents[2] / "sources" / "cpt"
XML, TAB = SOURCES / "CPTPLA.xml", SOURCES / "CPTPLA.txt"
(IMPORTER,) = IMPORTERS


def read(source: Member) -> Batch:
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    return batch


def changed(folder: Path, path: Path, old: str, new: str) -> Member:
    text = path.read_bytes().decode("utf-8" if path == XML else "cp1252")
    assert old in text
    copy = folder / "pla"
    copy.write_bytes(text.replace(old, new).encode())
    return Member(copy)


def concept(batch: Batch, code: str) -> Concept:
    assert isinstance(batch.records, list)
    return next(record for record in batch.records if record.code == code)


@pytest.mark.parametrize("path", [XML, TAB], ids=["xml", "tab"])
def test_a_code_starts_on_its_effective_date_and_names_lab_and_test(path: Path) -> None:
    found = concept(read(Member(path)), "0001U")
    assert (found.start, found.end, found.inactive, found.edition) == (20260401, LAST_DAY, False, "2026")
    assert {item.code: item.value for item in found.properties} == {
        "pla-status": "EXISTING",
        "lab-name": "Jar & Sons",
        "manufacturer-name": "Marble Works",
        "test-name": "MarbleCount™",
        "publish-date": "2026-01-01",
    }
    assert [(item.use.code, item.value) for item in found.designations if item.use] == [
        ("long", "Counting of marbles in a jar"),
        ("medium", "COUNTING MARBLES IN A JAR"),
        ("short", "COUNT MARBLES"),
    ]


def test_xml_and_tab_give_the_same_records() -> None:
    assert read(Member(XML)).records == read(Member(TAB)).records
    assert read(Member(XML)).rows_read == 2


@pytest.mark.parametrize("path", [XML, TAB], ids=["xml", "tab"])
def test_a_deleted_code_is_inactive(path: Path) -> None:
    assert concept(read(Member(path)), "0002U").inactive


@pytest.mark.parametrize("path", [XML, TAB], ids=["xml", "tab"])
def test_the_edition_is_the_year_after_the_notice(path: Path) -> None:
    batch = read(Member(path))
    assert (batch.edition.version, batch.edition.basis) == ("2026", "snapshot")
    assert any(note.startswith("notice: ") and "American Medical Association" in note for note in batch.notes)


def test_without_a_notice_the_latest_effective_date_gives_the_year(tmp_path: Path) -> None:
    batch = read(changed(tmp_path, XML, "American Medical Association", "nobody"))
    assert batch.edition.version == "2026"
    assert batch.notes == ["taken as edition 2026, by the latest effective date"]


def test_without_notice_and_dates_the_edition_is_unknown(tmp_path: Path) -> None:
    source = tmp_path / "pla.xml"
    source.write_text('<plaCodes><plaCode cdCode="0001U"><cdDesc>Marbles</cdDesc></plaCode></plaCodes>')
    with pytest.raises(EditionUnknown):
        read(Member(source))


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "reason"),
    [
        (XML, "2017-02-01T", "2017-02-31T", 15, "day is out of range"),
        (XML, "0002U", "E1234", 15, "'E1234' is not a CPT code"),
        (XML, "0002U", "0001U", 15, "gives 0001U a second time, differently"),
        (TAB, "02/01/2017", "02/31/2017", 5, "day is out of range"),
        (TAB, "02/01/2017", "soon", 5, "'soon' is not a FHIR date"),
        (TAB, "JarWeight", "JarWeight\tmore", 5, "has 12 cells where the header has 11"),
    ],
)
def test_a_bad_code_is_refused_with_its_line(
    tmp_path: Path, path: Path, old: str, new: str, line: int, reason: str
) -> None:
    batch = read(changed(tmp_path, path, old, new))
    assert len(batch.records) == 1
    assert [number for number, _ in batch.refused] == [line]
    assert reason in batch.refused[0][1]


def test_an_encoding_that_the_declaration_names_wrongly_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "pla.xml"
    path.write_bytes(XML.read_text("utf-8").encode("cp1252"))
    assert read(Member(path)).records == read(Member(XML)).records


def test_entities_are_refused(tmp_path: Path) -> None:
    source = changed(tmp_path, XML, "<plaCodes>", '<!DOCTYPE x [<!ENTITY a "b">]><plaCodes>')
    with pytest.raises(SourceRefused, match="entities"):
        read(source)


def test_xml_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="not well-formed"):
        read(changed(tmp_path, XML, "</plaCodes>", ""))


def test_a_list_of_all_codes_with_lab_columns_is_another_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    columns = ("CPT Code", "Long", "Medium", "Current Descriptor Effective Date", "Test Name", "Lab Name")
    path.write_text("\t".join(columns) + "\n")
    assert not IMPORTER.recognise(Member(path))


@settings(deadline=None)
@given(st.dates())
def test_a_date_is_read_in_each_of_its_forms(date: object) -> None:
    iso = str(date)
    year, month, day = iso.split("-")
    expected = int(year + month + day)
    assert show(expected) == iso
    forms = (iso, f"{iso}T00:00:00-05:00", f" {iso} ", f"{int(month)}/{int(day)}/{year}", year + month + day)
    assert {parse_day(form) for form in forms} == {expected}


def test_a_blank_date_is_an_open_start() -> None:
    assert parse_day(" ") == FIRST_DAY


@pytest.mark.parametrize("text", ["2026", "2026-04", "13/01/2026", "20261301", "1 April 2026", "2026-04-01x"])
def test_what_is_no_whole_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day"):
        parse_day(text)
