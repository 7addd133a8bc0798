"""A telehealth place stands with telehealth services, and, for Medicare, telehealth services with a telehealth place.

Why it matters: place 02 (away from home) or 10 (at home) says that the patient was not there. A service that cannot be
given so is denied or looked into (CARC 5). Medicare wants one of the two from 2024 on; with place 11 a telehealth
modifier is the rule of earlier years.

Fails: 20610 with place 10; for Medicare 99213-95 with place 11 on 1 January 2024.
Passes: 99213-95 with place 10; a quality code or remote monitoring with place 10; for Medicare 97110-95 with place 11.

Citation: CMS, Place of Service Codes for Professional Claims, 02 and 10; Medicare Claims Processing Manual, chapter 12,
section 190.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import place_path, replacing_place
from fhir_cpt.rules.remote.telehealth import has_no_place, held, may_be, wrong_places
from terminology.period import show

_AT_HOME = "10"
_PLACES = ("02", _AT_HOME)
"""Source: CMS, place of service codes."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines in a telehealth place by their code; for Medicare, lines with a telehealth modifier by their place."""
    for line in claim.coded:
        known = line.known
        if known is None:
            continue
        if line.place in _PLACES:
            if has_no_place(known):
                continue
            if not held(known.day):
                yield _unknown(line)
            elif not may_be(known, "video", medicare=facts.medicare):
                yield _not_telehealth(line)
        elif facts.medicare and line.modifiers and line.place is not None and claim.professional:
            yield from _wrong_place(line, line.place)


def _not_telehealth(line: Line) -> Finding:
    text = (
        f"{line.code} is not a service that is given by telehealth, and place {line.place} says that it was: name the "
        "place where it was done."
    )
    return EDIT.finding(text, line, expression=(place_path(line), line.code_path), evidence=(("place", line.place),))


def _unknown(line: Line) -> Finding:
    day = show(line.known.day) if line.known else ""
    text = f"Not checked: whether {line.code} fits place {line.place}, because no telehealth list is held for {day}."
    return EDIT.no_data(text, "telehealth list", line, expression=(line.code_path,))


def _wrong_place(line: Line, place: str) -> Iterator[Finding]:
    known = line.known
    if known is None or not may_be(known, "video", medicare=True):
        return
    for rule in wrong_places():
        found = rule.modifiers.intersection(line.modifiers)
        if found and place in rule.places and rule.period.holds(known.day) and rule.exempt.isdisjoint(known.families):
            modifier = min(found)
            text = (
                f"{line.code}-{modifier} was given by telehealth, and Medicare wants place 10 (the patient at home) or "
                f"02 (elsewhere) for it from {show(rule.period.start)}, not {place}."
            )
            changes = replacing_place(line, _AT_HOME)
            fix = Fix("Write place 10, if the patient was at home.", changes, documentation=True) if changes else None
            yield EDIT.finding(
                text,
                line,
                expression=(place_path(line), line.path_of("modifier")),
                evidence=(("place", place), ("modifier", modifier)),
                fix=fix,
            )
            return


EDIT = Edit(
    id="telehealth-place",
    family="remote",
    title="A telehealth place and a service or modifier that do not fit",
    check=check,
    severity="warning",
    carc=("5",),
    rarc=("M77",),
    citation="CMS, place of service codes 02 and 10; Medicare Claims Processing Manual, chapter 12, section 190",
    when=Feature.TELEHEALTH_PLACE | Feature.TELEHEALTH_MODIFIER,
    yields_to=("procedure-unknown", "procedure-not-in-force", "line-place-of-service", "modifier-telehealth"),
)
