"""NCCI add-on code edits (AOC): the flat file, and the table with a header as .xlsx or tab-separated text.

Dates are YYYYDDD, the day counted within the year; blank is open. The primary `CCCCC` says that the
contractor defines the primary codes: all rows of type 2 have it, and some of type 3.
Source: CMS, Medicare NCCI add-on code edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from terminology.edits import AddOnEdit
from terminology.errors import SourceRefused
from terminology.importers import xlsx
from terminology.importers.naming import quarterly
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import Edition
from terminology.period import FIRST_DAY, LAST_DAY, Day, parse_compact, parse_ordinal

CONTRACTOR_DEFINED = "CCCCC"
"""What the file holds in place of a primary code that the Medicare contractor is to define."""

_FLAT_COLUMNS = ((0, 1), (1, 6), (6, 13), (13, 18), (18, 25), (25, 32), (32, 39), (39, 97))
_FLAT_ROW = re.compile(rb"[123][0-9A-Z]{5}(?:\d{7}| {7})[0-9A-Z]{5}(?:\d{7}| {7})\d{7}(?:\d{7}| {7}| *\r?$)")
_HEADER = (
    "aocedittype",
    "addoncode",
    "aocdeldt",
    "primarycode",
    "primarycodedeldt",
    "aocediteffdt",
    "aoceditdeldt",
)
_NOTE = "specialinstruction"
_CODE = re.compile(r"[0-9A-Z]{5}")

Row = tuple[int, Sequence[str]]
"""Line number (from 1) and the eight columns of an edit, in the flat file's order."""


class AddOnImporter:
    """Reads the add-on code edits of one quarter."""

    name = "NCCI add-on code edits (AOC)"

    def recognise(self, source: Member) -> bool:
        """Whether the content starts with flat rows, or has the table's header near its top."""
        return _is_flat(source.head) or any(_is_header(cells) for _, cells in _head(source))

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for `addon`.

        Raises EditionUnknown where no name holds the quarter, SourceRefused for a table that cannot be read.
        """
        version, period = quarterly(source)
        refusals = Refusals(source.name)
        records: list[AddOnEdit] = []
        for line, cells in _flat_rows(source) if _is_flat(source.head) else _table_rows(source):
            if not any(cells):
                continue
            try:
                records.append(_record(cells))
            except ValueError as error:
                refusals.refuse(line, str(error))
        if not records:
            raise SourceRefused(source.name, "it holds no add-on code edits")
        edition = Edition("addon", version, *period, "rows")
        yield Batch(edition, records, len(records) + len(refusals.rows), refusals.rows)


def _record(cells: Sequence[str]) -> AddOnEdit:
    kind, code, code_end, primary, primary_end, start, end, note = cells
    if kind not in ("1", "2", "3"):
        raise ValueError(f"{kind!r} is not a type of add-on edit (1, 2 or 3)")
    for text in (code, primary):
        if not _CODE.fullmatch(text):
            raise ValueError(f"{text!r} is not a code of five letters and digits")
    if code == CONTRACTOR_DEFINED:
        raise ValueError(f"{CONTRACTOR_DEFINED} stands in the column of the add-on code")
    return AddOnEdit(
        type=int(kind),
        code=code,
        primary=None if primary == CONTRACTOR_DEFINED else primary,
        start=_day(start, FIRST_DAY),
        end=_day(end, LAST_DAY),
        code_end=_day(code_end, LAST_DAY),
        primary_end=_day(primary_end, LAST_DAY),
        note=note,
    )


def _day(text: str, blank: Day) -> Day:
    """A day as YYYYDDD; also as YYYYMMDD, which is what a cell that Excel took for a date turns into."""
    if not text:
        return blank
    return parse_compact(text) if len(text) == 8 else parse_ordinal(text)


def _is_flat(head: bytes) -> bool:
    return all(_FLAT_ROW.match(line) for line in head.split(b"\n", 3)[:3] if line.strip()) and bool(head.strip())


def _flat_rows(source: Member) -> Iterator[Row]:
    for number, line in source.lines():
        last = len(_FLAT_COLUMNS) - 1
        yield (
            number,
            [
                (line[start:] if at == last else line[start:end]).strip()
                for at, (start, end) in enumerate(_FLAT_COLUMNS)
            ],
        )


def _table_rows(source: Member) -> Iterator[Row]:
    """The rows after the header, their cells in the flat file's order whatever the order of the header's."""
    order: list[int] = []
    for number, cells in _cells(source):
        if order:
            yield number, [cells[at].strip() if at < len(cells) else "" for at in order]
        elif _is_header(cells):
            names = [_name(cell) for cell in cells]
            note = next((at for at, name in enumerate(names) if name.startswith(_NOTE)), len(names))
            order = [*map(names.index, _HEADER), note]


def _cells(source: Member) -> Iterator[Row]:
    if xlsx.is_workbook(source):
        yield from ((number, _texts(cells)) for number, cells in xlsx.rows(source))
    else:
        yield from ((number, line.split("\t")) for number, line in source.lines())


def _head(source: Member) -> Iterator[Row]:
    if xlsx.is_workbook(source):
        yield from ((number, _texts(cells)) for number, cells in enumerate(xlsx.first_rows(source), 1))
    else:
        lines = source.head.decode("latin-1").split("\n", xlsx.HEAD_ROWS)[: xlsx.HEAD_ROWS]
        yield from ((number, line.split("\t")) for number, line in enumerate(lines, 1))


def _texts(cells: Sequence[xlsx.Cell]) -> list[str]:
    # Only codes have leading zeros that Excel may have dropped; types have one digit, days seven or eight.
    return [xlsx.text(cell, width=5 if isinstance(cell, int | float) and cell > 9 else 0) for cell in cells]


def _is_header(cells: Sequence[str]) -> bool:
    return {_name(cell) for cell in cells}.issuperset(_HEADER)


def _name(cell: str) -> str:
    """The header cell less underscores, hyphens and `(Julian)`, in which the quarters' spellings differ."""
    return re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)", "", cell).lower())


IMPORTERS: tuple[Importer, ...] = (AddOnImporter(),)
