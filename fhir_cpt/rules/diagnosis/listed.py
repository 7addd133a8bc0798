"""Which diagnoses stand in the claim's list, and which of them first: on the claim, and for each line."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_cpt.claims.model import Claim, Diagnosis, Line
from fhir_cpt.rules.dated import document


def listed(claim: Claim) -> Sequence[Diagnosis]:
    """The diagnoses that stand in the claim's list, without those that have a place of their own."""
    apart = document(__package__, "kinds.yaml")["apart"].get(claim.kind)
    if not apart:
        return claim.diagnoses
    return [diagnosis for diagnosis in claim.diagnoses if not any(kind in apart for kind in diagnosis.kinds)]


def first_listed(claim: Claim) -> Diagnosis | None:
    """The listed diagnosis typed as principal, else the one with the lowest sequence."""
    diagnoses = listed(claim)
    principal = document(__package__, "kinds.yaml")["principal"]
    typed = next((item for item in diagnoses if any(kind in principal for kind in item.kinds)), None)
    return typed or min(diagnoses, key=lambda item: item.sequence, default=None)


def lines_led_by(claim: Claim, diagnosis: Diagnosis) -> tuple[Line, ...]:
    """The items of a professional claim whose first pointer is the diagnosis; other claims have no such order."""
    if not claim.professional:
        return ()
    sequence = diagnosis.sequence
    return tuple(line for line in claim.lines if line.pointers[:1] == (sequence,) and not line.detail)
