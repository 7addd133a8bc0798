"""NCCI procedure-to-procedure (PTP) edits: `ccipra` and `ccioph` files, text or .xlsx, in parts f1 to f4.

Seven columns: column 1, column 2, `*` if in existence before 1996, effective day, deletion day or `*`,
modifier indicator, rationale. The preamble differs in length from quarter to quarter, so the data start at
the first line whose first two cells are codes. Nothing in the content says whether the edits are those of
practitioners or of hospitals; the file's name does. Source: CMS, Medicare NCCI PTP edits.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import chain
from operator import gt

from terminology.edits import PtpColumns, Setting
from terminology.errors import SourceRefused
from terminology.importers import xlsx
from terminology.importers.naming import quarterly
from terminology.importers.source import DAMAGE, Batch, Importer, Member, Refusals
from terminology.model import Edition
from terminology.period import LAST_DAY, parse_compact

_CODE = re.compile(r"[0-9A-Z]{5}")
_START = re.compile(rb"[0-9A-Z]{5}\t[0-9A-Z]{5}\t")
_ROW = re.compile(rb"^[0-9A-Z]{5}\t[0-9A-Z]{5}\t\*?\t\d{8}\t(?:\d{8}|\*)\t[019]\t[^\t\r\n]+\r?$", re.MULTILINE)
_SETTINGS: tuple[tuple[re.Pattern[str], Setting], ...] = (
    (re.compile("ccipra|practitioner", re.IGNORECASE), "practitioner"),
    (re.compile("ccioph|hospital", re.IGNORECASE), "hospital"),
)
_PART = re.compile(r"(?<![a-z])f(\d)(?!\d)", re.IGNORECASE)
_REVISION = re.compile(r"v(\d{3})r(\d+)", re.IGNORECASE)

Line = tuple[int, bytes]
"""Line number (from 1) and the line."""


class _Cells(dict[bytes, int]):
    """The value of each distinct cell of a column, worked out once: a column of millions has few of them."""

    def __init__(self, read: Callable[[str], int]) -> None:
        self._read = read

    def __missing__(self, cell: bytes) -> int:
        value = self[cell] = self._read(cell.decode("latin-1"))
        return value


class _Places:
    """Gives each distinct text its place in a list; `limit` is how many the column's array can number."""

    def __init__(self, texts: list[str], what: str, limit: int, shape: re.Pattern[str]) -> None:
        self._texts, self._what, self._limit, self._shape = texts, what, limit, shape
        self._places: dict[str, int] = {}

    def __call__(self, cell: str) -> int:
        """The place of the text. Raises ValueError where it is not as expected, or is one too many."""
        cell = cell.strip()
        if not self._shape.fullmatch(cell):
            raise ValueError(f"{cell!r} is not a {self._what}")
        if cell not in self._places:
            if len(self._texts) == self._limit:
                raise ValueError(f"more than {self._limit} different {self._what}s")
            self._places[cell] = len(self._texts)
            self._texts.append(cell)
        return self._places[cell]


