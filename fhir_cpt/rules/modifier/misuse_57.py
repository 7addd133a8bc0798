"""Modifier 57 is for the visit at which a major surgery was decided on.

Why it matters: on a code that is no visit it does not fit (CARC 4). On a visit beside a minor procedure alone (0 or 10
global days) it is the wrong one of two: the decision for a minor procedure is part of it, and a separate visit takes
25. Where both are on the visit, or a major surgery is on the claim or in the history, nothing is said.

Fails: 27447 with 57; 99213-57 with 20610 alone.
Passes: 99213-57 with 27447, of that day or the next.

Citation: NCCI Policy Manual, chapter I, section E; Medicare Claims Processing Manual, chapter 12, section 40.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import replacing
from fhir_cpt.rules.modifier.misuse import on_no_visit
from fhir_cpt.rules.modifier.needed_57 import decided
from fhir_cpt.rules.modifier.surgery import MINOR, is_visit, surgeries
from fhir_cpt.rules.procedure.status import edition_for

_MODIFIER, _SEPARATE = "57", "25"
_CARRIED = int(Feature.DECISION_MODIFIER)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with 57: on another code than a visit's, or on a visit beside minor procedures alone."""
    for line in carrying(claim, _CARRIED):
        if line.known is None:
            continue
        if "encounters" not in line.known.families:
            advice = "put it on the visit at which the surgery was decided on"
            yield on_no_visit(EDIT, line, _MODIFIER, advice)
        elif is_visit(line) and _SEPARATE not in line.modifiers and decided(claim, facts, line) is None:
            yield from _beside_minor(claim, facts, line)


def _beside_minor(claim: Claim, facts: Facts, visit: Line) -> Iterator[Finding]:
    surgery = next((line for line in surgeries(claim, MINOR, visit) if common_day(line, visit)), None)
    if surgery is None or surgery.known is None or surgery.known.fee is None:
        return
    days = surgery.known.fee.global_days
    text = f"If {visit.code} was a significant, separately identifiable visit, put 25 in the place of 57."
    yield EDIT.finding(
        f"57 is for the decision for a major surgery, and {surgery.code} is a minor one. {text}",
        visit,
        expression=(*paths(visit, _MODIFIER), surgery.code_path),
        severity="warning",
        evidence=(("procedure", surgery.code), ("global days", days)),
        edition=edition_for(surgery, facts),
        fix=replacing(visit, _MODIFIER, _SEPARATE, text),
    )


EDIT = Edit(
    id="modifier-57-misuse",
    family="modifier",
    title="Modifier 57 without a visit, or without a major surgery",
    check=check,
    carc=("4",),
    citation="NCCI Policy Manual, chapter I, section E; Medicare Claims Processing Manual, chapter 12, section 40.2",
    needs=("procedure", "pfs"),
    when=Feature.DECISION_MODIFIER,
    pairwise=True,
)
