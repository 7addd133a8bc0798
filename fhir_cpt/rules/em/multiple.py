"""One clinician, or one group and specialty, bills one visit a day; a modifier tells why there were two.

Why it matters: the payer takes the second visit as part of the first and denies it (CARC 97). 25 says that it was
significant and separate, 27 that it was in another department of the hospital, 24 that it was unrelated to surgery; on
either of the two lines it speaks for both. Visits only: care management, counselling, monitoring and add-ons stand
beside a visit without a modifier, and so does a hospital discharge beside the admission to a nursing facility.

Fails: 99396 and 99213 of one clinician on one day.
Passes: 99396 and 99213-25; 99238 and 99305; 99291 and 99292; 99213 and 99490.

Citation: Medicare Claims Processing Manual, chapter 12, sections 30.6.5 and 30.6.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci.separation import separating
from fhir_cpt.rules.practice import same_practice
from terminology.period import Day, show

_SEPARATE = frozenset({"24", "25", "27"})
"""Source: spec/claim-edits, em-multiple; CMS, NCCI Policy Manual, chapter I, section E."""
_PAID_TOGETHER = frozenset({"hospital-discharge", "nursing-facility-admission"})
"""Families of which one each is paid on one day. Source: rules/families/evaluation.yaml."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit beside an earlier one of the claim with a day in common, where neither has a modifier."""
    del facts
    if len(claim.evaluations) < 2:
        return
    visits = [
        line
        for line in claim.evaluations
        if line.known is not None and "visit" in line.known.families and _SEPARATE.isdisjoint(line.modifiers)
    ]
    for at, line in enumerate(visits):
        for other in visits[:at]:
            day = common_day(line, other)
            if day is not None and same_practice(line, other) and not _paid_together(line, other):
                yield _finding(claim, other, line, day)
                break


def _paid_together(one: Line, other: Line) -> bool:
    if one.known is None or other.known is None:
        return False
    first, second = one.known.families & _PAID_TOGETHER, other.known.families & _PAID_TOGETHER
    return len(first | second) == 2 and bool(first) and bool(second)


def _finding(claim: Claim, one: Line, two: Line, day: Day) -> Finding:
    if two.known is not None and "preventive-visit" in two.known.families:
        one, two = two, one
    hint, fix = separating(one, two, claim.setting)
    text = (
        f"{one.code} and {two.code} are two visits on {show(day)} by one clinician, or one group and specialty, and no "
        f"modifier says why. {hint}"
    )
    evidence = (("visits", f"{one.code}, {two.code}"), ("day", show(day)))
    return EDIT.finding(text, two, one, expression=(two.code_path, one.code_path), evidence=evidence, fix=fix)


EDIT = Edit(
    id="em-multiple",
    family="em",
    title="Two visits on one day without a modifier that says why",
    check=check,
    carc=("97",),
    rarc=("M80",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 30.6.5 and 30.6.6",
    when=Feature.EVALUATION,
    when_also=Feature.SEVERAL_LINES,
    yields_to=("ncci-ptp",),
    pairwise=True,
)
