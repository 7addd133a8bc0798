from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from terminology.edits import DiagnosisNote
from terminology.errors import SourceRefused
from terminology.importers import icd10cm_order, icd10cm_tabular
from terminology.importers.source import Member

SAMPLE = Path(__file__).parents[2] / "sources" / "icd10cm" / "icd10cm_tabular_2026.xml"
(IMPORTER,) = icd10cm_tabular.IMPORTERS


def _concepts():
    codes, _ = IMPORTER.read(Member(SAMPLE))
    return {concept.code: concept for concept in codes.records}


def test_the_list_gives_codes_and_notes_of_the_same_edition():
    assert IMPORTER.recognise(Member(SAMPLE))
    codes, notes = IMPORTER.read(Member(SAMPLE))
    assert (codes.edition.table, notes.edition.table) == ("icd10cm", "icd10cm-notes")
    assert {(batch.edition.version, batch.edition.start, batch.edition.end) for batch in (codes, notes)} == {
        ("2026", 20251001, 20260930)
    }


def test_chapters_and_sections_are_no_codes_and_only_leaves_are_billable():
    assert {code: concept.value("billable") for code, concept in _concepts().items() if code[0] == "A"} == {
        "A00": False,
        "A00.0": True,
        "A00.9": True,
    }


def test_seventh_characters_are_spelled_out_for_all_codes_below_with_the_placeholder():
    concepts = _concepts()
    assert [code for code, concept in concepts.items() if code[0] == "S" and concept.value("billable")] == [
        "S06.0X0A",
        "S06.0X0D",
        "S06.0X0S",
        "S06.0X7A",
        "S06.9XXA",
        "S06.9XXD",
        "S06.9XXS",
        "S06.8XXB",
    ]
    assert concepts["S06.9XXD"].display == "Any knock, subsequent encounter"
    assert concepts["S06.9XXD"].parents == ("S06.9",)
    assert concepts["S06.9"].value("billable") is False


def test_a_note_on_a_chapter_or_a_section_stands_on_its_range():
    codes, notes = IMPORTER.read(Member(SAMPLE))
    assert codes.notes == []
    assert notes.records == [
        DiagnosisNote("A00-A19", "excludes2", "cold feet (R00-R09)", ("R00-R09",)),
        DiagnosisNote("A00-A09", "code-also", "any thermometer (Y70.-)", ("Y70",)),
        DiagnosisNote("A00", "excludes1", "second fever (A01.-)", ("A01",)),
        DiagnosisNote("A00", "excludes1", "feeling warm", ()),
        DiagnosisNote("A00.9", "code-first", "the cause, such as: sugar (E08.3-, E09.3-)", ("E08.3", "E09.3")),
        DiagnosisNote("A00.9", "use-additional", "code for the drug (T36-T50 with fifth or sixth character 5)", ()),
    ]
    assert notes.notes == ["1 notes name codes by single characters; those targets are left out"]


def test_an_exception_in_words_that_are_not_understood_is_told(file_of):
    text = SAMPLE.read_text().replace("do not apply to codes", "are not meant for codes")
    codes, _ = IMPORTER.read(file_of(text, "icd10cm_tabular_2026.xml"))
    assert [note[:48] for note in codes.notes] == ["S06: a note on 7th characters is not understood:"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<name>A00.0</name>", "<name>A00.00000</name>", "category A00: 'A00.00000' is not an ICD-10-CM code"),
        ("<name>A00.0</name>", "<name>A01.0</name>", "category A00: A01.0 stands below A00"),
        ("<name>A00.0</name>", "<name>A00.9</name>", "category A00: A00.9 is there twice"),
        ("<desc>First fever, mild</desc>", "", "category A00: A00.0 has no title"),
        ("Fevers (A00-A19)", "Fevers", "chapter 1 names no range of codes"),
        ('<section id="A00-A09">', "<section>", "a section of chapter 1 has no id"),
    ],
)
def test_a_list_with_a_wrong_code_is_refused_whole(file_of, old, new, reason):
    text = SAMPLE.read_text()
    assert old in text
    with pytest.raises(SourceRefused) as caught:
        list(IMPORTER.read(file_of(text.replace(old, new), "tabular.xml")))
    assert caught.value.reason == reason


def test_a_list_without_codes_is_refused(file_of):
    with pytest.raises(SourceRefused, match="holds no codes"):
        list(IMPORTER.read(file_of("<ICD10CM.tabular><version>2026</version></ICD10CM.tabular>")))


@pytest.mark.realdata
def test_the_real_list_of_april_2026_has_74719_billable_codes(shared):
    source = Member(shared / "data/icd10cm/icd10cm_tabular_2026_april.xml.gz")
    assert IMPORTER.recognise(source)
    codes, notes = IMPORTER.read(source)
    assert sum(concept.value("billable") is True for concept in codes.records) == 74719
    assert (len(codes.records), codes.edition.version, codes.notes) == (98186, "2026-04", [])
    assert Counter(note.kind for note in notes.records) == {
        "excludes1": 5407,
        "excludes2": 2520,
        "use-additional": 1485,
        "code-first": 809,
        "code-also": 655,
    }


@pytest.mark.realdata
def test_the_real_list_of_2026_agrees_with_the_order_file_of_2025_on_what_they_share(shared):
    codes, _ = IMPORTER.read(Member(shared / "data/icd10cm/icd10cm_tabular_2026_april.xml.gz"))
    (order,) = icd10cm_order.IMPORTERS[0].read(Member(shared / "data/icd10cm/icd10cm_order_2025.txt.gz"))
    before = {concept.code: concept for concept in order.records}
    both = [(concept, before[concept.code]) for concept in codes.records if concept.code in before]
    assert len(both) > 97_000
    assert all(new.parents == old.parents for new, old in both)
    differing = sum(new.display != old.display for new, old in both)
    assert differing < 300
