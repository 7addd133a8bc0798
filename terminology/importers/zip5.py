"""The Medicare contractor and locality of each ZIP code: CMS, ZIP5, text of 80 columns; each row names its quarter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import ZipLocality
from terminology.errors import EditionUnknown
from terminology.importers.cells import first_line, take
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Edition
from terminology.period import quarter

# State, ZIP, contractor, locality, rural indicator, five columns of laboratory billing, +4 flag, filler, year, quarter.
_ROW = re.compile(r"([A-Z]{2})(\d{5})(\d{5})(\d\d)([ RB]).{5}([01]).{54}(\d{4})([1-4])")


class Zip5:
    """ZIP5_MONyyyy."""

    name = "Medicare localities of the ZIP codes (ZIP5)"

    def recognise(self, source: Member) -> bool:
        """The first line has state, ZIP code, contractor, locality and quarter in their places."""
        return _ROW.fullmatch(first_line(source).rstrip()) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of ZipLocality for the quarter that the rows name."""
        found = _ROW.fullmatch(first_line(source).rstrip())
        if not found:
            raise EditionUnknown(source.name, "the first row names no quarter")
        year, number = int(found[7]), int(found[8])
        edition = Edition("zip5", f"{year}q{number}", *quarter(year, number))
        rows = ((at, line) for at, line in source.lines() if line.strip("\x1a "))
        yield take(source, edition, rows, lambda line: _record(line, found[7] + found[8]), lambda row: row.zip)


def _record(line: str, edition: str) -> ZipLocality:
    found = _ROW.fullmatch(line.rstrip())
    if not found:
        raise ValueError("the fields are not in their columns")
    if found[7] + found[8] != edition:
        raise ValueError(f"of quarter {found[7]}{found[8]}, while the first row is of {edition}")
    return ZipLocality(
        zip=found[2],
        state=found[1],
        contractor=found[3],
        locality=found[4],
        rural=found[5].strip(),
        plus_four=found[6] == "1",
    )


IMPORTERS: tuple[Importer, ...] = (Zip5(),)
