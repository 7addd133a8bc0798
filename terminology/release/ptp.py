"""The compiled table of procedure-to-procedure edits of one setting and quarter.

Rows lie sorted by column 1, column 2 and start, in one array a field. A bitmap with a bit for each ordered
pair of codes that has a window which ever applied answers most questions (no edit) without a search; only pairs
that have one are looked for among the rows.

Rows that never applied are kept for inspection (`windows`) and have no bit: those of indicator 9, those deleted on the
day on which they began or earlier, and those of a code with itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from terminology.edits import PtpColumns, PtpEdit
from terminology.errors import ReleaseError
from terminology.period import Day, Period
from terminology.release import keys, sections


class Slot(NamedTuple):
    """A code's place in the table: its row of the bitmap (offset), and its column (byte and bit).

    `blocks` has a bit for each 64 columns of the row of which any is set, `block` the one bit of the code's own column:
    where the two of a pair have none in common there is no edit, and the bitmap, which no cache holds, is not read.
    """

    id: int
    row: int
    byte: int
    bit: int
    block: int
    blocks: int


class PtpHit(NamedTuple):
    """An edit in force between two of the codes asked about: column 1 is `codes[first]`, column 2 `codes[second]`."""

    first: int
    second: int
    edit: PtpEdit


_STORED = {0: 0, 1: 1, 9: 2}
_INDICATOR = (0, 1, 9)
_RATIONALES = 32
_REMEMBERED = 8192
"""Pairs (by day) whose edits are kept: the same recur in the claims of a day."""


def write(path: Path, parts: Sequence[PtpColumns]) -> int:
    """Write the rows of all parts of one edition; returns how many.

    Raises ReleaseError for more codes or rationales than the format has room for.
    """
    codes = sorted({code for part in parts for code in part.codes})
    rationales = sorted({text for part in parts for text in part.rationales})
    if len(codes) > 0xFFFF or len(rationales) > _RATIONALES:
        raise ReleaseError(f"{path.name}: {len(codes)} codes and {len(rationales)} rationales are too many")
    columns = _joined(parts, codes, rationales)
    width = _row_width(len(codes))
    bits = bytearray(width * len(codes))
    first = array("I", bytes(4 * (len(codes) + 1)))
    second, start, end, flags = array("H"), array("I"), array("I"), array("B")
    for row in _sorted_rows(columns):
        one, two = columns.column1[row], columns.column2[row]
        begin, last, indicator = columns.start[row], columns.end[row], columns.indicator[row]
        first[one + 1] += 1
        second.append(two)
        start.append(begin)
        end.append(last)
        flags.append(_STORED[indicator] | columns.prior_to_1996[row] << 2 | columns.rationale[row] << 3)
        if indicator != 9 and last > begin and one != two:
            bits[one * width + (two >> 3)] |= 1 << (two & 7)
    for at in range(len(codes)):
        first[at + 1] += first[at]
    sections.write(
        path,
        {
            "codes": array("Q", map(keys.pack, codes)),
            "first": first,
            "second": second,
            "start": start,
            "end": end,
            "flags": flags,
            "bits": bits,
            "rationales": msgspec.json.encode(rationales),
        },
    )
    return len(second)


def _row_width(codes: int) -> int:
    """Bytes of one row of the bitmap: a bit a code, in whole words of 64."""
    return (codes + 63) // 64 * 8


def _joined(parts: Sequence[PtpColumns], codes: Sequence[str], rationales: Sequence[str]) -> PtpColumns:
    """All parts as one, with ids of the common lists."""
    ids = {code: at for at, code in enumerate(codes)}
    texts = {text: at for at, text in enumerate(rationales)}
    joined = PtpColumns(list(codes), list(rationales))
    for part in parts:
        code_ids = [ids[code] for code in part.codes]
        text_ids = [texts[text] for text in part.rationales]
        joined.column1.extend(map(code_ids.__getitem__, part.column1))
        joined.column2.extend(map(code_ids.__getitem__, part.column2))
        joined.rationale.extend(map(text_ids.__getitem__, part.rationale))
        joined.start.extend(part.start)
        joined.end.extend(part.end)
        joined.indicator.extend(part.indicator)
        joined.prior_to_1996.extend(part.prior_to_1996)
    return joined


def _sorted_rows(columns: PtpColumns) -> Iterator[int]:
    """Row numbers by column 1, column 2, start. CMS's files are sorted so already, which makes this cheap."""
    order = [
        (one << 48 | two << 32 | begin) << 32 | row
        for row, (one, two, begin) in enumerate(zip(columns.column1, columns.column2, columns.start, strict=True))
    ]
    order.sort()
    return (packed & 0xFFFFFFFF for packed in order)


