"""The server's value sets, as packs name them: whether a code is in one on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from terminology import Release
from terminology.errors import TerminologyError
from terminology.model import Coding
from terminology.period import Day
from terminology.queries.directory import DayDirectory
from terminology.queries.membership import check_member
from terminology.queries.validate import Request
from terminology.valueset import ValueSet

_REMEMBERED = 50_000
"""Codes (by value set and day) of which it is remembered whether they are in."""
_ASKED = Request(membership_only=True)


class ValueSets:
    """The value sets of one release. Safe between threads."""

    def __init__(self, release: Release, value_sets: Mapping[str, ValueSet]) -> None:
        self._release = release
        self._by_url = value_sets
        self._by_id = {item.id: item for item in value_sets.values()}
        self.hold = lru_cache(maxsize=_REMEMBERED)(self._hold)

    @property
    def names(self) -> Iterable[str]:
        """The ids by which packs may name them; the URLs will do as well."""
        return self._by_id

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def _hold(self, name: str, system: str, code: str, day: Day) -> bool:
        """Whether the code is in the value set on the day; not, where it cannot be found out."""
        value_set = self._find(name)
        if value_set is None:
            return False
        directory = DayDirectory(self._release, self._by_url, day)
        try:
            return check_member(directory, Coding(system, code), None, value_set, _ASKED).result
        except TerminologyError:
            return False

    def _find(self, name: str) -> ValueSet | None:
        return self._by_url.get(name) or self._by_id.get(name)
