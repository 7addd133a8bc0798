"""Medically unlikely edits of MAI 2 and 3: no more units of the code in a day than the limit, over all its lines.

Why it matters: when the sum exceeds the limit, every line of the code and day is denied (CARC 151). MAI 2 is
absolute: it follows from anatomy, the code's own text or policy, and no record changes it. Under MAI 3 units above
the limit may be paid, on appeal, where the record shows that they were needed. Lines with modifier 55 (follow-up
care alone) do not count. A limit of 0 for reasons of Medicare's policy holds for Medicare alone.

Fails: 20610 with 2 units on one line and 1 on another (the limit is 2, MAI 3).
Passes: 20610 with 2 units; the same lines on different days, or by different providers.

Citation: CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table, MAI 2 and 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Feature, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import units
from terminology.edits import Mue
from terminology.period import Day, show

_FOLLOW_UP_ALONE = "55"


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The units of each code and provider, day by day."""
    groups: dict[tuple[str | None, str], list[Line]] = defaultdict(list)
    for line in claim.coded:
        known = line.known
        if known is not None and known.mue is not None and known.mue.mai != 1:
            groups[line.code, line.provider].append(line)
    for lines in groups.values():
        if len(lines) > 1 or (lines[0].known and lines[0].known.mue and lines[0].units > lines[0].known.mue.value):
            yield from _over(claim, [line for line in lines if _FOLLOW_UP_ALONE not in line.modifiers], facts)


def _over(claim: Claim, lines: Sequence[Line], facts: Facts) -> Iterator[Finding]:
    """A finding for each set of lines that exceeds the limit of a day on which one of them starts."""
    told: set[tuple[int, ...]] = set()
    for first in lines:
        mue = first.known.mue if first.known else None
        if mue is None or first.period is None or not units.speaks_for(mue, facts):
            continue
        day = first.period.start
        there = [line for line in lines if line.period and line.period.start <= day <= line.period.end]
        total = sum(line.units for line in there if line.units > 0)
        numbers = tuple(line.number for line in there)
        if total > mue.value and numbers not in told:
            told.add(numbers)
            yield EDIT.finding(
                _text(mue, total, day, facts),
                *there,
                expression=tuple(units.path(line) for line in there),
                evidence=(*units.evidence(mue, total), ("needs-documentation", str(mue.mai == 3).lower())),
                edition=units.edition_for(claim, first, facts),
            )


def _text(mue: Mue, total: float, day: Day, facts: Facts) -> str:
    if mue.value == 0 and facts.medicare:
        return f"Medicare pays no units of {mue.code} to this kind of provider: bill whoever does pay for it."
    told = f"At most {mue.value} units of {mue.code} a day by one provider, not {units.shown(total)} ({show(day)})"
    if mue.mai == 3:
        return f"{told}: correct the units. More may be paid on appeal where the record shows that all were needed."
    return f"{told}: correct the units. This limit is absolute, and no modifier or record lifts it."


EDIT = Edit(
    id="ncci-mue-date",
    family="ncci",
    title="More units in a day than are likely",
    check=check,
    carc=units.CARC,
    rarc=units.RARC,
    citation="CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table",
    needs=("procedure", "mue"),
    when=Feature.MUE_DATE,
)
