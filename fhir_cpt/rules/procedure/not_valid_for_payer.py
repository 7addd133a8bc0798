"""Medicare uses another code for services of status I (and, in older years, G).

Why it matters: the service may well be payable, under the code that Medicare has for it; under this one the line
is denied. Category II codes carry status I too; they ask for no payment, and `procedure-tracking-only` watches them.

Fails: 99417 (Medicare has G2212).
Passes: G2212.

Citation: CMS, PPRRVU status codes G and I; Medicare Claims Processing Manual, chapter 23, addendum.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure.status import edition_for, with_status


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of status I or G, but for Category II."""
    for line, status in with_status(claim, "IG"):
        if line.known is not None and line.known.features & Feature.CATEGORY_II:
            continue
        text = f"Medicare does not take {line.code}: it uses another code for this service. Report that one."
        yield EDIT.finding(
            text, line, expression=(line.code_path,), evidence=(("status", status),), edition=edition_for(line, facts)
        )


EDIT = Edit(
    id="procedure-not-valid-for-payer",
    family="procedure",
    title="A code in whose place Medicare uses another",
    check=check,
    carc=("96",),
    rarc=("N56",),
    citation="PPRRVU status codes G and I; Medicare Claims Processing Manual, chapter 23, addendum",
    needs=("pfs",),
    when=Feature.SPECIAL_STATUS,
    medicare=True,
)
