"""Which editions answer for the days of a claim, which of them are out of date, and where none is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, Literal

from fhir_cpt.claims.finding import Used
from terminology import Release
from terminology.edits import Setting
from terminology.model import ICD10CM, PLACE_OF_SERVICE, Edition
from terminology.period import Day, show
from terminology.release.reader import Answering

Need = Literal["procedure", "pos", "ptp", "mue", "addon", "pfs", "icd10cm", "icd10cm-notes", "mce", "coverage"]
"""A table that an edit reads. `procedure` stands for the code systems of the lines, CPT or HCPCS."""

TITLES: dict[Need, str] = {
    "procedure": "the procedure code systems",
    "pos": "the place of service codes",
    "ptp": "the NCCI procedure-to-procedure edits",
    "mue": "the medically unlikely edits",
    "addon": "the add-on code edits",
    "pfs": "the physician fee schedule",
    "icd10cm": "the ICD-10-CM codes",
    "icd10cm-notes": "the notes of the ICD-10-CM tabular list",
    "mce": "the Medicare Code Editor's edits",
    "coverage": "coverage policies",
}
"""What people call the tables."""


_NEVER_PUBLISHED = {("ptp", "dme")}
"""Tables that CMS does not publish for a setting: Medicare has no procedure pairs for DME suppliers."""


class AnsweringEditions:
    """The editions of a release for one set of days, one setting and some procedure code systems."""

    def __init__(
        self, release: Release, setting: Setting | None, systems: frozenset[str], days: tuple[Day, ...]
    ) -> None:
        self._release = release
        self._setting = setting
        self._systems = systems
        self._days = days
        self.used = lru_cache(maxsize=64)(self._used)

    @property
    def missing(self) -> Iterable[Need]:
        """The tables that do not answer for every day."""
        return self._gaps

    def gaps(self, need: Need) -> tuple[Day, ...]:
        """The days for which no edition of the table answers."""
        return self._gaps.get(need, ())

    @cached_property
    def _gaps(self) -> dict[Need, tuple[Day, ...]]:
        found = {need: tuple(day for day in self._days if not all(self._answers(need, day))) for need in TITLES}
        return {need: days for need, days in found.items() if days}

    def _used(self, needs: frozenset[Need]) -> Used:
        """What the given tables came from."""
        editions: dict[Edition, None] = {}
        stale: dict[Edition, Day] = {}
        for day in self._days:
            for need in TITLES:
                if need not in needs:
                    continue
                for answer in self._answers(need, day):
                    if answer is not None:
                        editions[answer.edition] = None
                        if answer.stale:
                            stale.setdefault(answer.edition, day)
        return Used(tuple(editions), tuple(stale.items()))

    def _answers(self, need: Need, day: Day) -> Iterator[Answering[Any] | None]:
        release = self._release
        if need == "procedure":
            yield from (self._system(url, day) for url in sorted(self._systems))
        elif need == "icd10cm":
            yield self._system(ICD10CM, day)
        elif need == "pos":
            yield self._system(PLACE_OF_SERVICE, day)
        elif need in ("ptp", "mue"):
            if self._setting is not None and (need, self._setting) not in _NEVER_PUBLISHED:
                yield (release.ptp(self._setting) if need == "ptp" else release.mue(self._setting)).on(day)
        else:
            yield release.table(need).on(day)

    def _system(self, url: str, day: Day) -> Answering[Any] | None:
        """The edition of a code system; None where all start after the day, unless a fragment says what it can."""
        held = self._release.code_systems.get(url)
        if held is None:
            return None
        found = held.on(day)
        return found if held.holds(day) or found.table.content == "fragment" else None


_NAMED = 5
"""How many days a text names before it says how many more there are."""


def shown(days: Sequence[Day]) -> str:
    """Days for people: `2024-08-15, 2024-08-16`."""
    more = len(days) - _NAMED
    return ", ".join(map(show, days[:_NAMED])) + (f" and {more} more" if more > 0 else "")
