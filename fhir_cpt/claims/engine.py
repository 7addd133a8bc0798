"""Runs the edits over a claim: which of them apply, what they found, what could not be checked.

No edit stops another: all findings are reported. The engine alone knows of missing tables (`no-data`), of
edits that say the same (`yields_to`), and of what a payer's pack turns off or makes milder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from fhir_cpt.claims.answering import TITLES, AnsweringEditions, Need, shown
from fhir_cpt.claims.finding import Finding, Report, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Feature
from fhir_cpt.rules.edit import Edit


class Selection(msgspec.Struct, frozen=True):
    """Which edits run, in the catalogue's order, and with what severity where a pack changes it."""

    edits: tuple[Edit, ...]
    severities: Mapping[str, Severity] = msgspec.field(default_factory=dict)
    medicare: bool = False


def validate(claim: Claim, facts: Facts, selection: Selection, *, passes: bool = False) -> Report:
    """Run the selected edits over the claim.

    With `passes`, every edit that found nothing is reported too, in the state `pass`. Pure: the same claim,
    release, day and selection give the same report.
    """
    prepare(claim, facts)
    findings: list[Finding] = []
    features = claim.features
    edits = [edit for edit in selection.edits if not edit.when or edit.when & features]
    for edit in edits:
        findings.extend(edit.check(claim, facts))
    findings = _said_once(findings, selection.edits) if len(findings) > 1 else findings
    answering = facts.knowledge.answering(claim.setting, claim.systems, claim.line_days)
    findings.extend(_no_data(claim, edits, answering))
    if selection.severities:
        findings = [_weighed(finding, selection.severities) for finding in findings]
    if passes:
        spoken = {finding.edit for finding in findings}.union(*(finding.also for finding in findings))
        findings.extend(
            edit.finding(edit.title, state="pass", severity="information", code="informational", carc=(), rarc=())
            for edit in selection.edits
            if edit.id not in spoken
        )
    used = answering.used(_needs(tuple(edits)))
    return Report(tuple(findings), used.editions, used.stale, len(selection.edits))


def prepare(claim: Claim, facts: Facts) -> None:
    """Look up every line's code, and note which features the claim has."""
    features = Feature.SEVERAL_LINES if len(claim.lines) > 1 else Feature.NONE
    look_up = facts.knowledge.code
    claim.coded.clear()
    for line in claim.lines:
        if line.modifiers:
            features |= Feature.MODIFIER
        if line.code is None or line.system is None or line.period is None:
            continue
        known = line.known = look_up(line.system, line.code, line.period.start, claim.setting)
        if known.status == "unknown":
            features |= Feature.UNKNOWN_CODE
            if known.complete:
                continue
        claim.coded.append(line)
        features |= known.features
    if claim.setting is None:
        features |= Feature.OUTSIDE_NCCI
    if claim.diagnoses:
        features |= Feature.DIAGNOSIS
    if claim.npis:
        features |= Feature.NPI
    claim.features = int(features)


def _weighed(finding: Finding, severities: Mapping[str, Severity]) -> Finding:
    severity = severities.get(finding.edit)
    if severity is None or finding.state != "fail":
        return finding
    return msgspec.structs.replace(finding, severity=severity)


def _said_once(findings: list[Finding], edits: Sequence[Edit]) -> list[Finding]:
    """Without the findings whose lines another edit, which goes before, has already spoken of."""
    before = {edit.id: edit.yields_to for edit in edits if edit.yields_to}
    if not before:
        return findings
    spoken = [(item.edit, set(item.lines)) for item in findings if item.state in ("fail", "bypassed")]
    return [
        finding
        for finding in findings
        if not any(
            edit in before.get(finding.edit, ()) and finding.lines and lines.issuperset(finding.lines)
            for edit, lines in spoken
        )
    ]


def _no_data(claim: Claim, edits: Sequence[Edit], answering: AnsweringEditions) -> Iterator[Finding]:
    """One finding for each table that is not loaded for a day of the claim, naming every edit that it holds up."""
    for need in answering.missing:
        held_up = [edit for edit in edits if need in edit.needs]
        if held_up:
            days = answering.gaps(need)
            lines = [line for line in claim.lines if line.period and line.period.start in days]
            names = ", ".join(edit.id for edit in held_up)
            text = f"Not checked, because {TITLES[need]} are not loaded for {shown(days)}: {names}."
            first = held_up[0].no_data(text, need, *lines, citation="")
            yield msgspec.structs.replace(first, also=tuple(edit.id for edit in held_up[1:]))


@lru_cache(maxsize=1024)
def _needs(edits: tuple[Edit, ...]) -> frozenset[Need]:
    return frozenset(need for edit in edits for need in edit.needs)
