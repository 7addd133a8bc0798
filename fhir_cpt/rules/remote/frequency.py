"""Remote monitoring is billed once in its time: a device in 30 days, a first code in a month, a setup in an episode.

Why it matters: the second of them is denied (CARC 119), whichever practice bills it. The codes for fewer days or
minutes stand for the same service, so that 99454 and 99445 do not go together. A setup may be billed again where the
monitoring had stopped.

Fails: 99454 on 1 October and again on 20 October; 99454 with 99445; 99453 in October and November with 99454 between.
Passes: 99454 on 1 October and 31 October; 99453 again after half a year without monitoring.

Citation: CPT, remote physiologic and therapeutic monitoring; CMS, physician fee schedule final rules 2021 and 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.practice import organisation_of
from fhir_cpt.rules.remote.monitoring import Asked, alike, asked, codes_of, interval
from terminology.period import Day, days_between, show

_FEATURE = int(Feature.REMOTE_MONITORING)


class Billed(NamedTuple):
    """A line of this claim, or (`line` None) one of the patient's prior lines. `practice` is the billing provider."""

    code: str
    start: Day
    end: Day
    practice: str
    line: Line | None = None


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line against those before it on the claim, and against the prior lines."""
    del facts
    seen: list[Billed] = []
    for line in claim.coded:
        known, period = line.known, line.period
        if known is None or period is None or not known.features & _FEATURE:
            continue
        wanted = asked(known.code, known.day)
        if wanted is None:
            continue
        mine = Billed(known.code, period.start, period.end, organisation_of(line.group), line)
        others = [*_prior(claim, wanted), *seen]
        seen.append(mine)
        twice = _twice(wanted, mine, others)
        if twice is not None:
            yield _finding(wanted, mine, line, twice)


def _prior(claim: Claim, wanted: Asked) -> Iterator[Billed]:
    if claim.history is None:
        return
    for code in sorted(codes_of(wanted.series)):
        for prior in claim.history.by_code.get(code, ()):
            yield Billed(prior.code, prior.start, prior.end, organisation_of(prior.group))


def _twice(wanted: Asked, mine: Billed, others: Sequence[Billed]) -> Billed | None:
    """The first of the others that leaves no room for this one."""
    if wanted.kind == "setup":
        return next((other for other in others if other.code == mine.code and _same_episode(mine, other, others)), None)
    codes = {row.code for row in alike(wanted.group, wanted.kind, mine.start)}
    if wanted.kind == "device":
        days = interval("device", mine.start)
        return next((other for other in others if other.code in codes and _apart(mine, other) < days), None)
    if wanted.kind == "treatment":
        return next((other for other in others if other.code in codes and other.end // 100 == mine.end // 100), None)
    return None


def _apart(one: Billed, other: Billed) -> int:
    """Days from one period to the other, by their first days or their last, whichever is more."""
    return max(abs(days_between(one.start, other.start)), abs(days_between(one.end, other.end)))


def _same_episode(mine: Billed, other: Billed, others: Sequence[Billed]) -> bool:
    """Whether the same practice went on monitoring from one setup to the other, without a gap."""
    if mine.practice != other.practice:
        return False
    first, last = sorted((mine, other), key=lambda item: item.start)
    gap = interval("episode", mine.start)
    reached = first.end
    for item in sorted(others, key=lambda item: item.start):
        if first.start <= item.start <= last.start and days_between(reached, item.start) <= gap:
            reached = max(reached, item.end)
    return days_between(reached, last.start) <= gap


def _finding(wanted: Asked, mine: Billed, line: Line, other: Billed) -> Finding:
    where = "on this claim" if other.line else "on a prior claim"
    before = f"{other.code} of {show(other.end)} {where}"
    if wanted.kind == "setup":
        text = f"{mine.code} is billed once in an episode of monitoring, and {before} belongs to the same one."
    elif wanted.kind == "device":
        apart = _apart(mine, other)
        when = f"{apart} days from it" if apart else "of the same day"
        days = interval("device", mine.start)
        text = f"{mine.code} is the second device code in {days} days: {before} is {when}."
    else:
        text = f"One code for the first minutes is billed in a calendar month, and {before} is of the same month."
    lines = (line, other.line) if other.line else (line,)
    evidence = (("other", other.code), ("other-start", show(other.start)), ("other-end", show(other.end)))
    return EDIT.finding(text, *lines, expression=tuple([item.code_path for item in lines]), evidence=evidence)


EDIT = Edit(
    id="remote-monitoring-frequency",
    family="remote",
    title="Remote monitoring billed again too soon",
    check=check,
    carc=("119",),
    citation="CPT, remote monitoring; CMS, physician fee schedule final rules 2021, 2024 and 2026",
    when=Feature.REMOTE_MONITORING,
    history=True,
    yields_to=("procedure-unknown", "ncci-mue-line", "ncci-mue-date"),
    pairwise=True,
)
