"""Modifier 50 stands on services that may be bilateral, with one unit.

Why it matters: the fee schedule's indicator tells of each code whether 50 changes what is paid. 0 and 9: there are no
two sides, or the rule does not apply; 2: the code is for both sides as it is. On these the line is denied (CARC 4). A
practitioner's line with 50 stands for both sides as one unit; two are rejected (CARC 16). Level II codes with
indicator 9 (drugs, supplies) are paid under other schedules, and are left alone.

Fails: 77067 with 50 (2); 27447 with 50 and 2 units.
Passes: 27447 with 50 and 1 unit.

Citation: CMS, PPRRVU, BILAT SURG; Medicare Claims Processing Manual, chapter 12, section 40.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, fee_of, paths
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.ncci.units import shown
from fhir_cpt.rules.procedure.status import edition_for
from terminology.model import HCPCS

_MODIFIER = "50"
_CARRIED = int(Feature.BILATERAL_MODIFIER)
_WHY = {
    "0": "the fee schedule knows no second side of it",
    "2": "the code is for both sides as it is",
    "9": "it is no service with sides",
}
_ELSEWHERE = "9"


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with 50, by the fee schedule of its day; lines of codes that it does not list pass."""
    for line in carrying(claim, _CARRIED):
        fee = fee_of(line)
        if fee is None or (fee.bilateral == _ELSEWHERE and line.system == HCPCS):
            continue
        evidence = (("modifier", _MODIFIER), ("code", line.code), ("bilateral indicator", fee.bilateral))
        if why := _WHY.get(fee.bilateral):
            yield EDIT.finding(
                f"Modifier 50 does not go with {line.code}: {why}.",
                line,
                expression=paths(line, _MODIFIER),
                evidence=evidence,
                edition=edition_for(line, facts),
                fix=dropping(line, f"Take 50 off {line.code}.", _MODIFIER, documentation=True),
            )
        elif claim.setting == "practitioner" and line.units != 1:
            yield EDIT.finding(
                f"{line.code} with 50 is one unit for both sides, not {shown(line.units)}: correct the units.",
                line,
                expression=(line.path_of("quantity"), *paths(line, _MODIFIER)),
                carc=("16",),
                rarc=("M53",),
                evidence=(*evidence, ("units", shown(line.units))),
                edition=edition_for(line, facts),
                fix=_one_unit(line),
            )


def _one_unit(line: Line) -> Fix | None:
    """One unit; none where a price per unit would no longer make up the charge, or the line spans days."""
    if line.unit_price is not None or line.period is None or line.period.start != line.period.end:
        return None
    change = Change("replace", line.path_of("quantity"), value={"value": 1}, value_type="Quantity")
    return Fix(f"If {line.code} was done once on each side, report 1 unit with 50.", (change,), documentation=True)


EDIT = Edit(
    id="modifier-50",
    family="modifier",
    title="50 on a code that is not bilateral, or with more than one unit",
    check=check,
    carc=("4",),
    citation="CMS, PPRRVU, BILAT SURG; Medicare Claims Processing Manual, chapter 12, section 40.7",
    needs=("procedure", "pfs"),
    when=Feature.BILATERAL_MODIFIER,
)
