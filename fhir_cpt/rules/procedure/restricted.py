"""Services of status R are covered in special cases, those of status C priced by the contractor.

Why it matters: nothing is wrong with the line, but a person will look at it: the contractor asks for the record
(R), or for what it needs to set a price (C). Good to know before the payment is late.

Fails (as information): 0591T (status C).
Passes: 99213.

Citation: CMS, PPRRVU status codes C and R.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure.status import edition_for, with_status

_SAID = {
    "R": "Medicare covers {code} in special cases only: have the record ready.",
    "C": "Medicare's contractor sets the price of {code} itself: have the record ready.",
}


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of status R or C."""
    for line, status in with_status(claim, "RC"):
        yield EDIT.finding(
            _SAID[status].format(code=line.code),
            line,
            expression=(line.code_path,),
            evidence=(("status", status),),
            edition=edition_for(line, facts),
        )


EDIT = Edit(
    id="procedure-restricted",
    family="procedure",
    title="A service on which Medicare's contractor decides",
    check=check,
    severity="information",
    code="informational",
    citation="PPRRVU status codes C and R",
    needs=("pfs",),
    when=Feature.SPECIAL_STATUS,
    medicare=True,
)
