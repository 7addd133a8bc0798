"""Modifiers that payers want explained come with supporting information.

Why it matters: for 22 (more work than usual), 52 (less), 53 (broken off) and 66 (a team) payers price by the record,
and ask for it before they pay. Nothing is denied for it at first: this is said for information. A ChargeItem precedes
the claim, and is not asked.

Fails: 29881 with 22, and no supportingInfo on the claim.
Passes: the same with a note in supportingInfo.

Citation: Medicare Claims Processing Manual, chapter 12, sections 20.4.6, 30.1 and 40.8; FHIR R4, Claim.supportingInfo.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.sets import members

_CARRIED = int(Feature.DOCUMENTED_MODIFIER)


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with one of them, on a claim without supporting information of any kind."""
    if claim.informed or claim.kind == "charge":
        return
    for line in carrying(claim, _CARRIED):
        wanted = members("documented", line.known.day) if line.known else ()
        codes = [code for code in dict.fromkeys(line.modifiers) if code in wanted]
        if codes:
            yield EDIT.finding(
                f"Payers ask why {' and '.join(codes)} is on {line.code}: have the report ready, or send it as "
                "supportingInfo.",
                line,
                expression=paths(line, *codes),
                evidence=(("modifier", ", ".join(codes)), ("code", line.code)),
            )


EDIT = Edit(
    id="modifier-documentation",
    family="modifier",
    title="A modifier that payers want explained, without supporting information",
    check=check,
    severity="information",
    citation="Medicare Claims Processing Manual, chapter 12, sections 20.4.6, 30.1 and 40.8",
    needs=("procedure",),
    when=Feature.DOCUMENTED_MODIFIER,
    yields_to=("modifier-conflict", "modifier-53-misuse", "modifier-setting", "modifier-team"),
    dated=False,
)