class PtpImporter:
    """Reads one part of one setting's PTP edits into columns."""

    name = "NCCI PTP edits"

    def recognise(self, source: Member) -> bool:
        """Whether a row of seven PTP columns is near the top of the content."""
        if head := xlsx.first_rows(source):
            return any(_ROW.fullmatch(_as_line(cells)) for cells in head)
        return _ROW.search(source.head) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for `ptp-practitioner` or `ptp-hospital`, `part` is the file's f1 to f4.

        Raises EditionUnknown where no name holds the quarter, SourceRefused where none holds the setting.
        """
        version, period = quarterly(source)
        edition = Edition(f"ptp-{_setting(source)}", version, *period, "rows")
        refusals = Refusals(source.name)
        notes = [f"NCCI version {found[1]}, revision r{found[2]}" for found in _in_names(_REVISION, source)][:1]
        columns, preamble = _columns(source, refusals)
        if preamble:
            notes.append(f"{preamble} lines before the first row of edits")
        if backwards := sum(map(gt, columns.start, columns.end)):
            notes.append(f"{backwards} rows end before they start, and never apply")
        read = len(columns) + len(refusals.rows)
        part = next((f"f{found[1]}" for found in _in_names(_PART, source)), "")
        yield Batch(edition, columns, read, refusals.rows, notes, part)


def _columns(source: Member, refusals: Refusals) -> tuple[PtpColumns, int]:
    """All rows, and how many lines stand before them. Runs once a row of millions, so it makes no objects."""
    columns = PtpColumns()
    codes = _Cells(_Places(columns.codes, "code of five letters and digits", 1 << 16, _CODE))
    rationales = _Cells(_Places(columns.rationales, "rationale", 1 << 8, re.compile(r"[^\t]+")))
    old, starts, ends, indicators = _Cells(_old), _Cells(parse_compact), _Cells(_end), _Cells(_indicator)
    add1, add2 = columns.column1.append, columns.column2.append
    add_old, add_start, add_end = columns.prior_to_1996.append, columns.start.append, columns.end.append
    add_indicator, add_rationale = columns.indicator.append, columns.rationale.append

    lines = _lines(source)
    first = next((line for line in lines if _START.match(line[1])), None)
    if first is None:
        raise SourceRefused(source.name, "no line starts with two codes: it holds no PTP edits")
    for number, line in chain((first,), lines):
        try:
            one, two, prior, start, end, indicator, rationale = line.split(b"\t")
            # All seven are looked up before any is added: a refused row leaves no trace.
            at1, at2, is_old = codes[one], codes[two], old[prior]
            first_day, last_day = starts[start], ends[end]
            lifted, reason = indicators[indicator], rationales[rationale]
        except ValueError as error:
            if line.strip(b"\t\r\n \x1a"):
                refusals.refuse(number, _reason(line, error))
            continue
        add1(at1)
        add2(at2)
        add_old(is_old)
        add_start(first_day)
        add_end(last_day)
        add_indicator(lifted)
        add_rationale(reason)
    return columns, first[0] - 1


def _lines(source: Member) -> Iterator[Line]:
    if xlsx.is_workbook(source):
        yield from ((number, _as_line(cells)) for number, cells in xlsx.rows(source))
        return
    try:
        # The buffer spares zip members, whose own readline is slow; closing it closes the stream beneath.
        with io.BufferedReader(source.open(), 1 << 20) as stream:  # type: ignore[type-var]
            yield from enumerate(stream, 1)
    except DAMAGE as error:
        raise SourceRefused(source.name, f"is damaged: {error}") from error


def _as_line(cells: tuple[xlsx.Cell, ...]) -> bytes:
    """The row of a workbook as the text file has it."""
    texts = [xlsx.text(cell, width=5 if at < 2 else 0) for at, cell in enumerate(cells)]
    return "\t".join([*texts[:7], *filter(None, texts[7:])]).encode("latin-1", "replace")


def _reason(line: bytes, error: ValueError) -> str:
    count = line.count(b"\t") + 1
    return str(error) if count == 7 else f"{count} columns, not 7"


def _old(cell: str) -> int:
    if cell not in ("", "*"):
        raise ValueError(f"{cell!r} is neither * nor empty (in existence prior to 1996)")
    return int(cell == "*")


def _end(cell: str) -> int:
    return LAST_DAY if cell == "*" else parse_compact(cell)


def _indicator(cell: str) -> int:
    if cell not in ("0", "1", "9"):
        raise ValueError(f"{cell!r} is not a modifier indicator (0, 1 or 9)")
    return int(cell)


def _in_names(pattern: re.Pattern[str], source: Member) -> Iterator[re.Match[str]]:
    return (found for name in source.names if (found := pattern.search(name)))


def _setting(source: Member) -> Setting:
    for name in source.names:
        found = [setting for pattern, setting in _SETTINGS if pattern.search(name)]
        if len(found) == 1:
            return found[0]
    raise SourceRefused(
        source.name,
        "whether these are practitioner or hospital edits is neither in the content nor in the name; "
        "keep CMS's name (ccipra-… or ccioph-…)",
    )


IMPORTERS: tuple[Importer, ...] = (PtpImporter(),)
