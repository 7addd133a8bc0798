"""Newline-delimited JSON: bytes as they arrive, in chunks of whole lines; and a line as JSON.

A line ends with a line feed (a carriage return before it is white space to JSON), the last one with the stream. Blank
lines count, and are not answered: the first answer belongs to the first line that is not blank, and so on. A byte
order mark before the first line is dropped. Source: the NDJSON specification (ndjson.org), FHIR R4 http#ndjson.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

BOM = b"\xef\xbb\xbf"
MOST_LINES = 1024
"""Lines in one chunk: short ones have answers far longer than they are, which are held in memory together."""


class Chunk(NamedTuple):
    """Whole lines that follow one another, without their ends; or, `too_long`, one line that is not held at all."""

    first: int
    """The number of the first line, from 1."""
    lines: list[bytes]
    too_long: bool = False

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """The lines that are not blank, with their numbers."""
        for number, line in enumerate(self.lines, start=self.first):
            if line and not line.isspace():
                yield number, line


class Chunker:
    """Makes chunks of the parts of a stream, however it is cut. Holds no more of it than one line, and one part."""

    def __init__(self, most: int) -> None:
        """`most` is the length of the longest line that is taken, in bytes."""
        self._most = most
        self._number = 1
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, part: bytes) -> Iterator[Chunk]:
        """The chunks of the lines that the part makes whole."""
        first, lines = self._number, list[bytes]()
        for line in self._whole(part):
            if line is not None:
                lines.append(line)
            if lines and (line is None or len(lines) == MOST_LINES):
                yield Chunk(first, lines)
                first, lines = first + len(lines), []
            if line is None:
                yield Chunk(first, [], too_long=True)
                first += 1
        if lines:
            yield Chunk(first, lines)

    def close(self) -> Iterator[Chunk]:
        """The chunk of the last line, where no line feed ends it."""
        if self._size:
            first, line = self._number, self._ended(b"")
            yield Chunk(first, [], too_long=True) if line is None else Chunk(first, [line])

    def _whole(self, part: bytes) -> Iterator[bytes | None]:
        """The lines that the part makes whole; None for one that is too long."""
        head, end, rest = part.partition(b"\n")
        if not end:
            self._hold(part)
            return
        yield self._ended(head)
        *lines, last = rest.split(b"\n")
        if all(len(line) <= self._most for line in lines):
            self._number += len(lines)
            yield from lines
        else:
            yield from map(self._ended, lines)
        self._hold(last)

    def _ended(self, piece: bytes) -> bytes | None:
        self._hold(piece)
        line = b"".join(self._held) if self._size <= self._most else None
        if line is not None and self._number == 1:
            line = line.removeprefix(BOM)
        self._held, self._size = [], 0
        self._number += 1
        return line

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            self._held.clear()
        elif piece:
            self._held.append(piece)


class NotJson(ValueError):
    """A text that is not JSON: why, and where the fault is."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


def parse(text: bytes) -> Any:
    """The JSON. Raises NotJson."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        line, column, why = error.lineno, error.colno, error.msg
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        before = text[: wrong.start].decode("utf-8").split("\n")
        line, column, why = len(before), len(before[-1]) + 1, "a byte that is not UTF-8"
    raise NotJson(why, line, column)
