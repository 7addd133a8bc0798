"""A claim needs a line.

Why it matters: a claim without a service asks for nothing, and is sent back before anybody reads it.

Fails: a claim without an item.
Passes: a claim with one item.

Citation: ASC X12N 837 implementation guides, loop 2400.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Whether there is a line."""
    del facts
    if not claim.lines:
        text = "The claim has no line: add an item for each service, with its code."
        yield EDIT.finding(text, expression=(claim.path,))


EDIT = Edit(
    id="claim-no-lines",
    family="claim",
    title="A claim without lines",
    check=check,
    code="required",
    carc=("16",),
    rarc=("M51",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides (005010X222A1, 005010X223A2), loop 2400",
    when=Feature.NO_LINE,
    dated=False,
)
