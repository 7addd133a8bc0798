"""A claim has no more lines than the 837 has room for: 50 on a professional claim, 999 on an institutional one.

Why it matters: a claim with more is sent back whole, and none of its lines is paid until it is split.

A claim of another kind, which no 837 limits, has its limit where edits no longer compare lines with one another.

Fails: a professional claim with 51 lines.
Passes: a professional claim with 50 lines.

Citation: ASC X12N 005010X222A1 and 005010X223A2, loop 2400.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.claim.limits import limit
from fhir_cpt.rules.edit import MOST_COMPARED, Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The number of lines, details with a code of their own among them, against the limit of the day of sending."""
    count = len(claim.lines)
    most = limit("lines", claim.kind, facts.today) or MOST_COMPARED
    if count > most:
        text = (
            f"The claim has {count} lines, and a claim of the kind ({claim.kind}) takes at most {most}: split it into "
            f"claims of at most {most} lines."
        )
        evidence = (("lines", count), ("limit", most))
        yield EDIT.finding(text, claim.lines[most], evidence=evidence)


EDIT = Edit(
    id="claim-line-limit",
    family="claim",
    title="More lines than a claim can hold",
    check=check,
    code="value",
    carc=("16",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides (005010X222A1, 005010X223A2), loop 2400",
    when=Feature.SEVERAL_LINES,
)
