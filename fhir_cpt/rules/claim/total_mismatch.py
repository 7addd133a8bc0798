"""The claim's total is the sum of its lines.

Why it matters: front ends add up the lines and send back a claim whose total says something else.

Fails: two lines of 100.00 and a total of 150.00.
Passes: two lines of 100.00 and a total of 200.00; a claim without a total; a claim with a line without net.

Citation: ASC X12N 837 implementation guides, CLM02; NUCC 1500 instructions, item 28.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.claim.amounts import differ
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The total against the nets of the items; a detail's charge is part of its item's."""
    del facts
    total = claim.total
    if total is None or not claim.lines:
        return
    added = 0.0
    for line in claim.lines:
        if not line.detail:
            if line.net is None:
                return
            added += line.net
    if differ(total, added):
        added = round(added, 2)
        change = Change(type="replace", path=f"{claim.path}.total.value", value=added, value_type="decimal")
        text = f"The total is {total:.2f}, and the lines add up to {added:.2f}: correct whichever is off."
        evidence = (("total", total), ("sum", added))
        fix = Fix(f"If the lines are right, make the total {added:.2f}.", (change,))
        yield EDIT.finding(text, expression=(f"{claim.path}.total",), evidence=evidence, fix=fix)


EDIT = Edit(
    id="claim-total-mismatch",
    family="claim",
    title="A total that is not the sum of the lines",
    check=check,
    severity="warning",
    code="value",
    carc=("16",),
    rarc=("M54",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides, CLM02 (total claim charge amount)",
    dated=False,
)
