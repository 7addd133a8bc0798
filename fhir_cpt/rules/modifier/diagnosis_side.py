"""The side of the procedure and the side of the diagnosis are the same.

Why it matters: a procedure on the left for a condition on the right is most often a slip, and at worst surgery on the
wrong side; payers deny it (CARC 11). The line's first diagnosis that has a side must be on the other one, and none of
the line's diagnoses on this one. Diagnoses whose side tells nothing of the procedure (what is past or absent,
paralysis, the heart's own right and left) do not count: `sides.yaml`.

Fails: 27447 with LT for M17.11 (right knee).
Passes: 27447 with RT for M17.11; with LT for M17.11 and M17.12.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.13; CMS, HCPCS modifiers LT and RT.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import replacing
from fhir_cpt.rules.modifier.sets import read

_CARRIED = int(Feature.SIDE_MODIFIER)
_SIDES = {"LT": "left", "RT": "right"}
_OTHER = {"LT": "RT", "RT": "LT"}


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with one side whose diagnoses are on the other."""
    for line in carrying(claim, _CARRIED):
        sides = [code for code in _SIDES if code in line.modifiers]
        if len(sides) != 1:
            continue
        modifier = sides[0]
        sided = _sided(claim, line)
        if not sided or any(item.known.side == _SIDES[modifier] for item in sided):
            continue
        first, side, other = sided[0], _SIDES[modifier], _OTHER[modifier]
        yield EDIT.finding(
            f"{line.code} is on the {side} ({modifier}), and {first.code} is of the {first.known.side}: check which "
            "side was treated.",
            line,
            expression=(*paths(line, modifier), first.diagnosis.path),
            evidence=(("modifier", modifier), ("diagnosis", first.code), ("side of the diagnosis", first.known.side)),
            edition=first.known.edition,
            fix=replacing(line, modifier, other, f"If the {first.known.side} side was treated, report {other}."),
        )


def _sided(claim: Claim, line: Line) -> list[DatedDiagnosis]:
    """The line's diagnoses that lie on one side, in the order in which it points to them."""
    at = 1 if claim.inpatient else 0
    day = line.period[at] if line.period else 0
    found = {
        item.diagnosis.sequence: item
        for item in claim.diagnosed
        if item.day == day and item.known.side and not item.known.code.startswith(_apart())
    }
    return [found[sequence] for sequence in line.pointers if sequence in found]


@cache
def _apart() -> tuple[str, ...]:
    return tuple(item["prefix"] for item in read("sides.yaml")["apart"])


EDIT = Edit(
    id="modifier-diagnosis-side",
    family="modifier",
    title="The side of the procedure is not that of the diagnosis",
    check=check,
    severity="warning",
    carc=("11",),
    citation="ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.13; CMS, HCPCS modifiers LT and RT",
    needs=("procedure", "icd10cm"),
    when=Feature.SIDE_MODIFIER,
    when_also=Feature.SIDED_DIAGNOSIS,
)
