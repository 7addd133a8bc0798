"""What the edits on diagnoses say in the same words: how sure they are, how a code is replaced, which lines use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fhir_cpt.claims.facts import DiagnosisFacts
from fhir_cpt.claims.finding import Change, Fix, Severity
from fhir_cpt.claims.model import Claim, DatedDiagnosis, Diagnosis, Line
from terminology.model import ICD10CM
from terminology.period import show


def severity(known: DiagnosisFacts) -> Severity:
    """An error; a warning where the edition that answers is not that of the day, and may not have the code yet."""
    return "warning" if known.stale else "error"


def doubt(known: DiagnosisFacts) -> str:
    """What to add where the edition that answers is not that of the day; empty where it is."""
    if not known.stale or known.edition is None:
        return ""
    period = known.edition.period
    return f" (the edition loaded is for {show(period.start)} to {show(period.end)}, so this may be out of date)"


def by_diagnosis(items: Iterable[DatedDiagnosis]) -> list[list[DatedDiagnosis]]:
    """The items of each diagnosis together, so that one used on several days is spoken of once."""
    found: dict[str, list[DatedDiagnosis]] = {}
    for item in items:
        found.setdefault(item.diagnosis.path, []).append(item)
    return list(found.values())


def lines_of(claim: Claim, items: Sequence[DatedDiagnosis]) -> tuple[Line, ...]:
    """The lines that use the diagnosis, which is the same in all items, on the days of the items."""
    at = 1 if claim.inpatient else 0
    days = {item.day for item in items}
    sequence = items[0].diagnosis.sequence
    return tuple(line for line in claim.lines if line.period and line.period[at] in days and sequence in line.pointers)


def replacing(diagnosis: Diagnosis, code: str, text: str) -> Fix | None:
    """The fix that puts another code in the place of the diagnosis; None where it stands in a resource of its own."""
    if not diagnosis.path.endswith("diagnosisCodeableConcept"):
        return None
    value = {"coding": [{"system": ICD10CM, "code": code}]}
    change = Change(type="replace", path=diagnosis.path, value=value, value_type="CodeableConcept")
    return Fix(text, (change,), documentation=True)
