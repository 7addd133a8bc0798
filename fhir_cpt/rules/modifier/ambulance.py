"""An ambulance line tells where the patient was picked up and where the trip went.

Why it matters: whether a trip is covered depends on its ends. Two letters, origin and destination, make one modifier
(RH, from home to hospital); without it the line is denied (CARC 4). Nothing is asked of a patient who died before the
trip (QL).

Fails: A0428 without a modifier; with XH (X only ends a leg).
Passes: A0428 and A0425, each with RH.

Citation: Medicare Claims Processing Manual, chapter 15, section 30 (A).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import paths
from fhir_cpt.rules.modifier.sets import members, trips


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line of transport or mileage by ambulance without such a pair."""
    for line in claim.coded:
        known = line.known
        if known is None or "ambulance" not in known.families:
            continue
        if trips().isdisjoint(line.modifiers) and members("pronounced-dead", known.day).isdisjoint(line.modifiers):
            yield EDIT.finding(
                f"{line.code} does not say from where to where the trip went: add the two letters of origin and "
                "destination, such as RH (home to hospital).",
                line,
                expression=paths(line, *line.modifiers),
                evidence=(("modifiers", ", ".join(line.modifiers) or "none"),),
            )


EDIT = Edit(
    id="modifier-ambulance",
    family="modifier",
    title="An ambulance line without origin and destination",
    check=check,
    carc=("4",),
    citation="Medicare Claims Processing Manual, chapter 15, section 30 (A)",
    needs=("procedure",),
    when=Feature.AMBULANCE,
    dated=False,
)
