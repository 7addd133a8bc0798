"""Medically unlikely edits of MAI 1: no line may have more units of the code than the limit.

Why it matters: the whole line is denied (CARC 151), not the units above the limit alone. Each line stands for
itself, so units that were needed may be reported on further lines, each with a modifier that says why.

Fails: A0425 with 251 units on one line (the limit is 250).
Passes: A0425 with 250 units; two lines of 200.

Citation: CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table, MAI 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import units


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line against the limit of its code; over a span of days, the units of one day."""
    for line in claim.coded:
        mue = line.known.mue if line.known else None
        if mue is None or mue.mai != 1 or line.units <= mue.value or not units.speaks_for(mue, facts):
            continue
        if mue.value == 0:
            text = units.none_payable(mue)
        else:
            text = (
                f"{units.at_most(mue.value, mue.code)} on a line, not {units.shown(line.units)}. Correct them. If all "
                "were needed, report the rest on a line of its own with the modifier that says why."
            )
        yield EDIT.finding(
            text,
            line,
            expression=(units.path(line),),
            evidence=units.evidence(mue, line.units),
            edition=units.edition_for(claim, line, facts),
        )


EDIT = Edit(
    id="ncci-mue-line",
    family="ncci",
    title="More units on a line than are likely",
    check=check,
    carc=units.CARC,
    rarc=units.RARC,
    citation="CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table",
    needs=("procedure", "mue"),
    when=Feature.OVER_MUE,
    consults=Feature.MUE_LINE,
    yields_to=units.YIELDS_TO,
)
