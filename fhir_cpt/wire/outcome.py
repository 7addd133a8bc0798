"""OperationOutcomes: how anything that went wrong, or ought to be said, is said. FHIR: operationoutcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]
TX_ISSUE_TYPE = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type"


def issue(
    severity: str,
    code: str,
    text: str,
    *,
    expression: Sequence[str] = (),
    coding: Sequence[Json] = (),
    diagnostics: str | None = None,
) -> Json:
    """One issue. `code` is an IssueType, `expression` FHIRPaths (or, for HTTP, parameter names)."""
    details: Json = {"coding": list(coding), "text": text} if coding else {"text": text}
    made: Json = {"severity": severity, "code": code, "details": details}
    if diagnostics:
        made["diagnostics"] = diagnostics
    if expression:
        made["expression"] = list(expression)
    return made


def outcome(issues: Iterable[Json]) -> Json:
    """An OperationOutcome of the issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def error(code: str, text: str, *, expression: Sequence[str] = (), coding: Sequence[Json] = ()) -> Json:
    """An OperationOutcome of one error."""
    return outcome([issue("error", code, text, expression=expression, coding=coding)])
