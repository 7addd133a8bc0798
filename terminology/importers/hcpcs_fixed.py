"""The fixed-width HCPCS Level II file (ANWEB .txt): its record layout, and its lines as named columns.

A code takes a first line and as many continuation lines as its long description needs, 80 characters each.
Records are 320 characters long in 2019, 293 from 2024 with continuation lines cut after their text. Some
years put disclaimers before the data. Source: CMS, HCPCyyyy_recordlayout.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from terminology.errors import SourceRefused
from terminology.importers.source import Member

CONTINUATIONS = ("4", "8")
"""The record ids of lines that carry on the long description of a code (4) or of a modifier (8)."""
RECORD_IDS = ("3", "7", *CONTINUATIONS)
"""All record ids; 3 and 7 are the first line of a code and of a modifier."""

_FIRST = re.compile(r"(?:   [0-9A-Z]{2}|[A-Z][0-9]{4})[0-9]{5}[37][^\n]{257}[0-9]{8}")
_FIRST_IN_HEAD = re.compile(_FIRST.pattern.encode(), re.MULTILINE)


@dataclass(frozen=True)
class Column:
    """A column of the record: the name that the workbook's header gives it, first position (from 1), width."""

    name: str
    position: int
    width: int

    def of(self, line: str) -> str:
        """The column's text in the line, without blanks at either end."""
        return line[self.position - 1 : self.position - 1 + self.width].strip()


def repeated(name: str, count: int) -> tuple[str, ...]:
    """The names of a column that the record holds several times: `XREF1` … `XREF5`."""
    return tuple(f"{name}{number}" for number in range(1, count + 1))


def _repeated(name: str, position: int, width: int, count: int) -> tuple[Column, ...]:
    return tuple(Column(each, position + width * at, width) for at, each in enumerate(repeated(name, count)))


LAYOUT: tuple[Column, ...] = (
    Column("HCPC", 1, 5),
    Column("SEQNUM", 6, 5),
    Column("RECID", 11, 1),
    Column("LONG DESCRIPTION", 12, 80),
    Column("SHORT DESCRIPTION", 92, 28),
    *_repeated("PRICE", 120, 2, 4),
    Column("MULT PI", 128, 1),
    *_repeated("CIM", 129, 6, 3),
    *_repeated("MCM", 147, 8, 3),
    Column("STATUTE", 171, 10),
    *_repeated("LABCERT", 181, 3, 8),
    *_repeated("XREF", 205, 5, 5),
    Column("COV", 230, 1),
    Column("ASC GRP", 231, 2),
    Column("ASC DT", 233, 8),
    Column("OPPS", 241, 3),
    Column("OPPS PI", 244, 1),
    Column("OPPS DT", 245, 8),
    Column("PROCNOTE", 253, 4),
    Column("BETOS", 257, 3),
    *_repeated("TOS", 261, 1, 5),
    Column("ANEST BU", 266, 3),
    Column("ADD DT", 269, 8),
    Column("ACT EFF DT", 277, 8),
    Column("TERM DT", 285, 8),
    Column("ACTION CD", 293, 1),
)
"""The record. Position 260 and all after 293 are filler."""

Row = dict[str, str]
"""The columns of a line by name, blanks removed; every name of `LAYOUT` is there."""


def recognise(head: bytes) -> bool:
    """Whether a first line of a code, of full length and with an add date, is among the first bytes."""
    return _FIRST_IN_HEAD.search(b"\n" + head) is not None


def rows(source: Member) -> Iterator[tuple[int, Row]]:
    """Line number (from 1) and columns, from the first line of a code on; blank lines are left out.

    Text is UTF-8, or latin-1 where it is not. Raises SourceRefused where no line is the first of a code.
    """
    content = source.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if _FIRST.match(line)), None)
    if first is None:
        raise SourceRefused(source.name, "no line is the first line of a HCPCS code")
    for number, line in enumerate(lines[first:], first + 1):
        if line.strip(" \t\r\x1a"):
            yield number, {column.name: column.of(line) for column in LAYOUT}
