"""P1 to P6 stand on anesthesia codes.

Why it matters: they tell how ill the patient was under anesthesia; on any other service they do not fit (CARC 4).

Fails: 45378 with P3.
Passes: 00840 with P3.

Citation: CPT, anesthesia section; Medicare Claims Processing Manual, chapter 12, section 50.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import misplaced, paths
from fhir_cpt.rules.modifier.mending import dropping


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with such a modifier on another kind of code."""
    families = ("anesthesia", "anesthesia-circumstances")
    for line, code in misplaced(claim, Feature.PHYSICAL_STATUS_MODIFIER, "physical-status", *families):
        yield EDIT.finding(
            f"Modifier {code} tells the patient's state under anesthesia, and {line.code} is none: take it off.",
            line,
            expression=paths(line, code),
            evidence=(("modifier", code), ("code", line.code)),
            fix=dropping(line, f"Take {code} off {line.code}.", code),
        )


EDIT = Edit(
    id="modifier-physical-status",
    family="modifier",
    title="P1 to P6 on a code that is not anesthesia",
    check=check,
    carc=("4",),
    citation="CPT, anesthesia section; Medicare Claims Processing Manual, chapter 12, section 50",
    needs=("procedure",),
    when=Feature.PHYSICAL_STATUS_MODIFIER,
    dated=False,
)
