"""NCCI medically unlikely edits (MUE): the tables of practitioners, outpatient hospitals and DME suppliers.

CSV in latin-1 or .xlsx. Before the data stand a notice (one quoted cell of many lines) and a header whose
first cell holds a line break and whose second names the setting. The quarter stands only in the file's name
(`Eff_07-01-2024`). A table is a full snapshot: a code that is no longer listed has no edit any more.
Source: CMS, Medicare NCCI Medically Unlikely Edits.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from terminology.edits import Mue, Setting
from terminology.errors import SourceRefused
from terminology.importers import xlsx
from terminology.importers.naming import quarterly
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import Edition

_HEADER = re.compile(
    r"hcpcs/? ?cpt code\|(practitioner|outpatient hospital|dme supplier)( services)? mue values"
    r"\|mue adjudication indicator\|mue rationale"
)
_SETTINGS: dict[str, Setting] = {
    "practitioner": "practitioner",
    "outpatient hospital": "hospital",
    "dme supplier": "dme",
}
_CODE = re.compile(r"[0-9A-Z]{5}")
_VALUE = re.compile(r"[0-9]{1,9}")
_INDICATOR = re.compile(r"([123])(?![0-9])")

Row = tuple[int, list[str]]
"""Line number (from 1) of the row's last line, and its cells without blanks at either end."""


class MueImporter:
    """Reads one setting's MUE table."""

    name = "NCCI medically unlikely edits (MUE)"

    def recognise(self, source: Member) -> bool:
        """Whether the header of an MUE table is near the top of the content."""
        if head := xlsx.first_rows(source):
            return any(_setting_of([xlsx.text(cell) for cell in cells]) for cells in head)
        try:
            records = islice(_csv(source.head.decode("latin-1")), xlsx.HEAD_ROWS)
            return any(_setting_of(cells) for _, cells in records)
        except csv.Error:
            return False

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for `mue-practitioner`, `mue-hospital` or `mue-dme`, as the header says.

        Raises EditionUnknown where no name holds the quarter, SourceRefused for a table that cannot be read.
        """
        version, period = quarterly(source)
        refusals = Refusals(source.name)
        try:
            rows = _rows(source)
            setting = next((found for _, cells in rows if (found := _setting_of(cells))), None)
            if setting is None:
                raise SourceRefused(source.name, "no header names the setting whose MUE values these are")
            records = list(_records(rows, refusals))
        except csv.Error as error:
            raise SourceRefused(source.name, f"is not readable as CSV: {error}") from error
        if not records:
            raise SourceRefused(source.name, "there is no row after the header")
        edition = Edition(f"mue-{setting}", version, *period, "snapshot")
        yield Batch(edition, records, len(records) + len(refusals.rows), refusals.rows)


def _records(rows: Iterable[Row], refusals: Refusals) -> Iterator[Mue]:
    seen: set[str] = set()
    for line, cells in rows:
        if not any(cells):
            continue
        if any("\n" in cell for cell in cells):
            # No data cell holds a line break: one quote astray would swallow all rows up to the next.
            raise SourceRefused(
                refusals.source, f"up to line {line}: a cell holds a line break; is a quote not closed?"
            )
        try:
            record = _record(cells)
            if record.code in seen:
                raise ValueError(f"a second row of {record.code}")
        except ValueError as error:
            refusals.refuse(line, str(error))
            continue
        seen.add(record.code)
        yield record


def _record(cells: list[str]) -> Mue:
    if len(cells) < 4 or any(cells[4:]):
        raise ValueError(f"{len(cells)} columns, not 4")
    code, value, indicator, rationale = cells[:4]
    found = _INDICATOR.match(indicator)
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a code of five letters and digits")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"{code}: the value {value!r} is not a whole number")
    if found is None:
        raise ValueError(f"{code}: {indicator!r} does not start with an adjudication indicator (1, 2 or 3)")
    return Mue(code, int(value), int(found[1]), rationale)


def _setting_of(cells: Iterable[str]) -> Setting | None:
    """The setting that the header names; None for a row that is not the header."""
    row = "|".join(" ".join(cell.split()) for cell in cells).lower()
    found = _HEADER.match(row)
    return _SETTINGS[found[1]] if found else None


def _rows(source: Member) -> Iterator[Row]:
    if xlsx.is_workbook(source):
        for number, cells in xlsx.rows(source):
            yield number, [xlsx.text(cell, width=5 if at == 0 else 0) for at, cell in enumerate(cells)]
        return
    yield from _csv(source.read().decode("latin-1"))


def _csv(content: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""))
    for cells in reader:
        yield reader.line_num, [cell.strip() for cell in cells]


IMPORTERS: tuple[Importer, ...] = (MueImporter(),)
