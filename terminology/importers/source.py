"""A source file as importers see it: a name, its first bytes, and a stream, whether plain, gzip or in a zip.

Importers never look at the name to learn what a file is; they may look at it for the edition, where the
agency writes the edition nowhere else (MUE tables, NCCI PTP parts, ICD-10-CM order files).
"""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

from terminology.edits import PtpColumns
from terminology.errors import SourceRefused
from terminology.model import Edition

HEAD = 65536
"""How many bytes of a file recognition may look at."""
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError)
"""What the standard library raises for archives that are damaged, cut short, encrypted or packed in a strange way."""
REFUSAL_LIMIT = 10
"""A file with more refused rows than this is refused whole: it is not what it seems to be."""


@dataclass(frozen=True)
class Member:
    """A file inside a zip archive on disk, or the file itself where `member` is empty."""

    path: Path
    member: str = ""
    version: str = ""
    """The edition as the user gave it on the command line; wins over what name and content say."""

    @property
    def name(self) -> str:
        """What people are shown: `outer.zip!member.txt`, or the file's name."""
        return f"{self.path.name}!{self.member}" if self.member else self.path.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names that may hold the edition: the member's first, then the file's, then its folder's."""
        own = (self.member,) if self.member else ()
        return (*own, self.path.name, self.path.resolve().parent.name)

    def open(self) -> IO[bytes]:
        """The content, decompressed, to be read once from its start. The caller closes it.

        Raises SourceRefused, here or while the content is read, for a file that is damaged or cut short.
        """
        try:
            raw = self._raw()
            if raw.read(2) == b"\x1f\x8b":
                raw.seek(0)
                return io.BufferedReader(_Content(self.name, gzip.GzipFile(fileobj=raw, mode="rb"), raw), 1 << 20)
            raw.seek(0)
            return io.BufferedReader(_Content(self.name, raw), 1 << 20)
        except DAMAGE as error:
            raise SourceRefused(self.name, f"cannot be read: {error}") from error

    def _raw(self) -> IO[bytes]:
        """The bytes as they lie in the folder or in the archive."""
        if not self.member:
            return self.path.open("rb")
        with zipfile.ZipFile(self.path) as archive:
            return archive.open(self.member)

    def read(self) -> bytes:
        """The whole content, decompressed. Raises SourceRefused for a damaged file."""
        with self.open() as stream:
            return stream.read()

    @cached_property
    def head(self) -> bytes:
        """The first bytes of the content. Raises SourceRefused for a damaged file."""
        with self.open() as stream:
            return stream.read(HEAD)

    def lines(self, encoding: str = "latin-1") -> Iterator[tuple[int, str]]:
        """Line number (from 1) and text without the line end.

        Raises SourceRefused for a damaged file, or one in another encoding.
        """
        with io.TextIOWrapper(self.open(), encoding, newline="\n") as stream:
            try:
                for number, line in enumerate(stream, 1):
                    yield number, line.rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise SourceRefused(self.name, f"is not {encoding} text: {error}") from error


class _Content(io.RawIOBase):
    """A stream that says which file is damaged where the one beneath breaks off, and closes all that lies beneath."""

    def __init__(self, name: str, stream: IO[bytes] | gzip.GzipFile, *beneath: IO[bytes]) -> None:
        self._name = name
        self._stream = stream
        self._beneath = beneath

    def readable(self) -> bool:
        """Always: it is a stream to read from."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; the count of bytes, 0 at the end. Raises SourceRefused."""
        try:
            content = self._stream.read(len(buffer))
        except DAMAGE as error:
            raise SourceRefused(self._name, f"is damaged: {error}") from error
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Close the stream and those beneath it."""
        for stream in (self._stream, *self._beneath):
            stream.close()
        super().close()


@dataclass
class Refusals:
    """The rows of a file that could not be taken, each with its line and the reason.

    `refuse` raises SourceRefused once there are more than `REFUSAL_LIMIT`.
    """

    source: str
    rows: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        """Record that the row on this line (from 1) is left out, and why."""
        self.rows.append((line, reason))
        if len(self.rows) > REFUSAL_LIMIT:
            shown = "; ".join(f"line {number}: {why}" for number, why in self.rows[:3])
            raise SourceRefused(self.source, f"more than {REFUSAL_LIMIT} rows are not as expected: {shown}; …")


@dataclass
class Batch:
    """What one importer read from one file for one table.

    `records` are of the type that the table holds (see `terminology.release.tables`); `part` tells the pieces
    of an edition that comes in several files (`f1` … `f4`) apart.
    """

    edition: Edition
    records: list[Any] | PtpColumns
    rows_read: int
    refused: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    part: str = ""


class Importer(Protocol):
    """One kind of source file. `read` yields one batch a table that the file feeds.

    `recognise` looks at the content (`Member.head`) alone. `read` raises SourceRefused, or EditionUnknown
    where neither the content, nor the names, nor `Member.version` say which edition it is.
    """

    @property
    def name(self) -> str:
        """What the file is, in the words of the people who use it: `NCCI PTP edits`."""
        ...

    def recognise(self, source: Member) -> bool:
        """Whether the content is of this kind."""
        ...

    def read(self, source: Member) -> Iterator[Batch]:
        """The file's records."""
        ...


@runtime_checkable
class GroupImporter(Protocol):
    """A kind of source that comes as several files which make sense only together.

    `recognise` looks at one file; all recognised files of one build are given to `read_group` at once. `read_group`
    raises SourceRefused where a file that the others need is not among them.
    """

    @property
    def name(self) -> str:
        """What the files are, in the words of the people who use them."""
        ...

    def recognise(self, source: Member) -> bool:
        """Whether the content is one of the files."""
        ...

    def read_group(self, sources: Sequence[Member]) -> Iterator[Batch]:
        """The records of all the files."""
        ...
