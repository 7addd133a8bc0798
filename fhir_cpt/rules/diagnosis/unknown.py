"""A diagnosis is an ICD-10-CM code.

Why it matters: a code that is in no edition denies every line that points to it. Diagnoses in another code system
(SNOMED CT, the WHO's ICD-10, ICD-9-CM), or with no code at all, are not checked: that is said once.

Fails: M17.19.
Passes: M17.11, and M1711 (the 837 writes codes without their dot).
No data: a SNOMED CT code.

Citation: 45 CFR 162.1002; CDC/NCHS, ICD-10-CM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Diagnosis
from fhir_cpt.rules.diagnosis.wording import by_diagnosis, doubt, lines_of, severity
from fhir_cpt.rules.edit import Edit
from terminology.model import ICD10CM

_ALSO = (
    "diagnosis-not-in-force",
    "diagnosis-not-billable",
    "diagnosis-primary",
    "diagnosis-age",
    "diagnosis-excludes1",
)
"""The other edits that go by the code, which a diagnosis that is no ICD-10-CM code holds up.
`medical-necessity` is one of them where a policy governs a code of the claim."""
_COVERED = int(Feature.COVERED)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every diagnosis in the edition of its day, then in any."""
    del facts
    unknown = (item for item in claim.diagnosed if item.known.located is None and item.known.edition is not None)
    for items in by_diagnosis(unknown):
        item, known = items[0], items[0].known
        text = f"{item.code} is not an ICD-10-CM code{doubt(known)}: correct it from the record."
        yield EDIT.finding(
            text,
            *lines_of(claim, items),
            expression=(item.diagnosis.path,),
            severity=severity(known),
            evidence=(("diagnosis", item.code),),
            edition=known.edition,
        )
    others = [item for item in claim.diagnoses if item.system != ICD10CM or item.code is None]
    if others:
        also = (*_ALSO, "medical-necessity") if claim.features & _COVERED else _ALSO
        yield msgspec.structs.replace(_unchecked(others), also=also)


def _unchecked(others: Sequence[Diagnosis]) -> Finding:
    names = ", ".join(_name(item) for item in others)
    text = f"Only ICD-10-CM diagnoses are checked, which these are not: {names}."
    paths = tuple([item.path for item in others])
    return EDIT.no_data(text, "icd10cm-code", expression=paths)


def _name(diagnosis: Diagnosis) -> str:
    if diagnosis.code is None:
        return f"diagnosis {diagnosis.sequence} without a code"
    return f"{diagnosis.code} ({diagnosis.system or 'no system given'})"


EDIT = Edit(
    id="diagnosis-unknown",
    family="diagnosis",
    title="A diagnosis that is no ICD-10-CM code",
    check=check,
    code="code-invalid",
    carc=("146",),
    rarc=("M76",),
    citation="45 CFR 162.1002; CDC/NCHS and CMS, ICD-10-CM",
    needs=("icd10cm",),
    when=Feature.UNFIT_DIAGNOSIS,
)
