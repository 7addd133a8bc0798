"""A line of a professional claim names a place of service that was in force on the day.

Why it matters: the place decides between the facility's and the office's fee; without a valid one the line comes back.

Fails: a professional line without a place; place 10 (telehealth at home) on 31 December 2021; place 1 for 01.
Passes: place 11; place 10 on 1 January 2022; a ChargeItem, which has no place.

Citation: CMS, Place of Service Codes for Professional Claims; Medicare Claims Processing Manual, chapter 26, section
10.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.preparing import OFFICE
from fhir_cpt.rules.edit import Edit
from terminology.model import PLACE_OF_SERVICE
from terminology.period import Day, show

_ELEMENT = "locationCodeableConcept"
_NO_OFFICE = int(Feature.NO_OFFICE)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The place of every item of a professional claim; a detail's is its item's."""
    if claim.kind != "professional":
        return
    if not claim.features & _NO_OFFICE and all(facts.knowledge.place(OFFICE, day) for day in claim.days):
        return  # as nearly always
    right: str | None = None
    on: Day = 0
    for line in claim.lines:
        place, period = line.place, line.period
        if line.detail:
            continue
        if place is None:
            if claim.use == "claim":
                yield _missing(line)
        elif period is not None and (place != right or period[0] != on):
            if facts.knowledge.place(place, period[0]) is None:
                yield from _not_in_force(line, place, period[0], facts)
            else:
                right, on = place, period[0]


def _missing(line: Line) -> Finding:
    text = (
        f"{line.shown} has no place of service: add the two-digit code of where it was done, such as 11 for the office."
    )
    return EDIT.finding(text, line, code="required")


def _not_in_force(line: Line, place: str, day: Day, facts: Facts) -> Iterator[Finding]:
    """Why the place is none on the day; nothing where no table of places is held (`no-data`)."""
    if PLACE_OF_SERVICE not in facts.release.code_systems:
        return
    where = (line.path_of(_ELEMENT),)
    known = facts.knowledge.anywhere(PLACE_OF_SERVICE, place)
    if known is not None:
        period = known.concept.period
        begins = period.start > day
        limits = f"starts on {show(period.start)}" if begins else f"ended with {show(period.end)}"
        text = (
            f"Place of service {place} of {line.shown} {limits}, so it cannot stand on {show(day)}: use another place."
        )
        yield EDIT.finding(text, line, expression=where, evidence=(("place", place), ("in force", period)))
        return
    fix = None
    meant = place.strip().zfill(2)
    if meant != place and facts.knowledge.place(meant, day) is not None:
        value = {"coding": [{"system": PLACE_OF_SERVICE, "code": meant}]}
        change = Change(type="replace", path=where[0], value=value, value_type="CodeableConcept")
        fix = Fix(f"Write the place as {meant}.", (change,))
    text = f"There is no place of service {place} ({line.shown}): use a two-digit code of CMS's list."
    yield EDIT.finding(text, line, expression=where, evidence=(("place", place),), fix=fix)


EDIT = Edit(
    id="line-place-of-service",
    family="claim",
    title="A place of service that is missing or not in force",
    check=check,
    code="code-invalid",
    carc=("16",),
    rarc=("M77",),
    disposition="reject",
    citation="CMS, Place of Service Codes for Professional Claims; Medicare Claims Processing Manual, chapter 26, 10.5",
    needs=("pos",),
)
