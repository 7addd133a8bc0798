"""What stands first is a reason for the service: no external cause, and no manifestation of another disease.

Why it matters: an external cause (V00-Y99) says how an injury came about, a manifestation what a disease led to;
neither is a reason by itself, and the claim comes back for want of a principal diagnosis.

Fails: W19.XXXA before S83.241A; F02.80 before G30.9.
Passes: S83.241A before W19.XXXA; G30.9 before F02.80.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, sections I.A.13, I.C.20.a.6 and IV; CMS, Definitions
of Medicare Code Edits, manifestation code as principal diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.diagnoses import external_cause
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis
from fhir_cpt.rules.diagnosis.listed import first_listed, lines_led_by
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The first-listed diagnosis of the claim, and those that lines of a professional claim point to first."""
    del facts
    first = None
    told: set[str] = set()
    for item in claim.diagnosed:
        nature = _nature(item)
        if nature is None or item.diagnosis.path in told:
            continue
        first = first or first_listed(claim)
        lines = lines_led_by(claim, item.diagnosis)
        if item.diagnosis == first or lines:
            told.add(item.diagnosis.path)
            where = "on the claim" if item.diagnosis == first else f"for {', '.join(line.shown for line in lines)}"
            text = f"{item.code} {nature}, and cannot stand first {where}: {_remedy(item)}."
            paths = (item.diagnosis.path, *(line.path_of("diagnosisSequence[0]") for line in lines))
            yield EDIT.finding(text, *lines, expression=paths, evidence=(("diagnosis", item.code),))


def _nature(item: DatedDiagnosis) -> str | None:
    """Why the code may not stand first; None where it may."""
    if external_cause(item.known.code):
        return "says how an injury came about"
    if any(edit.kind == "manifestation" for edit in item.known.edits):
        return "is a manifestation of another disease"
    return None


def _remedy(item: DatedDiagnosis) -> str:
    if external_cause(item.known.code):
        return "list the injury or condition before it"
    return "list the underlying disease before it"


EDIT = Edit(
    id="diagnosis-primary",
    family="diagnosis",
    title="A first diagnosis that cannot stand first",
    check=check,
    carc=("16",),
    rarc=("MA63",),
    disposition="reject",
    citation="ICD-10-CM Official Guidelines, sections I.A.13 and I.C.20; CMS, Definitions of Medicare Code Edits",
    needs=("icd10cm", "mce"),
    when=Feature.NOT_FIRST_DIAGNOSIS,
)
