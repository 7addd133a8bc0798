"""What is wrong with a pack, and where: every reason with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

MOST_FAULTS = 100
"""Reasons that are told at a time: nobody reads more, and a log must stay small."""

Path = tuple[str | int, ...]
"""A place in a pack: keys and positions, `("rules", 0, "require")`."""


class Mark(NamedTuple):
    """Line and column in a file, from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """One reason why a pack is refused."""

    file: str
    mark: Mark
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.mark.line}:{self.mark.column}: {self.reason}"


class PacksRefused(ValueError):
    """Packs that are not taken, with the reasons that could be found; the packs in force stay.

    Of more than `MOST_FAULTS` reasons the first ones are told, and how many there are besides.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        told = list(map(str, self.faults[:MOST_FAULTS]))
        if more := len(self.faults) - len(told):
            told.append(f"and {more} more")
        super().__init__("\n".join(told))


class Source(NamedTuple):
    """Where a pack was read: its file, and the place in it of each of its parts."""

    file: str
    marks: Mapping[Path, Mark]

    def fault(self, path: Path, reason: str) -> Fault:
        """A fault of the part at the path, or where that is not written, of the part around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return Fault(self.file, self.marks.get(path, Mark(1, 1)), reason)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'ncci-ptp'?` where some known name is near enough, else nothing."""
    found = get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
