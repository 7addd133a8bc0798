"""Diagnoses that the Medicare Code Editor ties to something of the patient: age, sex."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis
from fhir_cpt.rules.diagnosis.wording import by_diagnosis, lines_of
from fhir_cpt.rules.edit import Edit
from terminology.edits import DiagnosisEdit


def edited(claim: Claim, kind: Literal["age", "sex"]) -> Iterator[tuple[DatedDiagnosis, DiagnosisEdit]]:
    """Every diagnosis, on each day on which lines use it, with its edit of the kind."""
    for item in claim.diagnosed:
        for edit in item.known.edits:
            if edit.kind == kind:
                yield item, edit


def unchecked(claim: Claim, edit: Edit, kind: Literal["age", "sex"], element: str) -> Iterator[Finding]:
    """Said once: what the edit needs of the patient is not given, and which diagnoses it would have been used on."""
    codes = dict.fromkeys(item.code for item, _ in edited(claim, kind))
    if codes:
        text = f"Not checked, because the patient's {element} is not given: whether the {kind} fits {', '.join(codes)}."
        yield edit.no_data(text, f"Patient.{element}", expression=(f"{claim.path}.patient",))


def conflicts(
    claim: Claim,
    facts: Facts,
    edit: Edit,
    kind: Literal["age", "sex"],
    text: Callable[[DatedDiagnosis, DiagnosisEdit], str | None],
) -> Iterator[Finding]:
    """A finding for each diagnosis of which `text` has something to say."""
    told = {
        (item.diagnosis.path, item.day): (row, said) for item, row in edited(claim, kind) if (said := text(item, row))
    }
    for items in by_diagnosis(item for item in claim.diagnosed if (item.diagnosis.path, item.day) in told):
        row, said = told[items[0].diagnosis.path, items[0].day]
        answering = facts.release.diagnosis_edits.on(items[0].day)
        rule = f"{row.low}-{row.high} years" if kind == "age" else row.sex
        yield edit.finding(
            said,
            *lines_of(claim, items),
            expression=(items[0].diagnosis.path, f"{claim.path}.patient"),
            evidence=(("diagnosis", row.code), ("for", rule)),
            edition=answering.edition if answering else None,
        )
