"""MODUL.txt, the modifiers of CPT's Appendix A."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.errors import SourceRefused
from terminology.importers.cpt_modifiers import IMPORTERS, entries
from terminology.importers.cpt_notice import NOTE_PREFIX
from terminology.importers.source import Batch, Member
from terminology.model import Concept

SOURCE = Path(__file__).parents[2] / "sources" / "cpt" / "MODUL.txt"
NOTICE = "Invented. Copyright 2025 American Medical Association.\n\nAppendix A\n\n"
(IMPORTER,) = IMPORTERS


def read(source: Member) -> Batch:
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    return batch


def written(folder: Path, content: str) -> Member:
    path = folder / "modifiers.txt"
    path.write_bytes(content.encode("cp1252"))
    return Member(path)


def concepts(batch: Batch) -> dict[str, Concept]:
    assert isinstance(batch.records, list)
    return {record.code: record for record in batch.records}


def sections(concept: Concept) -> list[object]:
    return [item.value for item in concept.properties if item.code == "modifier-section"]


@pytest.mark.parametrize(
    ("code", "title", "found"),
    [
        ("22", "More Planks", ["regular"]),
        ("25", "Separate Rose, Seen by the Same Gardener", ["regular", "ambulatory-surgery"]),
        ("P1", "A whole teapot", ["physical-status"]),
        ("P2", "A chipped teapot", ["physical-status"]),
        ("27", "Several Gardens on One Day", ["ambulatory-surgery"]),
        ("1P", "Rose Not Seen due to Weather", ["category-ii"]),
        ("8P", "Rose Not Seen, Reason Not Given", ["category-ii"]),
        ("E1", "Left window, upper", ["level-ii"]),
        ("E2", "Left window, lower 25 is no modifier here", ["level-ii"]),
        ("XE", "Another visit", ["level-ii"]),
    ],
)
def test_each_section_gives_its_modifiers(code: str, title: str, found: list[str], tmp_path: Path) -> None:
    # a wrapped line of level II belongs to the modifier above it
    text = (
        SOURCE.read_bytes()
        .decode("cp1252")
        .replace("Left window, lower\r\n", "Left window, lower\r\n25 is no modifier here\r\n")
    )
    concept = concepts(read(written(tmp_path, text)))[code]
    assert concept.display == title
    assert sections(concept) == found
    assert concept.value("modifier") is True


def test_there_are_no_other_modifiers_in_the_file() -> None:
    batch = read(Member(SOURCE))
    assert list(concepts(batch)) == ["22", "25", "P1", "P2", "27", "1P", "8P", "E1", "E2", "XE"]
    assert batch.rows_read == 11


def test_a_wrapped_line_that_begins_with_a_number_is_no_modifier() -> None:
    assert concepts(read(Member(SOURCE)))["22"].definition == (
        "When the fence is longer than 25 planks, as fences are."
    )


def test_further_paragraphs_belong_to_the_definition() -> None:
    definition = concepts(read(Member(SOURCE)))["25"].definition
    assert definition == "When a rose is seen on the same day as a fence. Note: this paragraph belongs to the rose."


def test_the_reasons_of_a_category_ii_modifier_are_its_definition() -> None:
    assert concepts(read(Member(SOURCE)))["1P"].definition == "Reasons include: Rain Hail"
    assert concepts(read(Member(SOURCE)))["8P"].definition is None


def test_the_edition_and_the_notice_come_from_the_file() -> None:
    batch = read(Member(SOURCE))
    assert batch.edition.version == "2026"
    notice, basis = batch.notes
    assert notice.startswith(NOTE_PREFIX)
    assert "Appendix" not in notice
    assert basis == "taken as edition 2026, by the notice's copyright year"


def test_a_modifier_worded_differently_in_two_sections_keeps_the_first_and_is_noted(tmp_path: Path) -> None:
    text = NOTICE + "25 Rose: Red.\n\nCPT Level I Modifiers\n\n25 Rose: White.\n"
    batch = read(written(tmp_path, text))
    assert concepts(batch)["25"].definition == "Red."
    assert "modifier 25 is worded differently in ambulatory-surgery; regular is kept" in batch.notes


def test_a_section_without_modifiers_is_noted(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "25 Rose: Red.\n"))
    assert [note for note in batch.notes if note.startswith("no modifiers")] == [
        f"no modifiers were found in section {section}"
        for section in ("ambulatory-surgery", "category-ii", "level-ii", "physical-status")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Somebody else.\n\nAppendix A\n\n25 Rose: Red.\n",
        NOTICE.replace("Appendix A", "Appendix B") + "25 Rose: Red.\n",
        NOTICE + "No modifiers at all.\n",
    ],
    ids=["another's notice", "another appendix", "no modifiers"],
)
def test_another_text_is_not_recognised(tmp_path: Path, text: str) -> None:
    assert not IMPORTER.recognise(written(tmp_path, text))


def test_reading_a_text_without_modifiers_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no modifiers"):
        list(IMPORTER.read(written(tmp_path, NOTICE)))


@settings(deadline=None)
@given(st.text(st.sampled_from("25P1E :\nAppendix CategoryIlvm()/*"), max_size=300))
def test_any_text_can_be_parsed(text: str) -> None:
    assert all(len(entry.code) == 2 for entry in entries(text.splitlines()))
