"""Modifier 24 is for an unrelated visit after surgery, so it stands on E/M codes alone.

Why it matters: on a procedure it does not fit the code (CARC 4), and 79 is what an unrelated procedure needs.

Fails: 20610 with 24.
Passes: 99213 with 24.

Citation: NCCI Policy Manual, chapter I, section E; Medicare Claims Processing Manual, chapter 12, section 40.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.misuse import outside_visits


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with modifier 24 whose code is no encounter."""
    advice = "an unrelated procedure after surgery takes 79"
    return outside_visits(EDIT, claim, Feature.UNRELATED_VISIT_MODIFIER, "24", advice)


EDIT = Edit(
    id="modifier-24-misuse",
    family="modifier",
    title="Modifier 24 on a service that is no visit",
    check=check,
    carc=("4",),
    citation="NCCI Policy Manual, chapter I, section E; Medicare Claims Processing Manual, chapter 12, section 40.2",
    needs=("procedure",),
    when=Feature.UNRELATED_VISIT_MODIFIER,
)
