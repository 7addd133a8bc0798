"""What the edits found, as an OperationOutcome. See DESIGN, The wire, for the extension `claim-edit-result`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fhir_cpt.claims.finding import Change, Finding, Fix, Report
from fhir_cpt.rules.code_system import CLAIM_EDIT
from fhir_cpt.wire.concepts import parameters, shown
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.outcome import issue
from terminology.model import CANONICAL, Edition
from terminology.period import show

Json = dict[str, Any]
CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC = "https://x12.org/codes/remittance-advice-remark-codes"
RESULT = f"{CANONICAL}StructureDefinition/claim-edit-result"


MOST = 2000
"""Findings told of one claim. A thousand lines can make a hundred thousand pairs, and an answer of 250 megabytes."""


def claim_outcome(faults: Iterable[StructureFault], reports: Iterable[Report], notice: str | None = None) -> Json:
    """The OperationOutcome for a resource that was validated: structural faults, then findings, then the editions.

    `notice` is the copyright notice for CPT content, where the release has one.
    """
    contained: list[Json] = []
    issues = [issue("error", fault.code, fault.message, expression=[fault.expression]) for fault in faults]
    reports = list(reports)
    for report in reports:
        issues.extend(_finding(finding, contained) for finding in report.findings[:MOST])
        issues.extend(_not_listed(report.findings[MOST:]))
    issues.extend(_stale(reports))
    issues.append(_editions(reports, notice))
    made: Json = {"resourceType": "OperationOutcome"}
    if contained:
        made["contained"] = contained
    made["issue"] = issues
    return made


def _not_listed(findings: Sequence[Finding]) -> Iterator[Json]:
    """One issue for the findings beyond `MOST`: how many of each edit, as severe as the worst of them."""
    if findings:
        severity = min((finding.severity for finding in findings), key=("error", "warning", "information").index)
        counts = Counter(finding.edit for finding in findings)
        named = ", ".join(f"{edit} ({count})" for edit, count in counts.most_common())
        text = f"{len(findings)} more findings are not listed: {named}."
        yield issue(severity, "too-costly", text, expression=findings[0].expression[:1])


def _finding(finding: Finding, contained: list[Json]) -> Json:
    coding = [{"system": CLAIM_EDIT, "code": finding.edit}]
    coding += [{"system": CLAIM_EDIT, "code": edit} for edit in finding.also]
    coding += [{"system": CARC, "code": code} for code in finding.carc]
    coding += [{"system": RARC, "code": code} for code in finding.rarc]
    made = issue(finding.severity, finding.code, finding.text, expression=finding.expression, coding=coding)
    parts: list[Json] = [
        {"url": "state", "valueCode": finding.state},
        {"url": "disposition", "valueCode": finding.disposition},
    ]
    if finding.citation:
        parts.append({"url": "citation", "valueString": finding.citation})
    if finding.edition:
        parts.append({"url": "edition", "valueString": _named(finding.edition)})
    if finding.missing:
        parts.append({"url": "missing", "valueString": finding.missing})
    parts += [
        {"url": "evidence", "extension": [{"url": "name", "valueString": name}, {"url": "value", "valueString": value}]}
        for name, value in finding.evidence
        if value
    ]
    if finding.fix:
        contained.append(_patch(finding.fix, f"fix-{len(contained) + 1}"))
        parts.append(
            {
                "url": "fix",
                "extension": [
                    {"url": "text", "valueString": finding.fix.text},
                    {"url": "documentation", "valueBoolean": finding.fix.documentation},
                    {"url": "patch", "valueReference": {"reference": f"#{contained[-1]['id']}"}},
                ],
            }
        )
    return {"extension": [{"url": RESULT, "extension": parts}], **made}


def _patch(fix: Fix, name: str) -> Json:
    """The fix as FHIRPath Patch. Source: FHIR R4, fhirpatch."""
    operations = [{"name": "operation", "part": list(_operation(change))} for change in fix.changes]
    return {**parameters(operations), "id": name}


def _operation(change: Change) -> Iterator[Json]:
    yield {"name": "type", "valueCode": change.type}
    yield {"name": "path", "valueString": change.path}
    if change.name is not None:
        yield {"name": "name", "valueString": change.name}
    if change.value is not None and change.value_type:
        yield {"name": "value", f"value{change.value_type[0].upper()}{change.value_type[1:]}": change.value}
    if change.index is not None:
        yield {"name": "index", "valueInteger": change.index}


def _stale(reports: Iterable[Report]) -> Iterator[Json]:
    """One informational issue for each table whose newest edition is older than a day of the claim."""
    stale = {edition.table: (edition, day) for report in reports for edition, day in report.stale}
    for edition, day in stale.values():
        text = f"Out of date: the newest edition of {edition.table} held, {shown(edition)}, ends before {show(day)}."
        yield issue("information", "informational", text)


def _editions(reports: Iterable[Report], notice: str | None) -> Json:
    editions = dict.fromkeys(edition for report in reports for edition in report.editions)
    named = ", ".join(_named(edition) for edition in editions)
    text = f"Editions used: {named}." if named else "No table was consulted."
    return issue("information", "informational", text, diagnostics=notice)


def _named(edition: Edition) -> str:
    return f"{edition.table} {shown(edition)}"
