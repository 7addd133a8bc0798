"""What the tables say of an ICD-10-CM code: the Medicare Code Editor's edits, the tabular list's notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from terminology.edits import DiagnosisEdit, DiagnosisNote
from terminology.model import Edition
from terminology.period import Day
from terminology.release.reader import Release

_LABELS = {
    "excludes1": "Never coded with",
    "excludes2": "Not included here",
    "code-first": "Code first",
    "use-additional": "Use an additional code for",
    "code-also": "Code also",
}


@dataclass(frozen=True)
class EditorRow:
    """An edit of the Medicare Code Editor, in a sentence, and the edition that has it."""

    edition: Edition
    kind: str
    meaning: str


@dataclass(frozen=True)
class NoteRow:
    """A note: of what kind, its text, and the code that it stands on where that is a parent."""

    label: str
    text: str
    stands_on: str


@dataclass(frozen=True)
class DiagnosisEdits:
    """All of them. An edition is None where no such table is held for the day."""

    editor: list[EditorRow]
    editor_editions: list[Edition]
    notes: list[NoteRow]
    notes_edition: Edition | None
    notes_stale: bool


def diagnosis_edits(release: Release, code: str, day: Day) -> DiagnosisEdits:
    """The edits by edition, and the notes of the edition that answers for the day, those of the parents included."""
    editor = [
        EditorRow(edition, row.kind, _meaning(row))
        for edition, table in release.diagnosis_edits.newest_first
        for row in table.get(code)
    ]
    notes = release.diagnosis_notes.on(day)
    rows = (
        []
        if notes is None
        else [
            NoteRow(_LABELS[note.kind], note.text, "" if held == code else held)
            for held in _with_parents(code)
            for note in _standing_on(notes.table.get(held))
        ]
    )
    return DiagnosisEdits(
        editor=editor,
        editor_editions=[edition for edition, _ in release.diagnosis_edits.newest_first],
        notes=rows,
        notes_edition=notes.edition if notes else None,
        notes_stale=notes is not None and notes.stale,
    )


def _standing_on(notes: tuple[DiagnosisNote, ...]) -> Iterator[DiagnosisNote]:
    yield from sorted(notes, key=lambda note: list(_LABELS).index(note.kind))


def _with_parents(code: str) -> Iterator[str]:
    """The code, then each shorter one down to its category of three characters."""
    yield code
    for length in range(len(code) - 1, 2, -1):
        if code[length - 1] != ".":
            yield code[:length]


def _meaning(edit: DiagnosisEdit) -> str:
    if edit.kind == "age":
        return f"for patients of {edit.low} to {edit.high} years"
    if edit.kind == "sex":
        return f"for {edit.sex} patients"
    return "a manifestation: not the principal diagnosis"
