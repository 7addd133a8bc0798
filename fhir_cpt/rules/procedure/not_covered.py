"""Medicare does not cover services of status N.

Why it matters: the line is denied whatever the record shows; the patient pays. A line with GY or GX says that the
provider knows this and wants the denial (for a second payer, say): then it is information.
Status X and E are paid under other schedules (laboratory, ambulance, drugs) and are no fault.

Fails: 99396.
Passes: G0439.

Citation: CMS, PPRRVU status code N; Medicare Claims Processing Manual, chapter 1, section 60 (GY, GX).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure.status import edition_for, with_status

_DENIAL_WANTED = frozenset({"GY", "GX"})


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of status N."""
    for line, status in with_status(claim, "N"):
        modifier = next((modifier for modifier in line.modifiers if modifier in _DENIAL_WANTED), None)
        if modifier:
            text = f"Medicare does not cover {line.code} and will deny it, as modifier {modifier} asks."
        else:
            text = f"Medicare does not cover {line.code}: charge the patient, or add GY if a denial is wanted."
        yield EDIT.finding(
            text,
            line,
            expression=(line.code_path,),
            severity="information" if modifier else None,
            evidence=(("status", status),),
            edition=edition_for(line, facts),
        )


EDIT = Edit(
    id="procedure-not-covered",
    family="procedure",
    title="A service that Medicare does not cover",
    check=check,
    carc=("96",),
    rarc=("N425",),
    citation="PPRRVU status code N; Medicare Claims Processing Manual, chapter 1, section 60",
    needs=("pfs",),
    when=Feature.SPECIAL_STATUS,
    medicare=True,
)
