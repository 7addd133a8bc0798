"""The same service twice on a claim, and no modifier that says why.

Why it matters: payers take the second line for the first sent again and deny it (CARC 18). Where the service was
repeated, or done on another part of the body, a modifier says so.

Fails: 71046 twice on one day by one provider.
Passes: 71046 and 71046-76; 64483-LT and 64483-LT (an anatomic modifier is left to NCCI); two days.

Citation: Medicare Claims Processing Manual, chapter 1, section 120.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.dated import document, first_days
from fhir_cpt.rules.edit import Edit
from terminology.period import FIRST_DAY, Day, Period, show


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of the same code, modifiers (in any order), provider and units whose days overlap."""
    del facts
    alike: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in claim.coded:
        alike[line.code, line.provider, line.quantity or 1, frozenset(line.modifiers)].append(line)
    for lines in alike.values():
        if len(lines) > 1:
            yield from _repeated(lines)


def _repeated(lines: Sequence[Line]) -> Iterator[Finding]:
    """A finding for each line that repeats an earlier one; an item and its own details are one service."""
    by_period: dict[Period, list[Line]] = {}
    for line in lines:
        if line.period is None:
            continue
        if not _separate(line):
            for period, earlier in by_period.items():
                if not period.overlaps(line.period):
                    continue
                one = next((one for one in earlier if not line.path.startswith(f"{one.path}.")), None)
                if one is not None:
                    yield _finding(line, one, max(period.start, line.period.start))
                    break
        # Three lines of a period are enough to compare with: at most two of them are a subDetail's detail and item.
        if len(alike := by_period.setdefault(line.period, [])) < 3:
            alike.append(line)


def _finding(line: Line, earlier: Line, day: Day) -> Finding:
    text = (
        f"{line.shown} is billed twice on {show(day)} by the same provider, and nothing tells the two apart: drop one, "
        "or add the modifier that the record supports (76 repeated by the same clinician, 77 by another, 91 a repeated "
        "laboratory test, 59 or XE, XS, XP, XU separate)."
    )
    evidence = (("code", line.code), ("units", f"{line.quantity or 1:g}"), ("day", show(day)))
    return EDIT.finding(text, line, earlier, expression=(line.path, earlier.path), evidence=evidence)


def _separate(line: Line) -> bool:
    """Whether a modifier of the line tells it from another of the same code."""
    day = line.period.start if line.period else FIRST_DAY
    return any(_modifiers().get(modifier, day + 1) <= day for modifier in line.modifiers)


@cache
def _modifiers() -> dict[str, Day]:
    """Modifier → its first day."""
    return first_days(document(__package__, "repeats.yaml")["repeated"])


EDIT = Edit(
    id="line-duplicate",
    family="claim",
    title="The same service twice",
    check=check,
    severity="warning",
    code="duplicate",
    carc=("18",),
    citation="Medicare Claims Processing Manual, chapter 1, section 120 (detection of duplicate claims)",
    when=Feature.REPEATED_CODE,
    pairwise=True,
)
