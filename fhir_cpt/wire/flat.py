"""What the edits found, as flat JSON: for integration engines that script in JavaScript and know no FHIR.

A Claim or ChargeItem gets one verdict, a Bundle an object with `claims`, a verdict for each claim in its order; either
has `result` at its top. What could not be read among many is answered in its place by a verdict with the same members,
whose result is `unread`. Every member is described in `verdict.schema.json`, which is served and which answers fulfil.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_cpt.claims.finding import Change, Finding, Fix, Report
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.findings import MOST, named, stale_texts
from fhir_cpt.wire.outcome import plain
from fhir_cpt.wire.tally import Tally, tally, worst

Json = dict[str, Any]
STRUCTURE = "structure"
"""What stands for the edit where the resource is not built as FHIR has it, or cannot be read at all."""


@cache
def schema() -> bytes:
    """The JSON Schema that every answer of this view fulfils."""
    return files(__package__).joinpath("verdict.schema.json").read_bytes()


def verdict(
    claim: Claim, identifier: str | None, report: Report, faults: Sequence[StructureFault], notice: str | None
) -> Json:
    """The verdict on one claim: `result`, one sentence, the findings, and what they come to.

    `result` is `fail` (an error: it would be denied or rejected), else `warn` (to be looked into), else `unchecked`
    (something could not be checked), else `pass`. `identifier` is the resource's id, null where it has none.
    """
    counted = tally(faults, report)
    findings = [_fault(fault) for fault in faults]
    findings += [_finding(finding, claim) for finding in report.findings[:MOST]]
    made: Json = {
        "result": counted.verdict,
        "text": counted.sentence,
        "id": identifier,
        "path": claim.path,
        "findings": findings,
        "counts": counted._asdict(),
        "unlisted": len(report.findings[MOST:]),
        "editions": [named(edition) for edition in report.editions],
        "outdated": list(stale_texts([report])),
    }
    if notice:
        made["notice"] = notice
    return made


def verdicts(claims: Sequence[Json]) -> Json:
    """The verdicts on the claims of a Bundle, and the worst of their results."""
    return {"result": worst([claim["result"] for claim in claims]), "claims": list(claims)}


def unread(outcome: Json) -> Json:
    """The verdict in the place of what could not be read as a claim: the issues of the OperationOutcome as findings.

    It has the members of every verdict, so that scripts need not tell it apart before they look at them.
    """
    findings = [
        _problem(issue["details"]["text"], next(iter(issue.get("expression", ())), None)) for issue in outcome["issue"]
    ]
    return {
        "result": "unread",
        "text": findings[0]["text"],
        "id": None,
        "path": None,
        "findings": findings,
        "counts": Tally(len(findings), 0, 0, 0, 0, 0, 0)._asdict(),
        "unlisted": 0,
        "editions": [],
        "outdated": [],
    }


def _fault(fault: StructureFault) -> Json:
    return _problem(fault.message, fault.expression)


def _problem(text: str, path: str | None) -> Json:
    """What keeps edits from being run, as a finding of none of them."""
    return {
        "severity": "error",
        "edit": STRUCTURE,
        "state": "fail",
        "code": None,
        "remark": None,
        "line": None,
        "lines": [],
        "path": plain(path) if path else None,
        "text": plain(text),
    }


def _finding(finding: Finding, claim: Claim) -> Json:
    lines = list(dict.fromkeys(_number(claim.lines[at]) for at in finding.lines))
    made: Json = {
        "severity": finding.severity,
        "edit": finding.edit,
        "state": finding.state,
        "code": next(iter(finding.carc), None),
        "remark": next(iter(finding.rarc), None),
        "line": lines[0] if lines else None,
        "lines": lines,
        "path": plain(finding.expression[0]) if finding.expression else None,
        "text": plain(finding.text),
    }
    if finding.also:
        made["also"] = list(finding.also)
    if finding.fix:
        made["fix"] = _fix(finding.fix)
    return made


def _number(line: Line) -> int:
    """The line as people count: its item's place from 1. A detail has its item's."""
    return int(line.label.partition(".")[0])


def _fix(fix: Fix) -> Json:
    return {
        "text": fix.text,
        "documentation": fix.documentation,
        "changes": [_change(change) for change in fix.changes],
    }


def _change(change: Change) -> Json:
    made: Json = {"type": change.type, "path": change.path}
    for name in ("name", "value", "index"):
        if (value := getattr(change, name)) is not None:
            made[name] = value
    return made
