"""Anesthesia conversion factors by Medicare locality, US dollars per unit: CMS, ANESyyyy, csv and text.

The text has the factor times 100 as an integer, cuts names at 40 characters, and ends with a byte 0x1A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import AnesthesiaFactor
from terminology.importers.cells import contractor, csv_rows, first_line, locality, name, number, take
from terminology.importers.naming import year_of
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Edition
from terminology.period import calendar_year

_HEADING = re.compile(r"Contractor,\s*Locality,\s*Locality Name,.*Anes", re.IGNORECASE)
_ROW = re.compile(r"(\d{5}) {7}(\d\d) {4}(\S.{0,54}) *(?<= )(\d{3,5})")


class AnesthesiaCsv:
    """ANESyyyy as csv."""

    name = "anesthesia conversion factors (ANES, csv)"

    def recognise(self, source: Member) -> bool:
        """The headings of the csv."""
        return _HEADING.match(first_line(source)) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of AnesthesiaFactor for the calendar year in the name."""
        rows = (row for row in csv_rows(source, "latin-1") if any(row[1]) and row[0] > 1)
        yield take(source, _edition(source), rows, _from_cells, _key)


class AnesthesiaText:
    """ANESyyyy as text in fixed columns, without headings."""

    name = "anesthesia conversion factors (ANES, text)"

    def recognise(self, source: Member) -> bool:
        """The first line is a contractor, a locality, a name and a factor."""
        return _ROW.fullmatch(first_line(source).rstrip()) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of AnesthesiaFactor for the calendar year in the name."""
        rows = ((at, line) for at, line in source.lines() if line.strip("\x1a "))
        yield take(source, _edition(source), rows, _from_line, _key)


def _edition(source: Member) -> Edition:
    year = year_of(source)
    return Edition("anesthesia", str(year), *calendar_year(year))


def _key(row: AnesthesiaFactor) -> str:
    return f"{row.contractor} {row.locality}"


def _from_cells(cells: list[str]) -> AnesthesiaFactor:
    if len(cells) != 4:
        raise ValueError(f"{len(cells)} cells instead of 4")
    return AnesthesiaFactor(contractor(cells[0]), locality(cells[1]), name(cells[2]), number(cells[3]))


def _from_line(line: str) -> AnesthesiaFactor:
    found = _ROW.fullmatch(line.rstrip())
    if not found:
        raise ValueError("not a contractor, a locality, a name and a factor in their columns")
    return AnesthesiaFactor(found[1], found[2], name(found[3]), int(found[4]) / 100)


IMPORTERS: tuple[Importer, ...] = (AnesthesiaCsv(), AnesthesiaText())
