"""26 and TC stand on codes that have a professional and a technical component.

Why it matters: on a code that is one or the other by itself, or has no such parts, the modifier does not fit, and the
line is denied (CARC 4). The fee schedule tells: it has a row for the code with the modifier, or the PC/TC indicator of
the code is 1. For Medicare the technical component of a hospital's patient is the hospital's: a practitioner's line
with TC in such a place is denied.

Fails: 93010 with 26 (the code is the interpretation already); Medicare, 71046 with TC in place of service 21.
Passes: 71046 with 26; 71046 with TC in an office.

Citation: CMS, PPRRVU, PC/TC indicator; Medicare Claims Processing Manual, chapter 13, sections 20.1 and 20.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, fee_of, paths
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.procedure.status import edition_for
from terminology.edits import FeeScheduleRow

_CARRIED = int(Feature.COMPONENT_MODIFIER)
_SPLIT = "1"
_WHY = {
    ("2", "26"): "it is the professional part by itself",
    ("2", "TC"): "it is the professional part alone",
    ("3", "26"): "it is the technical part alone",
    ("3", "TC"): "it is the technical part by itself",
    ("4", "26"): "it is the whole test, and the interpretation has a code of its own",
    ("4", "TC"): "it is the whole test, and the technical part has a code of its own",
}
"""What the PC/TC indicators of codes without parts mean for each modifier. Source: CMS, PPRRVU record layout."""
_MENDED = {("2", "26"), ("3", "TC"), ("0", "26"), ("0", "TC"), ("7", "26"), ("7", "TC"), ("9", "26"), ("9", "TC")}
"""Indicators and modifiers where the line is right once the modifier is gone; elsewhere another code is needed."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with 26 or TC, by the fee schedule of its day; lines of codes that it does not list pass."""
    for line in carrying(claim, _CARRIED):
        fee = fee_of(line)
        if fee is None or line.known is None:
            continue
        for modifier in ("26", "TC"):
            if modifier not in line.modifiers:
                continue
            if fee.pctc != _SPLIT and all(row.modifier != modifier for row in line.known.fees):
                yield _without_parts(line, modifier, fee, facts)
            elif modifier == "TC" and facts.medicare and _in_facility(claim, line):
                yield EDIT.finding(
                    f"Medicare pays the technical component of {line.code} to the facility (place of service "
                    f"{line.place}), not to the practitioner: take the line off, or report 26 for the interpretation.",
                    line,
                    expression=(*paths(line, modifier), line.path_of("locationCodeableConcept")),
                    evidence=(("modifier", modifier), ("place", line.place)),
                )


def _without_parts(line: Line, modifier: str, fee: FeeScheduleRow, facts: Facts) -> Finding:
    why = _WHY.get((fee.pctc, modifier), "it has no professional and technical parts")
    fix: Fix | None = None
    if (fee.pctc, modifier) in _MENDED:
        fix = dropping(line, f"Take {modifier} off {line.code}.", modifier, documentation=True)
    return EDIT.finding(
        f"Modifier {modifier} does not go with {line.code}: {why}.",
        line,
        expression=paths(line, modifier),
        evidence=(("modifier", modifier), ("code", line.code), ("pc/tc indicator", fee.pctc)),
        edition=edition_for(line, facts),
        fix=fix,
    )


def _in_facility(claim: Claim, line: Line) -> bool:
    day = line.known.day if line.known else 0
    return claim.setting == "practitioner" and line.place in members("technical-component-in-facility", day)


EDIT = Edit(
    id="modifier-26-tc",
    family="modifier",
    title="26 or TC on a code without such a component",
    check=check,
    carc=("4",),
    rarc=("N519",),
    citation="CMS, PPRRVU, PC/TC indicator; Medicare Claims Processing Manual, chapter 13, sections 20.1 and 20.2",
    needs=("procedure", "pfs"),
    when=Feature.COMPONENT_MODIFIER,
)
