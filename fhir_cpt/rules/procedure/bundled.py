"""Medicare pays services of status B, and P beside others, as part of the other services of the day.

Why it matters: status B is always bundled and never paid by itself, so the line is denied with CARC 97 and may
not be charged to the patient. Status P, mostly supplies, is bundled where the same provider gives another
service on the day; alone it may be paid.

Fails: 99100 (status B); A4253 (P) beside 99213.
Passes: A4253 without another service of that provider and day.

Citation: Medicare Claims Processing Manual, chapter 12, section 20.3 (bundled services); PPRRVU status codes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure.status import beside, edition_for, with_status


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of status B; lines of status P with another service beside them."""
    for line, status in with_status(claim, "BP"):
        evidence, edition = (("status", status),), edition_for(line, facts)
        if status == "B":
            text = f"Medicare never pays {line.code} by itself, but as part of other services: take the line off."
            yield EDIT.finding(text, line, expression=(line.code_path,), evidence=evidence, edition=edition)
            continue
        other = next((other for other, kind in beside(claim, line) if kind != "P"), None)
        if other is not None:
            text = f"Medicare counts {line.code} as part of {other.code}, given by the same provider on the same day."
            paths = (line.code_path, other.code_path)
            yield EDIT.finding(
                text, line, other, expression=paths, severity="warning", evidence=evidence, edition=edition
            )


EDIT = Edit(
    id="procedure-bundled",
    family="procedure",
    title="A service that Medicare pays as part of another",
    check=check,
    carc=("97",),
    rarc=("M15",),
    citation="Medicare Claims Processing Manual, chapter 12, section 20.3; PPRRVU status codes B and P",
    needs=("pfs",),
    when=Feature.SPECIAL_STATUS,
    medicare=True,
    pairwise=True,
)
