"""A line needs the day of its service.

Why it matters: codes, edits and fees all go by the day; without one nothing else can be checked, and the line is
sent back. A request for authorisation may leave the day open: that is reported as unchecked, not as wrong.

Fails: an item without serviced[x] on a claim without billablePeriod.
Passes: an item without serviced[x] on a claim with a billablePeriod.

Citation: ASC X12N 837 implementation guides, loop 2400, DTP*472; NUCC 1500 instructions, item 24A.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines with no day at all; a day that cannot be read is `line-date-invalid`'s, a detail's its item's."""
    del facts
    missing = [line for line in claim.lines if line.period is None and line.date_fault is None and not line.detail]
    if not missing:
        return
    if claim.use != "claim":
        text = "Nothing that goes by the day was checked, because the request names no day of service."
        yield EDIT.no_data(text, "day", *missing)
        return
    for line in missing:
        yield EDIT.finding(f"{line.shown} has no day of service: add the day on which it was done.", line)


EDIT = Edit(
    id="line-date-missing",
    family="claim",
    title="A line without a day",
    check=check,
    code="required",
    carc=("16",),
    rarc=("M52",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides, loop 2400, DTP (service date)",
    when=Feature.UNDATED,
    dated=False,
)
