"""A modifier that was not in force on the day of service.

Why it matters: modifiers begin and end by date, as codes do; one from before or after its time is denied (CARC 182).

Fails: 99213 with 93 on 31 December 2021.
Passes: the same a day later.

Citation: CMS, HCPCS Quarterly Update; 45 CFR 162.1000 (the code set in force on the day of service).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import paths
from terminology.period import show


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every modifier outside its days."""
    for line in claim.lines:
        if line.modified is None or line.period is None:
            continue
        for code, concept in dict(line.modified.not_in_force).items():
            day = line.period.start
            if day < concept.start:
                text = f"Modifier {code} begins on {show(concept.start)}, after the line's day {show(day)}."
            else:
                text = f"Modifier {code} ended on {show(concept.end)}, before the line's day {show(day)}."
            yield EDIT.finding(
                text,
                line,
                expression=(*paths(line, code), line.period_path),
                evidence=(("modifier", code), ("start", show(concept.start)), ("end", show(concept.end))),
            )


EDIT = Edit(
    id="modifier-not-in-force",
    family="modifier",
    title="A modifier outside the days of its validity",
    check=check,
    carc=("182",),
    rarc=("N519",),
    citation="CMS, HCPCS Quarterly Update; 45 CFR 162.1000",
    when=Feature.UNFIT_MODIFIER,
)
