"""Surgeries and the days after them that their payment covers: those of the claim, and those before it.

Day 0 is the surgery; the period ends with day 10 or 90 by the fee schedule of that day. It is the surgeon's: the same
provider, or the same organisation and specialty. Where a specialty is not named, only the provider tells.
Source: Medicare Claims Processing Manual, chapter 12, sections 40.1 (global package) and 30.6.5 (same group and
specialty); CMS, PPRRVU record layout, GLOB DAYS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.history import History, PriorLine
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.global_period.modifiers import first
from fhir_cpt.rules.ncci.pairs import denied
from fhir_cpt.rules.practice import same_practice, same_practice_before
from terminology.edits import Setting
from terminology.model import Edition
from terminology.period import Day, Period, add_days, days_between, show

_GLOBAL_PERIOD = int(Feature.GLOBAL_PERIOD)
_PERIODS = {"010": 10, "090": 90}
"""Days after the surgery. Source: CMS, PPRRVU record layout, GLOB DAYS."""
_LONGEST = max(_PERIODS.values())
_SETTING: Setting = "practitioner"
"""Global periods are of practitioners' payment; hospitals are paid by other schedules."""


class Surgery(NamedTuple):
    """A surgery and the days that belong to it: `days` of them, after `period` (of its line) until `last`.

    It is a `line` of the claim, or a `prior` one. `known` is False where the fee schedule
    of its day is not held: `days` are then the most that any edition gives.
    """

    code: str
    period: Period
    days: int
    last: Day
    line: Line | None = None
    prior: PriorLine | None = None
    known: bool = True

    def phrase(self, line: Line) -> str:
        """Where a line stands, for people: `day 5 of the 90 days after 27447 (2026-10-15)`."""
        at = days_between(self.period.start, line.period.start) if line.period else 0
        return f"day {at} of the {self.days} days after {self.code} ({show(self.period.start)})"

    def lines(self, line: Line) -> tuple[Line, ...]:
        """The lines that a finding on a line speaks of: that line, and the surgery's where it is on the claim."""
        return (line, self.line) if self.line else (line,)

    def paths(self, line: Line) -> tuple[str, ...]:
        """The FHIRPaths of the codes of those lines."""
        return tuple([item.code_path for item in self.lines(line)])

    def evidence(self) -> tuple[tuple[str, object], ...]:
        """Name and value pairs: the surgery, its day, its global days, their last day, the claim it came with."""
        found: list[tuple[str, object]] = [
            ("surgery", self.code),
            ("surgery-day", show(self.period.start)),
            ("global-days", f"{self.days:03}"),
            ("period-end", show(self.last)),
        ]
        if self.prior is not None and self.prior.claim:
            found.append(("prior-claim", self.prior.claim))
        return tuple(found)


def within(claim: Claim, facts: Facts, lines: Iterable[Line]) -> Iterator[tuple[Line, Surgery]]:
    """Those of the claim's lines that start in the days after a surgery of that surgeon, with the nearest one.

    A surgery of which the fee schedule is not held stands only where no other does.
    """
    if claim.history is None and len(claim.coded) < 2:
        return
    concerned = [(line, line.period.start) for line in lines if line.period]
    surgeries = _surgeries(claim, facts) if concerned else []
    if not surgeries:
        return
    for line, day in concerned:
        for surgery in surgeries:
            if surgery.period.end < day <= surgery.last and _same_surgeon(line, surgery):
                yield line, surgery
                break


def edition_of(surgery: Surgery, facts: Facts) -> Edition | None:
    """The edition of the fee schedule that says how long the period is."""
    answering = facts.release.fee_schedule.on(surgery.period.start)
    return answering.edition if answering else None


def doubt(surgery: Surgery, facts: Facts) -> str:
    """What to add where the fee schedule that answers is not that of the surgery's day; empty where it is."""
    answering = facts.release.fee_schedule.on(surgery.period.start)
    if answering is None or not answering.stale:
        return ""
    return f" (Its global days are those of the fee schedule for {answering.edition.period}.)"


def _surgeries(claim: Claim, facts: Facts) -> list[Surgery]:
    """All that start a period, the nearest first; those of which the fee schedule is not held stand last."""
    if claim.setting != _SETTING:
        return []
    found = list(_here(claim, facts)) if claim.features & _GLOBAL_PERIOD and len(claim.coded) > 1 else []
    if claim.history is not None:
        found += _before(claim.history, claim, facts.knowledge)
    if len(found) > 1:
        found.sort(key=lambda item: (item.known, item.period.start), reverse=True)
    return found


def _here(claim: Claim, facts: Facts) -> Iterator[Surgery]:
    """The surgeries of the claim, where it has lines on other days too; not those that NCCI's edits deny."""
    if len({line.period for line in claim.coded}) < 2:
        return
    refused = denied(claim, facts)
    for line in claim.coded:
        if line.period is None or line.known is None or line.number in refused:
            continue
        if days := _days_after(line.known, line.modifiers):
            last = _later(line.period.start, days)
            yield Surgery(line.code or "", line.period, days, last, line)


def _before(history: History, claim: Claim, knowledge: Knowledge) -> Iterator[Surgery]:
    """The prior surgeries whose periods may reach the claim's lines; codes that no edition has as one are none."""
    if not claim.days:
        return
    last = claim.days[-1]
    for line in history.since(_later(claim.days[0], -_LONGEST)):
        if line.start < last and line.setting == _SETTING and (longest := _longest(knowledge.global_days(line.code))):
            yield from _if_surgery(line, longest, knowledge)


def _if_surgery(line: PriorLine, longest: int, knowledge: Knowledge) -> Iterator[Surgery]:
    known = knowledge.release.fee_schedule.on(line.start) is not None
    if known:
        days = _days_after(knowledge.code(line.system, line.code, line.start, line.setting), line.modifiers)
    else:
        days = _started(line.modifiers, line.start, longest)
    if days:
        last = _later(line.start, days)
        yield Surgery(line.code, Period(line.start, line.end), days, last, prior=line, known=known)


@lru_cache(maxsize=256)  # sets of global days are few
def _longest(global_days: frozenset[str]) -> int:
    """The most days that any of them gives; 0 where none of them starts a period."""
    return max((_PERIODS.get(days, 0) for days in global_days), default=0)


def _days_after(facts: CodeFacts, modifiers: tuple[str, ...]) -> int:
    """The days after the surgery that belong to it; 0 for what starts no period."""
    return _started(modifiers, facts.day, _PERIODS.get(facts.fee.global_days, 0)) if facts.fee else 0


def _started(modifiers: tuple[str, ...], day: Day, days: int) -> int:
    """The days, or 0 where a modifier says that the line starts no period."""
    return 0 if days and modifiers and first("starts-no-period", modifiers, day) else days


@lru_cache(maxsize=4096)
def _later(day: Day, days: int) -> Day:
    return add_days(day, days)


def _same_surgeon(line: Line, surgery: Surgery) -> bool:
    if surgery.line is not None:
        return same_practice(line, surgery.line)
    return surgery.prior is not None and same_practice_before(line, surgery.prior)
