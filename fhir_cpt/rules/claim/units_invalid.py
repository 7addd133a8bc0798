"""Units of service are above zero, and whole where the code counts whole units.

Why it matters: nothing was done zero times, and payers send back parts of a unit. Ambulance mileage is counted in
tenths of a mile (family `whole-units-exempt`).

Fails: 0 units of 97110; 1.5 units of 97110.
Passes: 2 units of 97110; 12.4 miles as A0425.

Citation: ASC X12N 837 implementation guides, SV104 and SV205; Medicare Claims Processing Manual, chapter 26, section
10.4, item 24G, and chapter 15, section 30.1.2 (mileage).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The quantity of every line that names one; fractions only where it is known how the code counts."""
    del facts
    for line in claim.lines:
        quantity = line.quantity
        if quantity is None or (quantity > 0 and not quantity % 1):
            continue
        evidence = (("units", f"{quantity:g}"),)
        where = (line.path_of("quantity"),)
        if not quantity > 0:
            text = f"{line.shown} is billed with {quantity:g} units: give the number that was done, at least 1."
            yield EDIT.finding(text, line, expression=where, evidence=evidence)
        elif (
            line.known is not None
            and line.known.status != "unknown"
            and "whole-units-exempt" not in line.known.families
        ):
            text = f"{line.shown} is billed with {quantity:g} units, and is counted in whole ones: give a whole number."
            yield EDIT.finding(text, line, expression=where, evidence=evidence)


EDIT = Edit(
    id="line-units-invalid",
    family="claim",
    title="Units that cannot be right",
    check=check,
    code="value",
    carc=("16",),
    rarc=("M53",),
    disposition="reject",
    citation="Medicare Claims Processing Manual, chapter 26, section 10.4, item 24G; chapter 15, section 30.1.2",
    when=Feature.UNUSUAL_UNITS,
)
