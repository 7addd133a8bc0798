"""Two diagnoses that ICD-10-CM keeps apart are not on one claim.

Why it matters: an Excludes1 note says that two conditions cannot be there at once (one form of diabetes and another);
payers send such claims back. The guidelines allow both where they have nothing to do with each other.

Fails: E10.9 with E11.9.
Passes: E11.9 with I10; E10.9 and E11.9 on lines of different days; one of them as the admitting diagnosis alone.

Citation: ICD-10-CM Official Guidelines for Coding and Reporting, section I.A.12.a; CDC/NCHS, ICD-10-CM tabular list.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from fhir_cpt.claims.diagnoses import Exclusion
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis
from fhir_cpt.rules.diagnosis.listed import listed
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every pair of diagnoses of one day, by the notes on either, its headings, its section and its chapter."""
    items = claim.diagnosed
    present = frozenset[str]().union(*[item.known.prefixes for item in items])
    if all(item.known.excludes1.isdisjoint(present) for item in items):
        return
    told: set[tuple[str, str]] = set()
    final = set(listed(claim))
    for one, two in combinations([item for item in items if item.diagnosis in final], 2):
        pair = (one.diagnosis.path, two.diagnosis.path)
        if one.day == two.day and pair not in told and (found := _between(one, two, facts)):
            told.add(pair)
            yield _finding(one, two, found)


def _between(one: DatedDiagnosis, two: DatedDiagnosis, facts: Facts) -> Exclusion | None:
    """The note on either code that keeps the two apart."""
    for holder, other in ((one, two), (two, one)):
        if holder.known.excludes1.isdisjoint(other.known.prefixes):
            continue
        found = facts.knowledge.diagnoses.exclusion(holder.known.code, other.known.code, holder.day)
        if found is not None:
            return found
    return None


def _finding(one: DatedDiagnosis, two: DatedDiagnosis, found: Exclusion) -> Finding:
    text = (
        f"{one.code} and {two.code} are not coded together (Excludes1 note at {found.note.code}): drop the one that "
        "does not apply, unless the two conditions are unrelated and the record says so."
    )
    return EDIT.finding(
        text,
        expression=(two.diagnosis.path, one.diagnosis.path),
        evidence=(("note at", found.note.code), ("excludes", found.target), ("note", found.note.text)),
        edition=found.edition,
    )


EDIT = Edit(
    id="diagnosis-excludes1",
    family="diagnosis",
    title="Two diagnoses that exclude each other",
    check=check,
    severity="warning",
    carc=("16",),
    rarc=("M76",),
    citation="ICD-10-CM Official Guidelines for Coding and Reporting, section I.A.12.a",
    needs=("icd10cm", "icd10cm-notes"),
    when=Feature.SEVERAL_DIAGNOSES,
)
