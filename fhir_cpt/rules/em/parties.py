"""Whether two services were given by the same clinician, or within one group and specialty.

Source: spec/claim-edits, Terms, Provider; Medicare Claims Processing Manual, chapter 12, section 30.6.5.
"""

from __future__ import annotations

from fhir_cpt.claims.model import Claim, Line


def practice_of(claim: Claim, line: Line) -> tuple[str | None, str | None]:
    """The line's provider, and its group and specialty; None for what is not given, so that it equals nothing.

    A group without a specialty does not count, since its lines may be of several. A ChargeItem names no specialty.
    """
    group = None if claim.kind == "charge" or line.group.endswith("|") else line.group
    return line.provider or None, group or None


def same_practice(claim: Claim, line: Line, other: Line) -> bool:
    """Whether two lines of the claim have the same provider, or the same group and specialty.

    Charges that name no provider are taken to have the same one, as NCCI's edits take them.
    """
    _, group = practice_of(claim, line)
    return other.provider == line.provider or other.group == group
