"""The counties of each Medicare locality: CMS, yyLOCCO, csv and text.

Localities of one state stand in a block between blank lines, and only the first names the state. The csv drops leading
zeros; the text cuts long lists of counties, and in 2025 names no state at all for California. Where both are at hand,
load the csv. A locality may have two rows: where two contractors serve it, each with its counties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import Locality
from terminology.importers.cells import contractor, csv_rows, first_line, locality, name, take
from terminology.importers.naming import year_of
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Edition
from terminology.period import calendar_year

_TITLE = re.compile(r"COUNTIES INCLUDED IN (?:(?:19|20)\d{2}) LOCALITIES", re.IGNORECASE)
# Where the text file's columns begin and end.
_CUTS = ((0, 16), (16, 22), (22, 45), (45, 143), (143, 400))


class LocalityFile:
    """LOCCO as csv or text: a title, headings, blocks of localities, footnotes."""

    name = "counties of the Medicare localities (LOCCO)"

    def recognise(self, source: Member) -> bool:
        """The title."""
        return _TITLE.match(first_line(source).strip('"')) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of Locality for the calendar year of the title; a note counts those without a state."""
        year = year_of(source, [first_line(source), *source.names])
        edition = Edition("locality", str(year), *calendar_year(year))
        rows = list(_with_state(_rows(source)))
        stateless = sum(len(cells) == len(_CUTS) and not cells[2] for _, cells in rows)
        notes = [f"{stateless} localities name no state in this file"] if stateless else []
        yield take(source, edition, rows, _record, lambda row: row, notes)


def _rows(source: Member) -> Iterator[tuple[int, list[str]]]:
    if first_line(source).endswith(","):
        yield from csv_rows(source, "latin-1")
    else:
        for at, line in source.lines():
            yield at, [line[first:last].strip() for first, last in _CUTS]


def _with_state(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows of data, each with the state of its block."""
    state = ""
    for at, cells in rows:
        first = cells[0] if cells else ""
        if not any(cells):
            state = ""
        elif not first.startswith(("*", "Medicare Ad", "COUNTIES")):
            state = cells[2] or state if len(cells) == len(_CUTS) else state
            yield at, [*cells[:2], state, *cells[3:]]


def _record(cells: list[str]) -> Locality:
    if len(cells) != len(_CUTS):
        raise ValueError(f"{len(cells)} cells instead of {len(_CUTS)}")
    return Locality(
        contractor=contractor(cells[0]),
        locality=locality(cells[1]),
        state=name(cells[2]),
        area=name(cells[3]),
        counties=cells[4],
    )


IMPORTERS: tuple[Importer, ...] = (LocalityFile(),)
