"""A claim has no more diagnoses than the 837 has room for: 12 on a professional claim, 25 on an institutional one.

Why it matters: a diagnosis that does not fit is lost or the claim sent back; lines that point to it lose their reason.
The admitting diagnosis, the patient's reason for the visit and external causes have places of their own on an
institutional claim and don't count.

Fails: a professional claim with 13 diagnoses.
Passes: a professional claim with 12 diagnoses.

Citation: ASC X12N 005010X222A1 and 005010X223A2, loop 2300, HI segments.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.claim.limits import limit
from fhir_cpt.rules.diagnosis.listed import listed
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The number of diagnoses against the limit of the day of sending."""
    most = limit("diagnoses", claim.kind, facts.today)
    if most is None or len(claim.diagnoses) <= most:
        return
    diagnoses = listed(claim)
    if len(diagnoses) > most:
        text = (
            f"The claim has {len(diagnoses)} diagnoses, and a claim of the kind ({claim.kind}) takes at most {most}: "
            "keep those that the services were for, or split the claim."
        )
        evidence = (("diagnoses", len(diagnoses)), ("limit", most))
        yield EDIT.finding(text, expression=tuple([item.path for item in diagnoses[most:]]), evidence=evidence)


EDIT = Edit(
    id="claim-diagnosis-limit",
    family="claim",
    title="More diagnoses than a claim can hold",
    check=check,
    code="value",
    carc=("16",),
    rarc=("M76",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides (005010X222A1, 005010X223A2), loop 2300, HI",
    when=Feature.SEVERAL_DIAGNOSES,
)
