"""OperationOutcomes: how anything that went wrong, or ought to be said, is said. FHIR: operationoutcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from terminology.issues import Issue

Json = dict[str, Any]
MESSAGE_ID = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"
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
    """One issue. `code` is an IssueType, `expression` FHIRPaths (or, for HTTP, parameter names).

    Texts may quote what a client sent: characters that FHIR does not allow in a string are replaced.
    """
    text = plain(text)
    expression = [plain(item) for item in expression if item.strip()]
    details: Json = {"coding": list(coding), "text": text} if coding else {"text": text}
    made: Json = {"severity": severity, "code": code, "details": details}
    if diagnostics:
        made["diagnostics"] = diagnostics
    if expression:
        made["expression"] = expression
    return made


def issue_json(item: Issue) -> Json:
    """An issue of the engine's, with the id of its message where it has one."""
    coding = [{"system": TX_ISSUE_TYPE, "code": item.kind}] if item.kind else ()
    made = issue(item.severity, item.code, item.text, expression=[item.path] if item.path else (), coding=coding)
    if item.id:
        made["extension"] = [{"url": MESSAGE_ID, "valueString": item.id}]
    return made


def plain(text: str) -> str:
    """The text with what FHIR does not allow in a string replaced. Source: FHIR R4, datatypes#string."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\t\n\r" else "\ufffd" for char in text)


def outcome(issues: Iterable[Json]) -> Json:
    """An OperationOutcome of the issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def error(code: str, text: str, *, expression: Sequence[str] = (), coding: Sequence[Json] = ()) -> Json:
    """An OperationOutcome of one error."""
    return outcome([issue("error", code, text, expression=expression, coding=coding)])
