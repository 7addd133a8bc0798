"""Services of status T are paid only where the provider gives nothing else payable on the day.

Why it matters: beside another service that the fee schedule pays, the line is denied as part of it (CARC 97).

Fails: 94760 (status T) beside 99213.
Passes: 94760 alone, or beside a service that the fee schedule does not pay, such as a laboratory test.

Citation: CMS, PPRRVU status code T; Medicare Claims Processing Manual, chapter 12, section 30.6.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure.status import beside, edition_for, with_status

_PAYABLE = "ACJR"
"""Status codes that the fee schedule pays: active, carrier-priced, anesthesia, restricted."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of status T with a payable service beside them."""
    for line, status in with_status(claim, "T"):
        other = next((other for other, kind in beside(claim, line) if kind and kind in _PAYABLE), None)
        if other is not None:
            text = (
                f"Medicare pays {line.code} only where nothing else is payable that day: it is part of {other.code}. "
                "Take the line off."
            )
            yield EDIT.finding(
                text,
                line,
                other,
                expression=(line.code_path, other.code_path),
                evidence=(("status", status),),
                edition=edition_for(line, facts),
            )


EDIT = Edit(
    id="procedure-injection-not-separate",
    family="procedure",
    title="A minor service that Medicare does not pay beside others",
    check=check,
    carc=("97",),
    rarc=("M80",),
    citation="PPRRVU status code T; Medicare Claims Processing Manual, chapter 12, section 30.6.7",
    needs=("pfs",),
    when=Feature.SPECIAL_STATUS,
    medicare=True,
    pairwise=True,
)
