"""A line has at most four modifiers.

Why it matters: the claim forms and the 837 have room for four; what stands beyond is lost or rejected.

Fails: 11042 with 59, LT, 22, 51 and 79.
Passes: the first four of these.

Citation: X12 837P and 837I, SV101-3 to -6; NUCC, 1500 claim form, item 24D; CMS, modifier 99.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.modifiers import ROOM
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with a fifth modifier."""
    for line in claim.lines:
        if len(line.modifiers) > ROOM:
            text = (
                f"{line.code or 'The line'} has {len(line.modifiers)} modifiers, and a claim has room for {ROOM}: keep "
                "those that matter for payment, first."
            )
            yield EDIT.finding(
                text,
                line,
                expression=tuple(dict.fromkeys([*line.modifier_paths[ROOM:], line.code_path])),
                evidence=(("modifiers", ", ".join(line.modifiers)), ("limit", ROOM)),
            )


EDIT = Edit(
    id="modifier-limit",
    family="modifier",
    title="More than four modifiers on a line",
    check=check,
    carc=("4",),
    citation="X12 837P and 837I, SV101-3 to SV101-6; NUCC, 1500 claim form, item 24D",
    when=Feature.SEVERAL_MODIFIERS,
    dated=False,
)
