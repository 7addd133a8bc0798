"""Runs the edits over a claim: which of them apply, what they found, what could not be checked.

No edit stops another: all findings are reported. The engine alone knows of missing tables (`no-data`), of
edits that say the same (`yields_to`), and of what a payer's pack turns off or makes milder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fhir_cpt.claims.answering import TITLES, AnsweringEditions, Need, shown
from fhir_cpt.claims.diagnoses import date_diagnoses
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.finding import Finding, Report, Severity
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim, Feature, Line
from fhir_cpt.rules.edit import Edit
from terminology.edits import Setting
from terminology.model import CPT, HCPCS

_TOLD_BY: dict[Need, int] = {
    "procedure": int(Feature.UNKNOWN_CODE | Feature.OUT_OF_FORCE | Feature.CATEGORY_II),
    "pfs": int(Feature.FEE_SCHEDULE | Feature.SPECIAL_STATUS),
    "mue": int(Feature.MUE_LINE | Feature.MUE_DATE),
    "addon": int(Feature.ADD_ON),
}
"""The features that a table tells of. Where it is not loaded they may be there: no edit passes for want of it."""

# As integers, because each operation on an IntFlag costs as much as an edit.
_SEVERAL_LINES = int(Feature.SEVERAL_LINES)
_MODIFIER = int(Feature.MODIFIER)
_NO_CODE = int(Feature.NO_CODE)
_DISPLAY = int(Feature.DISPLAY)
_WRONG_SYSTEM = int(Feature.WRONG_SYSTEM)
_UNKNOWN_CODE = int(Feature.UNKNOWN_CODE)
_OUTSIDE_NCCI = int(Feature.OUTSIDE_NCCI)
_NPI = int(Feature.NPI)


_OF_DIAGNOSES = frozenset({"icd10cm", "icd10cm-notes", "mce"})
"""Tables that matter only where there is an ICD-10-CM diagnosis to look up."""


class Running(NamedTuple):
    """The edits that run on claims of one kind, the tables they read, which yield to others, which need a table."""

    edits: tuple[Edit, ...]
    needs: frozenset[Need]
    yields_to: Mapping[str, tuple[str, ...]]
    needing: Mapping[Need, tuple[Edit, ...]]


class Selection(msgspec.Struct, frozen=True, eq=False):
    """Which edits run, in the catalogue's order, and with what severity where a pack changes it."""

    edits: tuple[Edit, ...]
    severities: Mapping[str, Severity] = msgspec.field(default_factory=dict)
    medicare: bool = False
    _running: dict[int, Running] = msgspec.field(default_factory=dict)

    def running(self, features: int) -> Running:
        """What runs on a claim with the features. Remembered, since claims of one sender resemble each other."""
        found = self._running.get(features)
        if found is None:
            edits = tuple(edit for edit in self.edits if not edit.when or edit.when & features)
            found = self._running[features] = Running(
                edits,
                frozenset(need for edit in edits for need in edit.needs),
                {edit.id: edit.yields_to for edit in edits if edit.yields_to},
                {need: tuple(edit for edit in edits if need in edit.needs) for need in TITLES},
            )
        return found


def validate(claim: Claim, facts: Facts, selection: Selection, *, passes: bool = False) -> Report:
    """Run the selected edits over the claim.

    With `passes`, every edit that found nothing is reported too, in the state `pass`. Pure: the same claim,
    release, day and selection give the same report.
    """
    prepare(claim, facts)
    findings: list[Finding] = []
    answering = facts.knowledge.answering(claim.setting, claim.systems, claim.line_days)
    features = claim.features
    for need in answering.missing:
        features |= _TOLD_BY.get(need, 0)
    running = selection.running(features)
    for edit in running.edits:
        findings.extend(edit.check(claim, facts))
    if len(findings) > 1 and running.yields_to:
        findings = _said_once(findings, running.yields_to)
    if answering.missing:
        findings.extend(_no_data(claim, running.needing, answering))
    if selection.severities:
        findings = [_weighed(finding, selection.severities) for finding in findings]
    if passes:
        spoken = {finding.edit for finding in findings}.union(*(finding.also for finding in findings))
        findings.extend(
            edit.finding(edit.title, state="pass", severity="information", code="informational", carc=(), rarc=())
            for edit in selection.edits
            if edit.id not in spoken
        )
    used = answering.used(running.needs)
    return Report(tuple(findings), used.editions, used.stale, len(selection.edits))


def prepare(claim: Claim, facts: Facts) -> None:
    """Look up every line's code, and note which features the claim has."""
    features = _SEVERAL_LINES if len(claim.lines) > 1 else 0
    look_up = facts.knowledge.code
    claim.coded.clear()
    for line in claim.lines:
        if line.modifiers:
            features |= _MODIFIER
        if line.code is None or line.system is None:
            features |= _NO_CODE
            continue
        if line.period is None:
            continue
        if line.display is not None:
            features |= _DISPLAY
        known = line.known = look_up(line.system, line.code, line.period.start, claim.setting)
        if known.status == "unknown":
            known = line.known = _in_other_system(line, known, facts.knowledge, claim.setting)
        if line.given is not None and line.given[0] != line.system:
            features |= _WRONG_SYSTEM
        if known.status == "unknown":
            features |= _UNKNOWN_CODE
            if known.complete or known.concept is not None:
                continue
        claim.coded.append(line)
        features |= known.features
    if claim.setting is None:
        features |= _OUTSIDE_NCCI
    if claim.diagnoses:
        features |= date_diagnoses(claim, facts.knowledge.diagnosis)
    if claim.npis:
        features |= _NPI
    claim.features = features


def _in_other_system(line: Line, known: CodeFacts, knowledge: Knowledge, setting: Setting | None) -> CodeFacts:
    """The facts of a code that its own system does not know, from the system that does; the line changes over to it.

    CPT is Level I of HCPCS, and many senders write one URI for both levels. A modifier of the other system counts,
    so that it can be named as what it is.
    """
    other = HCPCS if line.system == CPT else CPT
    found = knowledge.code(other, known.code, known.day, setting)
    if found.concept is None:
        return known
    line.system = other
    return found


def _weighed(finding: Finding, severities: Mapping[str, Severity]) -> Finding:
    severity = severities.get(finding.edit)
    if severity is None or finding.state != "fail":
        return finding
    return msgspec.structs.replace(finding, severity=severity)


def _said_once(findings: list[Finding], before: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Without the findings whose lines another edit, which goes before, has already spoken of."""
    spoken = [(item.edit, set(item.lines)) for item in findings if item.state in ("fail", "bypassed")]
    return [
        finding
        for finding in findings
        if not any(
            edit in before.get(finding.edit, ()) and finding.lines and lines.issuperset(finding.lines)
            for edit, lines in spoken
        )
    ]


def _no_data(claim: Claim, needing: Mapping[Need, Sequence[Edit]], answering: AnsweringEditions) -> Iterator[Finding]:
    """One finding for each table that is not loaded for a day of the claim, naming every edit that it holds up."""
    for need in answering.missing:
        held_up = needing[need]
        if held_up and (claim.diagnosed or need not in _OF_DIAGNOSES):
            days = answering.gaps(need)
            lines = [line for line in claim.lines if line.period and line.period.start in days]
            count = "1 edit" if len(held_up) == 1 else f"{len(held_up)} edits"
            text = f"{count} could not run: no edition of {TITLES[need]} is loaded for {shown(days)}."
            also = tuple([edit.id for edit in held_up[1:]])
            yield held_up[0].no_data(text, need, *lines, citation="", also=also)
