"""Modifier 53 does not stand on visits or on services that are counted by time.

Why it matters: 53 is for a procedure that was begun and broken off for the patient's sake. A visit or a timed service
that ended early is reported as what was given: the lower level, the fewer units. With 53 the line is denied (CARC 4).

Fails: 99214 with 53; 90837 with 53.
Passes: 45378 with 53.

Citation: Medicare Claims Processing Manual, chapter 12, section 20.4.6; Medicare contractors on modifier 53.
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

_MODIFIER = "53"
_CARRIED = int(Feature.DISCONTINUED_MODIFIER)


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every E/M or timed line with 53."""
    for line in carrying(claim, _CARRIED):
        known = line.known
        if known is not None and (known.is_em or "time-based" in known.families):
            kind = "an E/M code" if known.is_em else "counted by time"
            yield EDIT.finding(
                f"Modifier 53 does not go with {line.code}, which is {kind}: report the service that was given.",
                line,
                expression=paths(line, _MODIFIER),
                evidence=(("modifier", _MODIFIER), ("code", line.code)),
                fix=dropping(line, f"Take 53 off {line.code}.", _MODIFIER, documentation=True),
            )


EDIT = Edit(
    id="modifier-53-misuse",
    family="modifier",
    title="53 on a visit or a timed service",
    check=check,
    carc=("4",),
    citation="Medicare Claims Processing Manual, chapter 12, section 20.4.6; Medicare contractors on modifier 53",
    needs=("procedure",),
    when=Feature.DISCONTINUED_MODIFIER,
    yields_to=("modifier-setting",),
)
