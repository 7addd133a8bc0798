"""The files inside a path that the user names: a folder with its subfolders, a zip archive, a zip in a zip, one file.

`walk` lists them without reading them; each is a `Member` that can be opened, or a reason why it cannot.
A workbook is a zip too, but one file to us.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from terminology.errors import SourceRefused
from terminology.importers.source import DAMAGE, Member
from terminology.importers.xlsx import is_workbook

DEEPEST = 8
"""How many folders below the one that was named are looked into."""
LARGEST = 4 << 30
"""Bytes. A member that declares more is refused: no agency's table comes near it."""
LARGEST_RATIO = 1000
"""A member that declares to unpack to more than this many times its size is refused; tables do to 50 times at most."""
LARGEST_INNER = 1 << 30
"""Bytes. A zip within a zip is held in memory while it is read, so it may not be larger."""
_ENCRYPTED = 0x1
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class NestedMember(Member):
    """A file inside a zip archive that is itself a member of a zip archive on disk."""

    inner: str = ""

    @property
    def name(self) -> str:
        """`outer.zip!inner.zip!file.csv`."""
        return f"{self.path.name}!{self.member}!{self.inner}"

    @property
    def names(self) -> tuple[str, ...]:
        """The innermost name first."""
        return (self.inner, *super().names)

    def _raw(self) -> IO[bytes]:
        with _inner_archive(self) as archive:
            return archive.open(self.inner)


@dataclass(frozen=True)
class Unreadable:
    """A file that cannot be looked into, and why; `ignored` where nobody would expect it to be a table."""

    source: Member
    reason: str
    ignored: bool = False


def walk(path: Path, version: str = "") -> Iterator[Member | Unreadable]:
    """All files of the path; a folder means the files in it and in its subfolders, `DEEPEST` levels down.

    `version` is passed on to each Member. Raises nothing: what cannot be read is Unreadable.
    """
    yield from _entry(Member(path, version=version), 0, set())


def _entry(source: Member, depth: int, entered: set[Path]) -> Iterator[Member | Unreadable]:
    """A file, or what is in a folder; `depth` is 0 for the path that was named, `entered` holds the folders so far."""
    path = source.path
    try:
        if depth and path.name.startswith("."):
            yield Unreadable(source, "is hidden", ignored=True)
        elif path.is_dir():
            yield from _folder(source, depth, entered)
        elif not path.exists():
            yield Unreadable(source, "does not exist")
        elif not path.is_file():
            yield Unreadable(source, "is not a regular file")
        else:
            yield from _file(source)
    except OSError as error:
        yield Unreadable(source, f"cannot be read: {error.strerror}")


def _folder(source: Member, depth: int, entered: set[Path]) -> Iterator[Member | Unreadable]:
    """The files of a folder. One that a link leads back to is not entered again: its files have been given already."""
    place = source.path.resolve()
    if place in entered:
        yield Unreadable(source, "leads to a folder that has been looked into", ignored=True)
    elif depth > DEEPEST:
        yield Unreadable(source, f"lies more than {DEEPEST} folders deep; name it by itself")
    elif not (files := sorted(source.path.iterdir())):
        yield Unreadable(source, "is an empty folder", ignored=depth > 0)
    else:
        entered.add(place)
        for file in files:
            yield from _entry(Member(file, version=source.version), depth + 1, entered)


def _file(source: Member) -> Iterator[Member | Unreadable]:
    try:
        if not source.head:
            yield Unreadable(source, "is empty")
        elif not _begins_as_zip(source.path):
            yield source
        else:
            with zipfile.ZipFile(source.path) as archive:
                yield from _members(archive, source)
    except SourceRefused as error:
        yield Unreadable(source, error.reason)
    except (*DAMAGE, ValueError) as error:
        yield Unreadable(source, f"is a damaged zip archive ({error}); download it again")


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_ZIP)


def _members(archive: zipfile.ZipFile, outer: Member) -> Iterator[Member | Unreadable]:
    """The files of an archive; `outer` is the archive: a file on disk, or a member of one."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    counts = Counter(info.filename for info in infos)
    if "[Content_Types].xml" in counts:
        holds_sheets = any(name.startswith("xl/") for name in counts)
        yield outer if holds_sheets else Unreadable(outer, "is an office document, not a workbook")
        return
    if not infos:
        yield Unreadable(outer, "is an archive with nothing in it")
    for info in infos:
        if info.filename not in counts:
            continue
        inside = _inside(outer, info.filename)
        if (times := counts[info.filename]) > 1:
            yield Unreadable(inside, f"stands {times} times in the archive; which one counts is not known")
            del counts[info.filename]
        elif reason := _unsafe(info):
            yield Unreadable(inside, reason)
        elif info.filename.startswith("__MACOSX/") or info.filename.endswith(".DS_Store"):
            yield Unreadable(inside, "was added by macOS", ignored=True)
        elif info.file_size == 0:
            yield Unreadable(inside, "is empty")
        else:
            yield from _inner(inside, nested=isinstance(inside, NestedMember))


def _inside(outer: Member, name: str) -> Member:
    if outer.member:
        return NestedMember(outer.path, outer.member, outer.version, name)
    return Member(outer.path, name, outer.version)


def _unsafe(info: zipfile.ZipInfo) -> str:
    """Why a member is not unpacked at all; '' where it may be."""
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted; unpack the archive with its password first"
    if info.file_size > LARGEST:
        return f"declares {info.file_size >> 30} GiB unpacked; more than {LARGEST >> 30} GiB is refused"
    if info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        return f"would unpack to more than {LARGEST_RATIO} times its size, as no table does; refused"
    return ""


def _inner(source: Member, nested: bool) -> Iterator[Member | Unreadable]:
    """A member, or what is in it where it is a zip archive itself."""
    try:
        if not source.head.startswith(_ZIP):
            yield source
        elif nested:
            yield (
                source
                if is_workbook(source)
                else Unreadable(source, "is an archive inside two others; unpack it first")
            )
        elif _size(source) > LARGEST_INNER:
            yield Unreadable(
                source, f"is an archive of more than {LARGEST_INNER >> 30} GiB in another; unpack it first"
            )
        else:
            with _inner_archive(source) as archive:
                yield from _members(archive, source)
    except SourceRefused as error:
        yield Unreadable(source, error.reason)
    except (*DAMAGE, ValueError) as error:
        yield Unreadable(source, f"is a damaged zip archive ({error})")


def _size(source: Member) -> int:
    with zipfile.ZipFile(source.path) as archive:
        return archive.getinfo(source.member).file_size


def _inner_archive(source: Member) -> zipfile.ZipFile:
    """The archive that is a member of another. Held in memory, because seeking in a packed stream unpacks it anew."""
    return zipfile.ZipFile(io.BytesIO(Member(source.path, source.member).read()))
