"""Which add-on codes and coverage policies name a procedure code: the tables are keyed the other way round."""

from __future__ import annotations

from collections import defaultdict
from weakref import WeakKeyDictionary

from terminology.edits import CoveragePolicy
from terminology.release.reader import Release

_MADE: WeakKeyDictionary[Release, Reverse] = WeakKeyDictionary()


class Reverse:
    """Procedure code → add-on codes it is a primary of, and policies that govern it. Made at the first question."""

    def __init__(self, release: Release) -> None:
        self._coverage = release.coverage.newest_first
        add_ons: dict[str, set[str]] = defaultdict(set)
        seen: set[str] = set()
        for _, table in release.add_ons.newest_first:
            listed = set(table)
            for code in listed - seen:
                for row in table.get(code):
                    if row.primary:
                        add_ons[row.primary].add(code)
            seen |= listed
        self._add_ons = {code: tuple(sorted(found)) for code, found in add_ons.items()}
        policies: dict[str, list[str]] = defaultdict(list)
        for _, held in self._coverage:
            for policy in held.values():
                for code in policy.procedures:
                    if policy.id not in policies[code]:
                        policies[code].append(policy.id)
        self._policies = dict(policies)

    @classmethod
    def of(cls, release: Release) -> Reverse:
        """The one of the release; forgotten with it."""
        found = _MADE.get(release)
        if found is None:
            found = _MADE[release] = cls(release)
        return found

    def add_ons(self, code: str) -> tuple[str, ...]:
        """The add-on codes that the code may be the primary of, sorted."""
        return self._add_ons.get(code, ())

    def policies(self, code: str) -> list[CoveragePolicy]:
        """The groups of policies that govern the code, each policy from the newest edition that has it."""
        found = []
        for name in self._policies.get(code, ()):
            groups = next((rows for _, table in self._coverage if (rows := table.get(name))), ())
            found += [group for group in groups if code in group.procedures]
        return found
