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
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import dropping

_MODIFIER = "24"
_CARRIED = int(Feature.UNRELATED_VISIT_MODIFIER)


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with modifier 24 whose code is no encounter."""
    for line in carrying(claim, _CARRIED):
        if line.known is not None and "encounters" not in line.known.families:
            text = (
                f"Modifier 24 belongs on E/M codes, and {line.code} is none: an unrelated procedure after surgery "
                "takes 79."
            )
            yield EDIT.finding(
                text,
                line,
                expression=paths(line, _MODIFIER),
                evidence=(("modifier", _MODIFIER), ("code", line.code)),
                fix=dropping(line, f"Take modifier 24 off {line.code}.", _MODIFIER, documentation=True),
            )


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
