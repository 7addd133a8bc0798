"""A National Provider Identifier has ten digits, and the last proves the others.

Why it matters: a number with a wrong check digit belongs to nobody; the claim comes back for a typing error.

Fails: 1234567890.
Passes: 1234567893.

Citation: 45 CFR 162.406; CMS, requirements for the NPI check digit (Luhn's formula over 80840 and the number).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit

_ISSUER = "80840"
"""What stands before an NPI on a card: health (80), United States (840). Source: ISO/IEC 7812; CMS."""


@lru_cache(maxsize=65536)
def fault(npi: str) -> str | None:
    """What is wrong with the number, in words that follow it; None where it is well formed."""
    if not (len(npi) == 10 and npi.isascii() and npi.isdigit()):
        return "is not a number of ten digits"
    digits = [int(digit) for digit in reversed(_ISSUER + npi)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return None if (sum(digits[::2]) + sum(doubled)) % 10 == 0 else "has a check digit that does not fit"


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every NPI on the claim."""
    del facts
    for npi in claim.npis:
        wrong = fault(npi.value)
        if wrong:
            who = "billing" if npi.billing else "rendering"
            text = f"The NPI {npi.value} of the {who} provider {wrong}: look it up in the NPI registry and correct it."
            rarc = ("N257",) if npi.billing else ("N290",)
            yield EDIT.finding(text, expression=(npi.path,), rarc=rarc, evidence=(("npi", npi.value),))


EDIT = Edit(
    id="claim-provider-npi",
    family="claim",
    title="A provider number that cannot be right",
    check=check,
    code="value",
    carc=("16",),
    rarc=("N290", "N257"),
    disposition="reject",
    citation="45 CFR 162.406; CMS, National Provider Identifier standard, check digit",
    when=Feature.NPI,
    dated=False,
)
