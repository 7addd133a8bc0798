"""Prices capped at the hospital outpatient rate, US dollars, by procedure and locality: CMS, OPPSCAP, csv and text.

Nothing in the files says the year: it comes from the name of the archive (`rvu25d.zip`), from the fee schedule that
lies beside them (the build sees to that), or from the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import OppsCap
from terminology.importers.cells import contractor, csv_rows, first_line, locality, number, procedure, take
from terminology.importers.rvu_edition import rvu_edition
from terminology.importers.source import Batch, Importer, Member

_HEADING = "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,"
_ROW = re.compile(r"([0-9A-Z]{5})([0-9A-Z]{2}|  ) ([A-Z]) (\d{5})  (\d\d)([ \d]{6}\.\d\d)([ \d]{7}\.\d\d)")


class OppsCapCsv:
    """OPPSCAP as csv."""

    name = "outpatient payment caps (OPPSCAP, csv)"

    def recognise(self, source: Member) -> bool:
        """The headings of the csv."""
        return first_line(source).upper().startswith(_HEADING)

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of OppsCap for the quarter."""
        rows = (row for row in csv_rows(source, "latin-1") if any(row[1]) and row[0] > 1)
        yield take(source, rvu_edition(source, "oppscap"), rows, _record, _key)


class OppsCapText:
    """OPPSCAP as text, 38 columns wide."""

    name = "outpatient payment caps (OPPSCAP, text)"

    def recognise(self, source: Member) -> bool:
        """The first line has its seven fields in their places."""
        return _ROW.fullmatch(first_line(source)) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of OppsCap for the quarter."""
        rows = ((at, line) for at, line in source.lines() if line.strip("\x1a "))
        yield take(source, rvu_edition(source, "oppscap"), rows, _from_line, _key)


def _key(row: OppsCap) -> str:
    return f"{row.code} {row.modifier} {row.contractor} {row.locality}"


def _from_line(line: str) -> OppsCap:
    found = _ROW.fullmatch(line)
    if not found:
        raise ValueError("the seven fields are not in their columns")
    return _record([text.strip() for text in found.groups()])


def _record(cells: list[str]) -> OppsCap:
    if len(cells) != 7:
        raise ValueError(f"{len(cells)} cells instead of 7")
    return OppsCap(
        code=procedure(cells[0]),
        modifier=cells[1],
        status=cells[2],
        contractor=contractor(cells[3]),
        locality=locality(cells[4]),
        facility_price=number(cells[5]),
        non_facility_price=number(cells[6]),
    )


IMPORTERS: tuple[Importer, ...] = (OppsCapCsv(), OppsCapText())
