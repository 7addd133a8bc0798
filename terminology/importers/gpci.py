"""Geographic practice cost indices by Medicare locality: CMS, physician fee schedule, addendum E, csv and text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import Gpci
from terminology.importers.cells import contractor, csv_rows, first_line, locality, name, number, take
from terminology.importers.naming import year_of
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Edition
from terminology.period import calendar_year

_TITLE = re.compile(r"ADDENDUM E\b.*GEOGRAPHIC PRACTICE COST INDICES", re.IGNORECASE)
_STATE = re.compile(r"[A-Z]{2}")
_FOOTNOTE = re.compile(r"\s*(\*|MAC Assignments\b|$)", re.IGNORECASE)
_HEADING = "Medicare Admi"
# Where the text file's columns begin and end; the last three are right-aligned.
_CUTS = ((0, 13), (13, 20), (20, 29), (29, 118), (118, 130), (130, 142), (142, 154))


class GpciFile:
    """GPCIyyyy as csv or text: a title, headings, one row a locality, footnotes."""

    name = "geographic practice cost indices (GPCI)"

    def recognise(self, source: Member) -> bool:
        """A title that names addendum E and the indices."""
        return _TITLE.match(first_line(source).strip('"')) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of Gpci for the calendar year of the title."""
        year = year_of(source, [first_line(source), *source.names])
        edition = Edition("gpci", str(year), *calendar_year(year))
        rows = (row for row in _rows(source) if _is_data(row[1]))
        yield take(source, edition, rows, _record, lambda row: f"{row.contractor} {row.locality}")


def _rows(source: Member) -> Iterator[tuple[int, list[str]]]:
    if b",,," in source.head:
        yield from csv_rows(source, "latin-1")
    else:
        for at, line in source.lines():
            yield at, [line] if _FOOTNOTE.match(line) else [line[first:last].strip() for first, last in _CUTS]


def _is_data(cells: list[str]) -> bool:
    first = cells[0] if cells else ""
    return not (_FOOTNOTE.match(first) or _TITLE.match(first) or first.startswith((_HEADING, "ADDENDUM E")))


def _record(cells: list[str]) -> Gpci:
    if len(cells) != len(_CUTS):
        raise ValueError(f"{len(cells)} cells instead of {len(_CUTS)}")
    if not _STATE.fullmatch(cells[1]):
        raise ValueError(f"{cells[1]!r} is not a state")
    return Gpci(
        contractor=contractor(cells[0]),
        locality=locality(cells[2]),
        state=cells[1],
        name=name(cells[3]),
        work=number(cells[4]),
        practice_expense=number(cells[5]),
        malpractice=number(cells[6]),
    )


IMPORTERS: tuple[Importer, ...] = (GpciFile(),)
