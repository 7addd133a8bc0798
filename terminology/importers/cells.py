"""Rows and cells of CSV and fixed-width files: reading them with their line numbers, and what a cell may hold.

Every converter raises ValueError with a sentence that names the text, so that `take` can refuse the row.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from terminology.errors import SourceRefused
from terminology.importers.source import DAMAGE, Batch, Member, Refusals
from terminology.model import Edition

# Articles of the Medicare Coverage Database hold HTML beyond csv's own limit of 131,072 characters.
csv.field_size_limit(1 << 24)

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_CODE = re.compile(r"[0-9A-Z]{5}")
# The second character is a digit but for the chapter of congenital malformations, which ran over into QA0.
_ICD10 = re.compile(r"[A-Z](?:[0-9][0-9A-Z]|A[0-9])(?:\.[0-9A-Z]{1,4})?")

Row = TypeVar("Row")
"""A line of text or a list of cells."""
T = TypeVar("T")


def csv_rows(source: Member, encoding: str = "utf-8-sig") -> Iterator[tuple[int, list[str]]]:
    """The line on which each row starts (from 1), and its cells without surrounding blanks.

    Raises SourceRefused, naming the line, for bytes that are not text in this encoding, broken quoting or a damaged
    archive.
    """
    number = 1
    try:
        with io.TextIOWrapper(source.open(), encoding, newline="") as stream:
            reader = csv.reader(stream, strict=True)
            for row in reader:
                yield number, [cell.strip() for cell in row]
                number = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError, *DAMAGE) as error:
        raise SourceRefused(source.name, f"cannot be read from line {number} on: {error}") from error


def take(
    source: Member,
    edition: Edition,
    rows: Iterable[tuple[int, Row]],
    parse: Callable[[Row], T],
    key: Callable[[T], object],
    notes: Iterable[str] = (),
) -> Batch:
    """The records of all rows; a row for which `parse` raises ValueError is refused with its line.

    A row that says the same as an earlier one is passed over and counted in a note; one that has an earlier row's `key`
    and says something else is refused, since of two answers to one question none can be trusted more. Raises
    SourceRefused where too many rows are refused (see `Refusals`) or where none holds a record.
    """
    seen: dict[object, T] = {}
    refusals = Refusals(source.name)
    count = repeated = 0
    for line, row in rows:
        count += 1
        try:
            record = parse(row)
        except ValueError as error:
            refusals.refuse(line, str(error))
            continue
        earlier = seen.setdefault(key(record), record)
        if earlier is not record and earlier == record:
            repeated += 1
        elif earlier is not record:
            refusals.refuse(line, f"{key(record)} is there twice, and not with the same content")
    if not seen:
        raise SourceRefused(source.name, "holds no rows of data")
    repeats = [f"{repeated} rows repeat an earlier row"] if repeated else []
    return Batch(edition, list(seen.values()), count, refusals.rows, [*notes, *repeats])


def first_line(source: Member) -> str:
    """The first line of the content, without the line end and a byte order mark."""
    return source.head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].decode("latin-1").rstrip("\r")


def headed(source: Member, columns: Iterable[str], encoding: str = "utf-8-sig") -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file whose first row names the columns, as dictionaries; empty rows are passed over.

    Raises SourceRefused where one of `columns` is not there. A row of another width than the header comes with the
    key `""`, which `record_of` refuses.
    """
    rows = csv_rows(source, encoding)
    header = [name.lower() for name in next(rows, (1, []))[1]]
    if missing := [name for name in columns if name not in header]:
        raise SourceRefused(source.name, f"the header names no column {', '.join(missing)}")
    for line, cells in rows:
        if any(cells):
            row = dict(zip(header, cells, strict=False))
            if len(cells) != len(header):
                row[""] = f"{len(cells)} cells where the header names {len(header)}"
            yield line, row


def whole(row: dict[str, str]) -> dict[str, str]:
    """The row of `headed`, if it is as wide as its header; raises ValueError otherwise."""
    if "" in row:
        raise ValueError(row[""])
    return row


def number(text: str) -> float:
    """A decimal number as the agencies write it: `1.50`, `.07`, `1,234.50`, with an optional dollar sign."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"{text.strip()!r} is not a number")
    return float(plain)


def procedure(text: str) -> str:
    """A CPT or HCPCS Level II code: five digits or capital letters."""
    if not _CODE.fullmatch(text.strip()):
        raise ValueError(f"{text.strip()!r} is not a procedure code")
    return text.strip()


def diagnosis(text: str) -> str:
    """An ICD-10-CM code with the dot; one without a dot is given it."""
    code = text.strip()
    if len(code) > 3 and "." not in code:
        code = f"{code[:3]}.{code[3:]}"
    if not _ICD10.fullmatch(code):
        raise ValueError(f"{text.strip()!r} is not an ICD-10-CM code")
    return code


def contractor(text: str) -> str:
    """A Medicare contractor: five digits; leading zeros that a spreadsheet lost are put back."""
    return _padded(text, 5, "contractor")


def locality(text: str) -> str:
    """A Medicare locality: two digits; leading zeros that a spreadsheet lost are put back."""
    return _padded(text, 2, "locality")


def name(text: str) -> str:
    """A name without the asterisks that point to footnotes."""
    return text.strip().rstrip("*").rstrip()


def _padded(text: str, width: int, what: str) -> str:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= width):
        raise ValueError(f"{digits!r} is not a {what} of {width} digits")
    return digits.zfill(width)
