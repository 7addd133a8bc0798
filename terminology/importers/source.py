"""A source file as importers see it: a name, its first bytes, and a stream, whether plain, gzip or in a zip.

Importers never look at the name to learn what a file is; they may look at it for the edition, where the
agency writes the edition nowhere else (MUE tables, NCCI PTP parts, ICD-10-CM order files).
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol

from terminology.edits import PtpColumns
from terminology.errors import SourceRefused
from terminology.model import Edition

HEAD = 65536
"""How many bytes of a file recognition may look at."""
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
        """The content, decompressed. The caller closes it. Raises SourceRefused for a damaged archive."""
        try:
            if self.member:
                with zipfile.ZipFile(self.path) as archive:
                    raw: IO[bytes] = archive.open(self.member)
            else:
                raw = self.path.open("rb")
            if raw.read(2) == b"\x1f\x8b":
                raw.seek(0)
                return io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"), 1 << 20)
            raw.seek(0)
            return raw
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise SourceRefused(self.name, f"cannot be read: {error}") from error

    @cached_property
    def head(self) -> bytes:
        """The first bytes of the content. Raises SourceRefused for a damaged file."""
        try:
            with self.open() as stream:
                return stream.read(HEAD)
        except (OSError, EOFError, zipfile.BadZipFile) as error:
            raise SourceRefused(self.name, f"cannot be read: {error}") from error

    def lines(self, encoding: str = "latin-1") -> Iterator[tuple[int, str]]:
        """Line number (from 1) and text without the line end."""
        with io.TextIOWrapper(self.open(), encoding, newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                yield number, line.rstrip("\r\n")


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

    name: str
    """What the file is, in the words of the people who use it: `NCCI PTP edits`."""

    def recognise(self, source: Member) -> bool:
        """Whether the content is of this kind."""
        ...

    def read(self, source: Member) -> Iterator[Batch]:
        """The file's records."""
        ...
