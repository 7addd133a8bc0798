"""90, 91 and 92 stand on pathology and laboratory codes.

Why it matters: they tell of a test sent to another laboratory, repeated on the day, or done with a portable kit. On
another service they do not fit (CARC 4); one that was repeated takes 76 or 77. Category III codes, some of which are
tests, are left alone.

Fails: 71046 with 91.
Passes: 85025 with 91; 80053 with 90.

Citation: NCCI Policy Manual, chapter X; Medicare Claims Processing Manual, chapter 16, sections 40.1 and 100.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import misplaced, paths
from fhir_cpt.rules.modifier.mending import dropping, lifts


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with such a modifier on another kind of code."""
    for line, code in misplaced(claim, Feature.LABORATORY_MODIFIER, "laboratory", "laboratory"):
        if line.known is not None and line.known.concept and line.known.concept.value("category") == "III":
            continue
        fix = None
        if not lifts(claim, facts, line, code):
            fix = dropping(line, f"Take {code} off {line.code}.", code, documentation=True)
        yield EDIT.finding(
            f"Modifier {code} is for laboratory tests, and {line.code} is none: take it off.",
            line,
            expression=paths(line, code),
            evidence=(("modifier", code), ("code", line.code)),
            fix=fix,
        )


EDIT = Edit(
    id="modifier-lab",
    family="modifier",
    title="90, 91 or 92 on a code that is no laboratory test",
    check=check,
    carc=("4",),
    citation="NCCI Policy Manual, chapter X; Medicare Claims Processing Manual, chapter 16, sections 40.1 and 100.5",
    needs=("procedure",),
    when=Feature.LABORATORY_MODIFIER,
)
