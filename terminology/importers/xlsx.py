"""Rows of Excel workbooks, for the agencies' files that come as .xlsx beside or instead of text.

A workbook is read one row at a time; whole sheets of half a million rows are never held as cells.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import warnings
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from terminology.errors import SourceRefused
from terminology.importers.source import DAMAGE, Member

Cell = object
"""What a cell holds: str, int, float, bool or datetime; None where it is empty. `text` makes a str of it."""

HEAD_ROWS = 40
"""How many rows recognition may look at: CMS puts at most eleven lines before the data."""

_OPENERS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_DAMAGE = (*DAMAGE, InvalidFileException, ParseError, KeyError, ValueError, TypeError)


def is_workbook(source: Member) -> bool:
    """Whether the content is an Office Open XML package: a zip whose first entry is one of its own parts.

    Tells a workbook from an ordinary zip of files by the first bytes alone. Source: ECMA-376 part 2.
    """
    head = source.head
    length = int.from_bytes(head[26:28], "little")
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + length].startswith(_OPENERS)


def rows(source: Member, sheet: int = 0) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """Row number (from 1, as Excel shows it) and cells of a sheet (from 0); empty rows are included.

    Rows may differ in length: trailing empty cells are not always stored. Formulas give their last value.
    Raises SourceRefused where the content is no readable workbook or has no such sheet.
    """
    content = io.BytesIO(source.read())  # openpyxl seeks, which a zip within a zip does poorly
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl warns of print headers and styles it cannot read
            book = openpyxl.load_workbook(content, read_only=True, data_only=True, keep_links=False)
            worksheet = book.worksheets[sheet]
            worksheet.reset_dimensions()  # some writers state too small a range, and rows beyond it would be lost
            cells = worksheet.iter_rows(values_only=True)
        for number, row in enumerate(_quietly(cells), 1):
            yield number, tuple(row)  # openpyxl gives a list for a row that is not stored
    except IndexError as error:
        raise SourceRefused(source.name, f"the workbook has no sheet number {sheet + 1}") from error
    except _DAMAGE as error:
        raise SourceRefused(source.name, f"is not a readable Excel workbook: {error}") from error


def _quietly(cells: Iterator[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
    """The same rows. The sheet's header and footer are parsed, and warned of, while its rows are read."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            some = list(itertools.islice(cells, 1000))
        if not some:
            return
        yield from some


def first_rows(source: Member) -> tuple[tuple[Cell, ...], ...]:
    """The first `HEAD_ROWS` rows of the first sheet, for recognition; empty for what is no workbook.

    Several importers ask this of the same file in turn, so the latest few answers are kept.
    """
    if not is_workbook(source):
        return ()
    status = source.path.stat()
    return _first_rows(source, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _first_rows(source: Member, _modified: int, _size: int) -> tuple[tuple[Cell, ...], ...]:
    return tuple(cells for _, cells in itertools.islice(rows(source), HEAD_ROWS))


def text(cell: Cell, width: int = 0) -> str:
    """The cell as the agency's text file would have it, without blanks at either end.

    Whole numbers lose the `.0` and get leading zeros up to `width` digits (Excel drops those of `00100`); days
    become YYYYMMDD; an empty cell is ''.
    """
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return cell.strftime("%Y%m%d")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:0{width}}"
    return str(cell).strip()
