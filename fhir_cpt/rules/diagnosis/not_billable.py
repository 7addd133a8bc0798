"""A diagnosis is coded to the last character.

Why it matters: a heading stands for the codes below it and is not accepted on a claim.

Fails: M17.1.
Passes: M17.11.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis
from fhir_cpt.rules.diagnosis.wording import by_diagnosis, doubt, lines_of, replacing, severity
from fhir_cpt.rules.edit import Edit

_SHOWN = 10
"""How many of the codes below a heading are named."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every diagnosis that the edition of its day has as a heading."""
    headings = (item for item in claim.diagnosed if item.known.current is not None and not item.known.billable)
    for items in by_diagnosis(headings):
        yield _finding(claim, items, facts)


def _finding(claim: Claim, items: Sequence[DatedDiagnosis], facts: Facts) -> Finding:
    item = items[0]
    codes, total = facts.knowledge.billable_below(item.code, item.day, _SHOWN)
    names = ", ".join(codes) + (f" and {total - len(codes)} more" if total > len(codes) else "")
    choice = f"use one of {names}" if total > 1 else f"use {names}" if total else "use a complete code"
    text = f"{item.code} is a heading and not accepted on a claim{doubt(item.known)}: {choice}."
    fix = replacing(item.diagnosis, codes[0], f"Use {codes[0]}, the only code below it.") if total == 1 else None
    return EDIT.finding(
        text,
        *lines_of(claim, items),
        expression=(item.diagnosis.path,),
        severity=severity(item.known),
        evidence=(("diagnosis", item.code), ("billable", names)),
        edition=item.known.edition,
        fix=fix,
    )


EDIT = Edit(
    id="diagnosis-not-billable",
    family="diagnosis",
    title="A diagnosis that is only a heading",
    check=check,
    code="code-invalid",
    carc=("146",),
    rarc=("M76",),
    citation="ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.2",
    needs=("icd10cm",),
    when=Feature.UNFIT_DIAGNOSIS,
)
