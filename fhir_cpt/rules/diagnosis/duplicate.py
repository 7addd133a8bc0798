"""A diagnosis is on the claim once.

Why it matters: the guidelines ask for each code once an encounter; a second one takes the place of another diagnosis,
and some payers send the claim back.

Fails: I10 twice.
Passes: I10 as the admitting and the principal diagnosis of an institutional claim.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Diagnosis
from fhir_cpt.rules.diagnosis.listed import listed
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every listed diagnosis against those before it, however its code is written."""
    del facts
    first: dict[tuple[str | None, str], Diagnosis] = {}
    for diagnosis in listed(claim):
        if diagnosis.code is None:
            continue
        code = diagnosis.code.upper().replace(".", "")
        earlier = first.setdefault((diagnosis.system, code), diagnosis)
        if earlier is not diagnosis:
            yield _finding(claim, diagnosis, earlier)


def _finding(claim: Claim, diagnosis: Diagnosis, earlier: Diagnosis) -> Finding:
    text = f"{diagnosis.code} is on the claim twice: drop the second, and point its lines to the first."
    fix = Fix(f"Drop the second {diagnosis.code}.", tuple(_dropping(claim, diagnosis, earlier)))
    return EDIT.finding(text, expression=(diagnosis.path, earlier.path), fix=fix)


def _dropping(claim: Claim, diagnosis: Diagnosis, earlier: Diagnosis) -> Iterator[Change]:
    """The changes that point the lines of the second to the first, and delete the second."""
    for line in claim.lines:
        if line.detail or diagnosis.sequence not in line.pointers:
            continue
        path = line.path_of(f"diagnosisSequence[{line.pointers.index(diagnosis.sequence)}]")
        if earlier.sequence in line.pointers:
            yield Change(type="delete", path=path)
        else:
            yield Change(type="replace", path=path, value=earlier.sequence, value_type="positiveInt")
    yield Change(type="delete", path=diagnosis.path.rpartition(".")[0])


EDIT = Edit(
    id="diagnosis-duplicate",
    family="diagnosis",
    title="A diagnosis that is on the claim twice",
    check=check,
    severity="warning",
    code="duplicate",
    carc=("16",),
    rarc=("M76",),
    citation="ICD-10-CM Official Guidelines for Coding and Reporting, section I.B.8",
    when=Feature.SEVERAL_DIAGNOSES,
    dated=False,
)
