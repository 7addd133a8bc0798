"""Category II codes measure performance and are not paid: their charge is nil, or one cent.

Why it matters: the line is denied as informational (CARC 246). Senders whose software refuses a charge of zero
put 0.01.

Fails: 3008F with a charge of 25.00.
Passes: 3008F with 0.00 or 0.01.

Citation: CMS, Quality Payment Program, claims data submission (quality-data codes).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit

_TOKEN_CHARGE = 0.01
"""The charge, in US dollars, that stands for none. Source: CMS, claims data submission of quality-data codes."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Category II lines that ask for money."""
    del facts
    for line in claim.coded:
        if line.known is None or not line.known.features & Feature.CATEGORY_II:
            continue
        element, charge = _charge(line)
        if charge > _TOKEN_CHARGE:
            text = f"{line.code} is for tracking and never paid: set its charge to 0.00 or 0.01, not {charge:.2f}."
            yield EDIT.finding(
                text, line, expression=(line.path_of(element), line.code_path), evidence=(("charge", f"{charge:.2f}"),)
            )


def _charge(line: Line) -> tuple[str, float]:
    """The element that holds the charge, and the charge: the net, else price times units and factor."""
    if line.net is not None:
        return ("priceOverride" if line.is_charge_item else "net"), line.net
    factor = 1 if line.factor is None else line.factor
    quantity = 1 if line.quantity is None else line.quantity
    return "unitPrice", (line.unit_price or 0) * quantity * factor


EDIT = Edit(
    id="procedure-tracking-only",
    family="procedure",
    title="A charge for a code that is for tracking only",
    check=check,
    severity="warning",
    carc=("246",),
    citation="CMS, Quality Payment Program, claims data submission: quality-data codes",
    needs=("procedure",),
    when=Feature.CATEGORY_II,
    dated=False,
)
