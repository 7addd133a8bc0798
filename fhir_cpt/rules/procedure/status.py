"""What Medicare's fee schedule says of the services on a claim: lines by status code, and what stands beside them.

The status codes of the physician fee schedule speak of practitioners' claims. A hospital's outpatient services
and a supplier's equipment are paid under other schedules, so these edits pass them over.
Source: CMS, National Physician Fee Schedule Relative Value File, record layout, status code.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from terminology.model import Edition


def with_status(claim: Claim, statuses: str) -> Iterator[tuple[Line, str]]:
    """The practitioner's lines whose code has one of the statuses (one letter each), with the status."""
    if claim.setting != "practitioner":
        return
    for line in claim.coded:
        known = line.known
        if known is not None and known.fee is not None and known.fee.status in statuses:
            yield line, known.fee.status


def beside(claim: Claim, line: Line) -> Iterator[tuple[Line, str]]:
    """The other services of the same provider on a common day, with their status; '' where none is listed."""
    for other in claim.coded:
        if other is not line and other.provider == line.provider and common_day(other, line):
            fee = other.known.fee if other.known else None
            yield other, fee.status if fee else ""


def edition_for(line: Line, facts: Facts) -> Edition | None:
    """The edition of the fee schedule that the line's status comes from."""
    answering = facts.release.fee_schedule.on(line.known.day) if line.known else None
    return answering.edition if answering else None
