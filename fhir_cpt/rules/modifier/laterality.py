"""LT and RT do not stand on a code that is for both sides as it is.

Why it matters: the fee schedule pays such a code once for both sides (bilateral indicator 2). A side on it tells the
payer that the service was not whole, and the line is stopped (CARC 4). Where it was done on one side alone, 52 says
so, and the side may stand beside it.

Fails: 77067 with LT.
Passes: 77067 without; with 52 and LT; 27447 with LT.

Citation: CMS, PPRRVU, BILAT SURG 2; Medicare Claims Processing Manual, chapter 12, sections 20.4.6 and 40.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, fee_of, paths
from fhir_cpt.rules.modifier.mending import dropping, lifts
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.procedure.status import edition_for

_CARRIED = int(Feature.SIDE_MODIFIER)
_BOTH = "2"


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with one side, by the fee schedule of its day; two sides are a conflict of their own."""
    for line in carrying(claim, _CARRIED):
        fee = fee_of(line)
        sides = [code for code in ("LT", "RT") if code in line.modifiers]
        if fee is None or fee.bilateral != _BOTH or len(sides) > 1 or line.known is None:
            continue
        if members("reduced", line.known.day).isdisjoint(line.modifiers):
            fix = None
            if not lifts(claim, facts, line, *sides):
                fix = dropping(line, f"If it was done on both sides, take {sides[0]} off.", *sides, documentation=True)
            yield EDIT.finding(
                f"{line.code} is for both sides as it is: take {sides[0]} off, or add 52 if one side was done.",
                line,
                expression=paths(line, *sides),
                evidence=(("modifier", sides[0]), ("code", line.code), ("bilateral indicator", fee.bilateral)),
                edition=edition_for(line, facts),
                fix=fix,
            )


EDIT = Edit(
    id="modifier-laterality",
    family="modifier",
    title="LT or RT on a code for both sides",
    check=check,
    severity="warning",
    carc=("4",),
    citation="CMS, PPRRVU, BILAT SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.6 and 40.7",
    needs=("procedure", "pfs"),
    when=Feature.SIDE_MODIFIER,
    yields_to=("modifier-conflict",),
)
