"""What the edits found, as an OperationOutcome. See DESIGN, The wire, for the extension `claim-edit-result`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from fhir_cpt.claims.finding import Change, Finding, Fix, Report, Used
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
    issues += _closing_one(reports[0].used, notice) if len(reports) == 1 else _closing(reports, notice)
    made: Json = {"resourceType": "OperationOutcome"}
    if contained:
        made["contained"] = contained
    made["issue"] = issues
    return made


@lru_cache(maxsize=1024)
def _closing_one(used: Used, notice: str | None) -> tuple[Json, ...]:
    """As `_closing`, for one claim. Shared, never changed."""
    return tuple(_closing([Report((), used)], notice))


def _closing(reports: Sequence[Report], notice: str | None) -> Iterator[Json]:
    """What closes an answer: the tables out of date, and the editions used."""
    for text in stale_texts(reports):
        yield issue("information", "informational", text)
    yield issue("information", "informational", editions_text(reports), diagnostics=notice)


def _not_listed(findings: Sequence[Finding]) -> Iterator[Json]:
    """One issue for the findings beyond `MOST`: how many of each edit, as severe as the worst of them."""
    if findings:
        severity = min((finding.severity for finding in findings), key=("error", "warning", "information").index)
        text = not_listed_text(findings)
        yield issue(severity, "too-costly", text, expression=findings[0].expression[:1])


def not_listed_text(findings: Sequence[Finding]) -> str:
    """What is said of findings that an answer has no room for: how many of each edit."""
    counts = Counter(finding.edit for finding in findings)
    told = ", ".join(f"{edit} ({count})" for edit, count in counts.most_common())
    return f"{len(findings)} more findings are not listed: {told}."


def _finding(finding: Finding, contained: list[Json]) -> Json:
    if finding.missing == "history" and not (finding.lines or finding.evidence or finding.fix):
        return _alone(finding)
    return _issue(finding, contained)


@lru_cache(maxsize=256)
def _alone(finding: Finding) -> Json:
    """The issue on edits that saw a claim alone. Shared, never changed: without a history most claims have the same.

    Nothing of the claim is in it. Findings that tell of their claim are never remembered.
    """
    return _issue(finding, [])


def _issue(finding: Finding, contained: list[Json]) -> Json:
    coding = [*edit_codings(finding), *carc_codings(finding), *rarc_codings(finding)]
    made = issue(finding.severity, finding.code, finding.text, expression=finding.expression, coding=coding)
    return {"extension": [edit_result(finding, contained)], **made}


def edit_codings(finding: Finding) -> list[Json]:
    """The edit that speaks, and those for which the same holds."""
    return [{"system": CLAIM_EDIT, "code": edit} for edit in (finding.edit, *finding.also)]


def carc_codings(finding: Finding) -> list[Json]:
    """The claim adjustment reason codes."""
    return [{"system": CARC, "code": code} for code in finding.carc]


def rarc_codings(finding: Finding) -> list[Json]:
    """The remittance advice remark codes."""
    return [{"system": RARC, "code": code} for code in finding.rarc]


def edit_result(finding: Finding, contained: list[Json], more: Iterable[Json] = ()) -> Json:
    """The extension `claim-edit-result`; a fix is added to the `contained` resources. `more` are further parts."""
    parts: list[Json] = [
        {"url": "state", "valueCode": finding.state},
        {"url": "disposition", "valueCode": finding.disposition},
    ]
    if finding.citation:
        parts.append({"url": "citation", "valueString": finding.citation})
    if finding.edition:
        parts.append({"url": "edition", "valueString": named(finding.edition)})
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
    return {"url": RESULT, "extension": [*parts, *more]}


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


def stale_texts(reports: Iterable[Report]) -> Iterator[str]:
    """One sentence for each table whose newest edition is older than a day of the claim."""
    stale = {edition.table: (edition, day) for report in reports for edition, day in report.stale}
    for edition, day in stale.values():
        yield f"Out of date: the newest edition of {edition.table} held, {shown(edition)}, ends before {show(day)}."


def editions_text(reports: Iterable[Report]) -> str:
    """The sentence that closes an answer: which editions were used."""
    editions = dict.fromkeys(edition for report in reports for edition in report.editions)
    told = ", ".join(named(edition) for edition in editions)
    return f"Editions used: {told}." if told else "No table was consulted."


@lru_cache(maxsize=1024)  # of every claim, the same few
def named(edition: Edition) -> str:
    """An edition for people and programs: its table and version, `ptp-practitioner 2026q4`."""
    return f"{edition.table} {shown(edition)}"
