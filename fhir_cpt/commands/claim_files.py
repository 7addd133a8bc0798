"""The resources in the files that the user names: JSON, or NDJSON read line by line with constant memory."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson

from fhir_cpt.bulk.lines import BOM, Chunk, Chunker, NotJson, parse
from fhir_cpt.commands.console import plain

MOST = 64 << 20
"""Bytes of the longest line of NDJSON that is taken; a longer one is passed over without being held."""
_PART = 256 << 10
"""Bytes of NDJSON that are read at once: some fifty claims, which with their answers fit a core's cache."""
_EMPTY = "is empty: there is no claim in it, and nothing was checked"


class Document(NamedTuple):
    """One resource as it stands in its file.

    `record` is its line in an NDJSON file (from 1), None where it is the whole file. `resource` is None where it
    could not be read, and `problem` says why; where it is not JSON, `line` and `column` (from 1) say where in it.
    """

    file: str
    record: int | None
    raw: bytes = b""
    resource: dict[str, Any] | None = None
    problem: str = ""
    line: int = 1
    column: int = 0

    @property
    def spot(self) -> str:
        """Where it is not JSON, for people: ` at line 2, column 5`; of a line of NDJSON, the column."""
        if not self.column:
            return ""
        return f" at line {self.line}, column {self.column}" if self.record is None else f" at column {self.column}"

    @property
    def place(self) -> str:
        """For people: `claims.ndjson:3`."""
        return self.file if self.record is None else f"{self.file}:{self.record}"


class Piece(NamedTuple):
    """What is worked on in one go: lines of an NDJSON file, a whole file, or one that cannot be read."""

    file: str
    chunk: Chunk | None = None
    whole: bytes = b""
    problem: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.whole) + (sum(map(len, self.chunk.lines)) if self.chunk else 0)

    def documents(self) -> Iterator[Document]:
        """The documents in it."""
        if self.problem:
            yield Document(self.file, None, problem=self.problem)
        elif self.chunk is None:
            yield _document(self.file, None, self.whole)
        elif self.chunk.too_long:
            yield Document(self.file, self.chunk.first, problem=f"longer than {MOST} bytes")
        else:
            for number, line in self.chunk.numbered():
                yield _document(self.file, number, line)


def documents(names: Iterable[str]) -> Iterator[Document]:
    """The documents of all files in order; `-` is standard input. Raises nothing for what cannot be read."""
    return (document for piece in pieces(names) for document in piece.documents())


def pieces(names: Iterable[str]) -> Iterator[Piece]:
    """The pieces of all files in order, read as they are asked for. Raises nothing for what cannot be read."""
    for name in names:
        try:
            if name == "-":
                yield from _pieces("stdin", cast(BufferedReader, sys.stdin.buffer))
            else:
                with Path(name).open("rb") as stream:
                    yield from _pieces(plain(name), stream)
        except OSError as error:
            yield Piece(plain(name), problem=f"cannot be read: {error.strerror or error}")


def _pieces(name: str, stream: BufferedReader) -> Iterator[Piece]:
    """The file as a whole, or its lines: told by its name, or by a first line that is whole JSON.

    A file of blank lines alone is one that holds no claim: nothing was checked, which must not pass for clean.
    """
    start = b""
    if not name.lower().endswith(".ndjson"):
        first = stream.readline().removeprefix(BOM)
        second = stream.readline() if _is_json(first) else b""
        if not second.strip():
            yield Piece(name, whole=first + second + stream.read())
            return
        start = first + second
    blank = True
    for chunk in _chunks(start, stream):
        blank = blank and not chunk.too_long and next(chunk.numbered(), None) is None
        yield Piece(name, chunk)
    if blank:
        yield Piece(name, problem=_EMPTY)


def _chunks(start: bytes, stream: BufferedReader) -> Iterator[Chunk]:
    """The lines that begin with `start` and go on in the stream."""
    chunker = Chunker(MOST)
    for part in chain((start,), iter(lambda: stream.read1(_PART), b"")):
        yield from chunker.feed(part)
    yield from chunker.close()


def _document(name: str, record: int | None, raw: bytes) -> Document:
    if not raw.strip():
        return Document(name, record, problem=_EMPTY)
    try:
        resource = parse(raw)
    except NotJson as wrong:
        return Document(name, record, raw, problem=f"not JSON: {wrong}", line=wrong.line, column=wrong.column)
    if not isinstance(resource, dict):
        return Document(name, record, raw, problem="not a claim: the JSON is no object")
    return Document(name, record, raw, resource)


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
