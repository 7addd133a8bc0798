"""A diagnosis fits the patient's age.

Why it matters: some conditions belong to newborns, children, childbearing or adults; a diagnosis outside its years is
most often a wrong digit or a wrong patient, and the claim is denied.

Fails: Z00.110 (a newborn's check-up) at the age of 3.
Passes: Z00.129 at the age of 3; at the last day before the eighteenth birthday.

Citation: CMS, Definitions of Medicare Code Edits, age conflict.
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
from terminology.period import Day, show


def years(birth: Day, day: Day) -> int:
    """Whole years from birth to the day: a birthday counts from that day on, one of 29 February from 1 March."""
    return day // 10000 - birth // 10000 - (day % 10000 < birth % 10000)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every diagnosis with an edit on age, on its day; without a birth date it is said once what was not checked."""
    birth = claim.birth
    if birth is None:
        yield from unchecked(claim, EDIT, "age", "birthDate")
        return

    def conflict(item: DatedDiagnosis, edit: DiagnosisEdit) -> str | None:
        age = years(birth, item.day)
        if edit.low <= age <= edit.high:
            return None
        span = f"age {edit.low}" if edit.low == edit.high else f"ages {edit.low} to {edit.high}"
        return (
            f"{item.code} is for {span}, and the patient's age on {show(item.day)} was {age}: "
            "check the diagnosis and the birth date."
        )

    yield from conflicts(claim, facts, EDIT, "age", conflict)


EDIT = Edit(
    id="diagnosis-age",
    family="diagnosis",
    title="A diagnosis that does not fit the patient's age",
    check=check,
    severity="warning",
    carc=("9",),
    citation="CMS, Definitions of Medicare Code Edits, age conflict",
    needs=("icd10cm", "mce"),
    when=Feature.AGE_DIAGNOSIS,
)
