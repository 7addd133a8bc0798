"""The resources in the files that the user names: JSON, or NDJSON read line by line with constant memory."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from fhir_cpt.commands.console import plain

_BOM = b"\xef\xbb\xbf"


class Document(NamedTuple):
    """One resource as it stands in its file.

    `record` is its line in an NDJSON file (from 1), None where it is the whole file. `resource` is None where it
    could not be read, and `problem` says why.
    """

    file: str
    record: int | None
    raw: bytes = b""
    resource: dict[str, Any] | None = None
    problem: str = ""

    @property
    def place(self) -> str:
        """For people: `claims.ndjson:3`."""
        return self.file if self.record is None else f"{self.file}:{self.record}"


def documents(names: Iterable[str]) -> Iterator[Document]:
    """The documents of all files in order; `-` is standard input. Raises nothing for what cannot be read."""
    for name in names:
        try:
            if name == "-":
                yield from _documents("stdin", sys.stdin.buffer)
            else:
                with Path(name).open("rb") as stream:
                    yield from _documents(plain(name), stream)
        except OSError as error:
            yield Document(plain(name), None, problem=f"cannot be read: {error.strerror or error}")


def _documents(name: str, stream: IO[bytes]) -> Iterator[Document]:
    """One document for the file, or one for each line: told by its name, or by a first line that is whole JSON."""
    first = stream.readline().removeprefix(_BOM)
    by_line = name.lower().endswith(".ndjson")
    if not by_line and not _is_json(first):
        yield _document(name, None, first + stream.read())
        return
    second = stream.readline()
    if not by_line and not second.strip():
        yield _document(name, None, first + second + stream.read())
        return
    for number, line in enumerate(_chained(first, second, stream), start=1):
        if line.strip():
            yield _document(name, number, line)


def _chained(first: bytes, second: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _document(name: str, record: int | None, raw: bytes) -> Document:
    if not raw.strip():
        return Document(name, record, problem="is empty")
    try:
        resource = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if record is None else f"column {error.colno}"
        return Document(name, record, raw, problem=f"not JSON: {error.msg} at {place}")
    if not isinstance(resource, dict):
        return Document(name, record, raw, problem="not a claim: the JSON is no object")
    return Document(name, record, raw, resource)


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
