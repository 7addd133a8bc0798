"""A visit on the day of a major surgery, or the day before it, by the same provider needs modifier 57.

Why it matters: the global period of a major surgery (90 days) begins the day before it, and its payment includes the
visits of both days. The visit at which surgery was decided on is paid, and 57 says so; without it the visit is denied
(CARC 97). 24 and 25 are taken as well. The surgery may be on the claim, or billed before it (history). A visit that was
billed before the surgery is on another claim, which this one cannot mend: nothing is said of it.

Fails: 99204 on the day before 27447.
Passes: 99204-57 on that day; 99204 two days before; by another provider.

Citation: Medicare Claims Processing Manual, chapter 12, sections 40.1 and 40.2; NCCI Policy Manual, chapter I.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import adding
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.modifier.surgery import MAJOR, is_operator, is_visit, surgeries
from terminology.model import Edition
from terminology.period import Day, Period, add_days, show

_MAJOR_SURGERY = int(Feature.MAJOR_SURGERY)


class Surgery(NamedTuple):
    """A major surgery: its code and day, and its line where it is on the claim."""

    code: str
    day: Day
    line: Line | None


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit without a modifier for it, of a practitioner who operates that day or the next."""
    if claim.setting != "practitioner" or not (claim.features & _MAJOR_SURGERY or claim.history):
        return
    for visit in claim.evaluations:
        if visit.known is None or visit.period is None or not is_visit(visit):
            continue
        if visit.modifiers and not members("visit", visit.known.day).isdisjoint(visit.modifiers):
            continue
        surgery = decided(claim, facts, visit)
        if surgery is not None:
            yield _finding(visit, surgery, facts)


def decided(claim: Claim, facts: Facts, visit: Line) -> Surgery | None:
    """The major surgery by the visit's provider on its day or the next, on the claim or in the history."""
    period = visit.period
    if period is None:
        return None
    days = Period(period.start, add_days(period.end, 1))
    if claim.features & _MAJOR_SURGERY:
        for line in surgeries(claim, MAJOR, visit):
            if line.period is not None and days.holds(line.period.start):
                return Surgery(line.code or "", line.period.start, line)
    for prior in claim.history.since(period.start) if claim.history is not None else ():
        if days.holds(prior.start) and prior.provider == visit.provider and is_operator(prior.modifiers, prior.start):
            known = facts.knowledge.code(prior.system, prior.code, prior.start, prior.setting)
            if known.features & MAJOR:
                return Surgery(prior.code, prior.start, None)
    return None


def _finding(visit: Line, surgery: Surgery, facts: Facts) -> Finding:
    text = f"If the decision for surgery was made at this visit, add 57 to {visit.code}."
    paths = (visit.code_path, surgery.line.code_path) if surgery.line else (visit.code_path,)
    return EDIT.finding(
        f"The payment for {surgery.code} on {show(surgery.day)} includes the visits of its day and the day before, so "
        f"{visit.code} is not paid beside it. {text}",
        visit,
        expression=paths,
        evidence=(("surgery", surgery.code), ("day", show(surgery.day)), ("global days", "090")),
        edition=_edition(surgery.day, facts),
        fix=adding(visit, text, "57"),
    )


def _edition(day: Day, facts: Facts) -> Edition | None:
    answering = facts.release.fee_schedule.on(day)
    return answering.edition if answering else None


EDIT = Edit(
    id="modifier-57-needed",
    family="modifier",
    title="A visit beside a major surgery without modifier 57",
    check=check,
    severity="warning",
    carc=("97",),
    rarc=("M144",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 40.1 and 40.2; NCCI Policy Manual, chapter I",
    needs=("procedure", "pfs"),
    when=Feature.EVALUATION,
    history=True,
    yields_to=("ncci-ptp", "procedure-bundled", "procedure-not-valid-for-payer"),
    pairwise=True,
)