class PtpReader:
    """The compiled edits of one edition, read-only."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises ReleaseMismatch where it is not one of this kind."""
        file = sections.Sections(path)
        self._codes = file.numbers("codes")
        self._first = file.numbers("first")
        self._second = file.numbers("second")
        self._start = file.numbers("start")
        self._end = file.numbers("end")
        self._flags = file.numbers("flags")
        self._bits = file.bytes("bits")
        self._width = _row_width(len(self._codes))
        self._rationales = msgspec.json.decode(file.bytes("rationales"), type=list[str])
        self._slots: dict[str, Slot | None] = {}
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._edit_on)

    def __len__(self) -> int:
        """How many rows the table has, windows that never applied among them."""
        return len(self._second)

    def __contains__(self, code: str) -> bool:
        return self.slot(code) is not None

    def __iter__(self) -> Iterator[str]:
        """The codes that any row names, sorted."""
        return map(keys.unpack, self._codes)

    def slot(self, code: str) -> Slot | None:
        """Where the code stands in the table, or None where no row names it. Remembered for the codes it has."""
        try:
            return self._slots[code]
        except KeyError:
            at = keys.position(self._codes, code)
            if at is None:
                return None
            row = at * self._width
            blocks = sum(1 << at for at, word in enumerate(self._bits[row : row + self._width].cast("Q")) if word)
            slot = self._slots[code] = Slot(at, row, at >> 3, 1 << (at & 7), 1 << (at >> 6), blocks)
            return slot

    def edits(self, codes: Sequence[str], day: Day) -> list[PtpHit]:
        """The edits in force on the day between any two of the codes, in either order.

        A code may be given more than once; no code is ever bundled with itself.
        """
        return [
            PtpHit(first, second, self._edit(codes[first], codes[second], row))
            for first, second in self.pairs(codes)
            if (row := self._in_force(codes[first], codes[second], day)) is not None
        ]

    def pairs(self, codes: Sequence[str]) -> list[tuple[int, int]]:
        """The positions (column 1, column 2) of all codes that some window, on whatever day, keeps apart."""
        bits = self._bits
        rows: list[tuple[int, int, int]] = []
        columns: dict[int, list[tuple[int, int, int]]] = {}
        wanted = 0
        known = self._slots.get
        for at, code in enumerate(codes):
            slot = known(code) or self.slot(code)
            if slot is None:
                continue
            _, row, byte, bit, block, blocks = slot
            rows.append((at, row, blocks))
            if wanted & block:
                columns[block].append((at, byte, bit))
            else:
                columns[block] = [(at, byte, bit)]
                wanted |= block
        found: list[tuple[int, int]] = []
        for first, row, blocks in rows:
            common = blocks & wanted
            while common:  # few: a claim's codes lie in few of the two hundred blocks
                block = common & -common
                common ^= block
                for second, byte, bit in columns[block]:
                    if bits[row + byte] & bit:
                        found.append((first, second))
        found.sort()
        return found

    def edit(self, column1: str, column2: str, day: Day) -> PtpEdit | None:
        """The edit in force on the day for the ordered pair, or None."""
        return self._remembered(column1, column2, day)

    def _edit_on(self, column1: str, column2: str, day: Day) -> PtpEdit | None:
        row = self._in_force(column1, column2, day)
        return None if row is None else self._edit(column1, column2, row)

    def windows(self, column1: str, column2: str) -> list[PtpEdit]:
        """All rows of the ordered pair by start day, those that never applied (indicator 9) among them."""
        one, two = self.slot(column1), self.slot(column2)
        if one is None or two is None:
            return []
        return [self._edit(column1, column2, row) for row in self._rows(one.id, two.id)]

    def partners(self, code: str, day: Day) -> Iterator[PtpEdit]:
        """The edits in force on the day with the code in column 1, by column 2."""
        slot = self.slot(code)
        if slot is None:
            return
        for row in range(self._first[slot.id], self._first[slot.id + 1]):
            if self._start[row] <= day <= self._end[row] and self._applies(row) and self._second[row] != slot.id:
                yield self._edit(code, keys.unpack(self._codes[self._second[row]]), row)

    def span(self, code: str) -> Period | None:
        """From the first to the last day of the edits that applied to the code, in either column; None without any."""
        slot = self.slot(code)
        if slot is None:
            return None
        rows = [row for row in range(self._first[slot.id], self._first[slot.id + 1]) if self._applies(row)]
        column = bytes(self._bits[slot.byte :: self._width])
        for first, byte in enumerate(column):
            if byte & slot.bit:
                rows += [row for row in self._rows(first, slot.id) if self._applies(row)]
        if not rows:
            return None
        return Period(min(self._start[row] for row in rows), max(self._end[row] for row in rows))

    def bundlers(self, code: str, day: Day) -> Iterator[PtpEdit]:
        """The edits in force on the day with the code in column 2, by column 1."""
        slot = self.slot(code)
        if slot is None:
            return
        column = self._bits[slot.byte :: self._width]  # one byte a code: which of them any window keeps apart from it
        for at, bits in enumerate(column):
            if bits & slot.bit:
                for row in self._rows(at, slot.id):
                    if self._start[row] <= day <= self._end[row] and self._applies(row):
                        yield self._edit(keys.unpack(self._codes[at]), code, row)

    def _in_force(self, column1: str, column2: str, day: Day) -> int | None:
        """The row in force on the day for the ordered pair."""
        one, two = self.slot(column1), self.slot(column2)
        if one is None or two is None or one.id == two.id:
            return None
        for row in self._rows(one.id, two.id):
            if self._start[row] <= day <= self._end[row] and self._applies(row):
                return row
        return None

    def _rows(self, one: int, two: int) -> Iterator[int]:
        """The rows of the ordered pair of codes, given by their ids, by start day."""
        last = self._first[one + 1]
        row = bisect_left(self._second, two, self._first[one], last)
        while row < last and self._second[row] == two:
            yield row
            row += 1

    def _applies(self, row: int) -> bool:
        return self._flags[row] & 3 != _STORED[9] and self._end[row] > self._start[row]

    def _edit(self, column1: str, column2: str, row: int) -> PtpEdit:
        flags = self._flags[row]
        return PtpEdit(
            column1,
            column2,
            self._start[row],
            self._end[row],
            _INDICATOR[flags & 3],
            self._rationales[flags >> 3],
            bool(flags & 4),
        )
