"""Tables of records found by a code: MUE, add-on codes, the fee schedule and the like."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from terminology.release import keys, sections
from terminology.release.tables import KeyedTable

R = TypeVar("R")


def write(path: Path, table: KeyedTable, records: Iterable[Any]) -> int:
    """Write the records, sorted by key and in their own order within one; returns how many."""
    ordered = sorted(((keys.pack(table.key(record)), at, record) for at, record in enumerate(records)))
    heap = bytearray()
    key_list, offsets = array("Q"), array("Q", [0])
    encode = msgspec.msgpack.Encoder().encode
    for key, group in groupby(ordered, key=lambda item: item[0]):
        heap += encode([record for _, _, record in group])
        key_list.append(key)
        offsets.append(len(heap))
    sections.write(path, {"keys": key_list, "offsets": offsets, "heap": heap})
    return len(ordered)


class KeyedReader(Generic[R]):
    """A compiled table of records, read-only."""

    def __init__(self, path: Path, record: type[R]) -> None:
        """Map the file. Raises ReleaseMismatch where it is not one of this kind."""
        file = sections.Sections(path)
        self._keys = file.numbers("keys")
        self._offsets = file.numbers("offsets")
        self._heap = file.bytes("heap")
        self._decode = msgspec.msgpack.Decoder(tuple[record, ...]).decode  # type: ignore[valid-type]

    def __len__(self) -> int:
        """How many keys the table has."""
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return keys.position(self._keys, key) is not None

    def __iter__(self) -> Iterator[str]:
        """The keys, sorted."""
        return map(keys.unpack, self._keys)

    def get(self, key: str) -> tuple[R, ...]:
        """The records under the key; none where the table does not have it."""
        at = keys.position(self._keys, key)
        return () if at is None else self._at(at)

    def values(self) -> Iterator[R]:
        """All the records, by key."""
        for at in range(len(self._keys)):
            yield from self._at(at)

    def _at(self, at: int) -> tuple[R, ...]:
        return self._decode(self._heap[self._offsets[at] : self._offsets[at + 1]])
