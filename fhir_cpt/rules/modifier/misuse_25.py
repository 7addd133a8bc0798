"""Modifier 25 is for a separate visit, so it stands on the E/M code and not on the procedure.

Why it matters: on a procedure it does not fit the code (CARC 4), and the visit beside it is left without it.

Fails: 20610 with 25.
Passes: 99213 with 25.

Citation: NCCI Policy Manual, chapter I, sections D and E; Medicare Claims Processing Manual, chapter 12, section 30.6.
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
    """Every line with modifier 25 whose code is no encounter."""
    advice = "if the visit of the day was separate, put it there"
    return outside_visits(EDIT, claim, Feature.SEPARATE_VISIT_MODIFIER, "25", advice)


EDIT = Edit(
    id="modifier-25-misuse",
    family="modifier",
    title="Modifier 25 on a service that is no visit",
    check=check,
    carc=("4",),
    citation="NCCI Policy Manual, chapter I; Medicare Claims Processing Manual, chapter 12, section 30.6",
    needs=("procedure",),
    when=Feature.SEPARATE_VISIT_MODIFIER,
)
