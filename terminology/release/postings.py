"""Inverted indexes: sorted terms, and for each the numbers of the concepts that have it.

All terms with a common start stand together, and so do their numbers: a search for the start of a word is two
bisections and one slice, whatever the number of terms between.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from terminology.release.sections import Section, Sections

_WORD = re.compile(r"[0-9a-z]+(?:\.[0-9]+)?")


def words(text: str) -> list[str]:
    """The words of a text as they are indexed: lower case, without accents or punctuation."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(plain)


def sections_of(name: str, terms: Mapping[str, Iterable[int]]) -> dict[str, Section]:
    """The sections `name.*` of a file for the terms; numbers of one term must be in ascending order."""
    heap = bytearray()
    term_offsets, first, numbers = array("I", [0]), array("I", [0]), array("I")
    for term in sorted(terms, key=str.encode):
        heap += term.encode()
        term_offsets.append(len(heap))
        numbers.extend(terms[term])
        first.append(len(numbers))
    return {f"{name}.terms": heap, f"{name}.offsets": term_offsets, f"{name}.first": first, f"{name}.numbers": numbers}


class Postings:
    """A compiled index, read-only."""

    def __init__(self, file: Sections, name: str) -> None:
        """The index `name` of the file. Raises ReleaseMismatch where the file has none."""
        self._heap = file.bytes(f"{name}.terms")
        self._offsets = file.numbers(f"{name}.offsets")
        self._first = file.numbers(f"{name}.first")
        self._numbers = file.numbers(f"{name}.numbers")
        self._terms = _Terms(self._heap, self._offsets)

    def exact(self, term: str) -> Sequence[int]:
        """The concepts that have the term, ascending."""
        key = term.encode()
        at = bisect_left(self._terms, key)
        if at == len(self._terms) or self._terms[at] != key:
            return ()
        return self._numbers[self._first[at] : self._first[at + 1]]

    def starting(self, prefix: str) -> list[int]:
        """The concepts that have any term with this start; a concept may appear more than once."""
        key = prefix.encode()
        low = bisect_left(self._terms, key)
        high = bisect_left(self._terms, key + b"\xff", low)
        return self._numbers[self._first[low] : self._first[high]].tolist()


class _Terms(Sequence[bytes]):
    """The terms as a sequence, for bisection."""

    def __init__(self, heap: memoryview[int], offsets: memoryview[int]) -> None:
        self._heap = heap
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, at: int) -> bytes:  # type: ignore[override]
        return bytes(self._heap[self._offsets[at] : self._offsets[at + 1]])
