"""Which coverage policies speak of a procedure: the articles of a release, found by the code they govern.

Source: CMS, Medicare Coverage Database; see terminology.edits.CoveragePolicy.
"""

from __future__ import annotations

from functools import cache

from fhir_cpt.claims.facts import Governing
from terminology import Release
from terminology.edits import CoveragePolicy
from terminology.model import Edition
from terminology.period import Day
from terminology.release.keyed import KeyedReader


class Coverage:
    """The coverage policies of one release, by procedure. Safe between threads: an index is made twice at worst."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._indexed = cache(_by_procedure)

    def policies(self, code: str, day: Day) -> tuple[Governing, ...]:
        """The rows, one for each group of procedures, that govern the code on the day."""
        answering = self._release.coverage.on(day)
        if answering is None:
            return ()
        rows = self._indexed(answering.table).get(code, ())
        return tuple([row for row in rows if row.policy.start <= day <= row.policy.end])

    def edition(self, day: Day) -> Edition | None:
        """The edition of the policies that answers for the day."""
        answering = self._release.coverage.on(day)
        return answering.edition if answering else None


def _by_procedure(table: KeyedReader[CoveragePolicy]) -> dict[str, list[Governing]]:
    found: dict[str, list[Governing]] = {}
    for policy in table.values():
        governing = Governing(policy, frozenset(policy.covered), frozenset(policy.not_covered))
        for code in policy.procedures:
            found.setdefault(code, []).append(governing)
    return found
