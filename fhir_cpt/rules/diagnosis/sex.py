"""A diagnosis fits the sex that the claim gives. Off unless a payer pack turns it on.

Why it matters: some payers still deny a diagnosis of one sex for a patient registered with the other. FHIR's gender is
administrative, and the conflict is often right (condition code 45, modifier KX): a person must look.

Fails: N40.0 for a patient whose gender is female.
Passes: N40.0 for male, other or unknown.

Citation: CMS, Definitions of Medicare Code Edits, sex conflict; Medicare Claims Processing Manual, chapter 32, 240.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis
from fhir_cpt.rules.diagnosis.patient import conflicts, unchecked
from fhir_cpt.rules.edit import Edit
from terminology.edits import DiagnosisEdit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every diagnosis with an edit on sex; without a gender it is said once what was not checked."""
    sex = claim.sex
    if sex is None:
        yield from unchecked(claim, EDIT, "sex", "gender")
        return

    def conflict(item: DatedDiagnosis, edit: DiagnosisEdit) -> str | None:
        if sex.value not in ("male", "female") or sex.value == edit.sex:
            return None
        return (
            f"{item.code} is edited as a diagnosis of {edit.sex} patients, and this one is registered as {sex.value}: "
            "check both, and if they are right, say so with condition code 45 or modifier KX."
        )

    yield from conflicts(claim, facts, EDIT, "sex", conflict)


EDIT = Edit(
    id="diagnosis-sex",
    family="diagnosis",
    title="A diagnosis that does not fit the sex on the claim",
    check=check,
    severity="warning",
    carc=("10",),
    citation="CMS, Definitions of Medicare Code Edits, sex conflict",
    needs=("icd10cm", "mce"),
    when=Feature.SEX_DIAGNOSIS,
    opt_in=True,
)
