"""What a release holds, table by table, for people: the rows of `fhir-cpt release info`."""

from __future__ import annotations

from typing import NamedTuple

from terminology.model import Edition
from terminology.release.reader import Release


class Holding(NamedTuple):
    """One edition of one table: the days that it speaks for, its rows, the bytes of its file."""

    table: str
    version: str
    days: str
    rows: int
    bytes: int
    content: str
    parts: tuple[str, ...]


def describe(release: Release) -> list[Holding]:
    """Every edition that the release holds, by table and first day. Editions that share a file both give its bytes."""
    entries = [entry for entry in release.manifest.tables if not entry.merged]
    entries.sort(key=lambda entry: (entry.edition.table, entry.edition.start, entry.edition.version))
    return [
        Holding(
            entry.edition.table,
            entry.edition.version,
            _days(entry.edition),
            entry.rows,
            entry.bytes,
            entry.content,
            entry.parts,
        )
        for entry in entries
    ]


def _days(edition: Edition) -> str:
    """`2024-07-01 to 2024-09-30`; for rows that carry their own dates and where none are known, that."""
    if edition.basis == "undated":
        return "any day"
    return f"{edition.period}" + (", rows dated" if edition.basis == "rows" else "")
