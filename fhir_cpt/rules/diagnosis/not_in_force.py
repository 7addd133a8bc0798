"""A diagnosis is in force on the day of the service.

Why it matters: ICD-10-CM changes every October (and now and then in April), and a code of another year is denied.

Fails: the invented U99.9, which fiscal year 2026 has and 2027 has not, on 1 October 2026.
Passes: U99.9 on 30 September 2026.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, introduction; 45 CFR 162.1002.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.diagnosis.wording import by_diagnosis, doubt, lines_of, severity
from fhir_cpt.rules.edit import Edit
from terminology.period import show


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every diagnosis that some edition has, in the edition of its day."""
    for items in by_diagnosis(item for item in claim.diagnosed if item.known.current is None):
        item, known = items[0], items[0].known
        if known.located is None:
            continue
        period = facts.knowledge.diagnoses.period(known.located)
        begins = period.start > item.day
        then = f"starts on {show(period.start)}" if begins else f"was last listed for {period}"
        text = f"{item.code} {then}, so it cannot stand on {show(item.day)}{doubt(known)}: use a code of that day."
        yield EDIT.finding(
            text,
            *lines_of(claim, items),
            expression=(item.diagnosis.path,),
            severity=severity(known),
            evidence=(("diagnosis", known.located.concept.code), ("day", show(item.day)), ("listed", period)),
            edition=known.edition,
        )


EDIT = Edit(
    id="diagnosis-not-in-force",
    family="diagnosis",
    title="A diagnosis of another year",
    check=check,
    code="code-invalid",
    carc=("146",),
    rarc=("M76",),
    citation="ICD-10-CM Official Guidelines for Coding and Reporting, introduction; 45 CFR 162.1002",
    needs=("icd10cm",),
    when=Feature.UNFIT_DIAGNOSIS,
)
