"""A visit's code belongs to the place where it was given.

Why it matters: CPT has visits for the office, the hospital, the emergency department, nursing facilities and the home;
a code of one place with the place of another is denied or looked into (CARC 5).

Fails: 99213 with place 21; 99284 with place 11; 99309 with place 13.
Passes: 99213 with place 11 or 22; 99284 with place 23; 99232 with place 10, as telehealth.

Citation: CPT, evaluation and management; Medicare Claims Processing Manual, chapter 12, sections 30.6.8 to 30.6.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import place_path, replacing_place
from fhir_cpt.rules.setting.places import Bound, bound, telehealth_places

_FEATURE = int(Feature.BOUND_TO_PLACE)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line that names a place and has a code that is bound to some."""
    del facts
    for line in claim.coded:
        known = line.known
        if known is None or not known.features & _FEATURE:
            continue
        if line.place is not None:
            for rule in _unfit(known.families, line.place):
                yield _finding(line, line.place, rule)


@lru_cache(maxsize=4096)
def _unfit(families: frozenset[str], place: str) -> tuple[Bound, ...]:
    """The rules of the families that the place does not fit."""
    if place in telehealth_places():
        return ()
    rules = [bound()[family] for family in sorted(families & bound().keys())]
    return tuple([rule for rule in rules if not rule.takes(place)])


def _finding(line: Line, place: str, rule: Bound) -> Finding:
    if rule.fits is None:
        evidence = (("place", place), ("does-not-fit", ", ".join(sorted(rule.unfit))))
    else:
        evidence = (("place", place), ("fits", ", ".join(sorted(rule.fits))))
    text = f"{line.code} does not fit place {place}: {rule.reason}. Report the code of the place, or correct the place."
    changes = replacing_place(line, rule.usual) if rule.usual else ()
    fix = Fix(f"Write place {rule.usual}, if it was given there.", changes, documentation=True) if changes else None
    return EDIT.finding(text, line, expression=(place_path(line), line.code_path), evidence=evidence, fix=fix)


EDIT = Edit(
    id="place-procedure",
    family="setting",
    title="A visit's code in a place where such visits are not given",
    check=check,
    severity="warning",
    carc=("5",),
    rarc=("M77",),
    citation="CPT, evaluation and management; Medicare Claims Processing Manual, chapter 12, section 30.6",
    when=Feature.BOUND_TO_PLACE,
    yields_to=("line-place-of-service", "place-not-payable"),
)
