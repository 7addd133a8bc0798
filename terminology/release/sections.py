"""The file format of a release: named sections of bytes or numbers, one after another, aligned to eight bytes.

    magic (8 bytes) | length of the directory (8 bytes, little-endian) | directory (JSON) | sections …

The directory maps a section's name to its offset, its length in bytes and its item type (`B`, `H`, `I`, `Q`).
A file is written once and never changed, so readers may map it and share its pages between processes.
"""

from __future__ import annotations

import mmap
import sys
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, TypeAlias

import msgspec

from terminology.errors import ReleaseMismatch

MAGIC = b"fhircpt\x01"
_SIZES = {item: array(item).itemsize for item in "BHIQ"}
"""Bytes of an item by its type."""
Section: TypeAlias = "bytes | bytearray | array[int]"

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("releases are little-endian; this machine is not")


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a section lies in its file: offset from the end of the directory and length, both in bytes."""

    offset: int
    length: int
    item: str


def write(path: Path, sections: Mapping[str, Section]) -> None:
    """Write the sections to a new file."""
    places: dict[str, Place] = {}
    offset = 0
    for name, content in sections.items():
        item = content.typecode if isinstance(content, array) else "B"
        length = len(content) * (content.itemsize if isinstance(content, array) else 1)
        places[name] = Place(offset, length, item)
        offset += _padded(length)
    directory = msgspec.json.encode(places)
    directory += b" " * (_padded(len(directory)) - len(directory))
    with path.open("wb") as out:
        out.write(MAGIC + len(directory).to_bytes(8, "little") + directory)
        for name, content in sections.items():
            _write_section(out, content, places[name].length)


def _write_section(out: BinaryIO, content: Section, length: int) -> None:
    out.write(memoryview(content).cast("B") if length else b"")
    out.write(b"\0" * (_padded(length) - length))


def _padded(length: int) -> int:
    return (length + 7) // 8 * 8


class Sections:
    """A file of sections, memory-mapped read-only."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises ReleaseMismatch where it is not a file of this format."""
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise ReleaseMismatch(f"{path.name}: cannot be opened: {error}") from error
        view = memoryview(self._map)
        if bytes(view[:8]) != MAGIC:
            raise ReleaseMismatch(f"{path.name}: not a table of a fhir-cpt release of format {MAGIC[-1]}")
        length = int.from_bytes(view[8:16], "little")
        try:
            self._places = msgspec.json.decode(view[16 : 16 + length], type=dict[str, Place])
        except msgspec.DecodeError as error:
            raise ReleaseMismatch(f"{path.name}: its directory cannot be read: {error}") from error
        self._content = view[16 + length :]
        for name, place in self._places.items():
            if place.offset < 0 or place.length % _SIZES.get(place.item, sys.maxsize):
                raise ReleaseMismatch(f"{path.name}: its directory places {name!r} where no section can be")
            if place.offset + place.length > len(self._content):
                raise ReleaseMismatch(f"{path.name}: shorter than its directory says")

    def numbers(self, name: str) -> memoryview[int]:
        """A section as a sequence of unsigned integers, read from the map at each access."""
        place = self._place(name)
        return self._content[place.offset : place.offset + place.length].cast(place.item)  # type: ignore[call-overload,no-any-return]

    def bytes(self, name: str) -> memoryview[int]:
        """A section as raw bytes, not copied."""
        place = self._place(name)
        return self._content[place.offset : place.offset + place.length]

    def _place(self, name: str) -> Place:
        try:
            return self._places[name]
        except KeyError:
            raise ReleaseMismatch(f"{self.path.name}: has no section {name!r}") from None
