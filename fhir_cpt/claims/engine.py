"""Runs the edits over a claim: which of them apply, what they found, what could not be checked.

No edit stops another: all findings are reported. The engine alone knows of missing tables (`no-data`), of
edits that say the same (`yields_to`), and of what a payer's pack turns off or makes milder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from fhir_cpt.claims.answering import TITLES, AnsweringEditions, Need, shown
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Report, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.preparing import prepare
from fhir_cpt.claims.requirements import Requirements, nothing_asked
from fhir_cpt.rules.edit import FEWER_LINES, MOST_COMPARED, Check, Edit

_TOLD_BY: dict[Need, int] = {
    "procedure": int(Feature.UNKNOWN_CODE | Feature.OUT_OF_FORCE | Feature.CATEGORY_II),
    "pfs": int(
        Feature.SPECIAL_STATUS
        | Feature.MINOR_SURGERY
        | Feature.MAJOR_SURGERY
        | Feature.GLOBAL_PERIOD
        | Feature.NA_PLACE
        | Feature.NA_OUTSIDE
    ),
    "mue": int(Feature.MUE_LINE | Feature.MUE_DATE | Feature.OVER_MUE),
    "addon": int(Feature.ADD_ON),
    "coverage": int(Feature.COVERED),
}
"""The features that a table tells of. Where it is not loaded they may be there: no edit passes for want of it."""

_OF_DIAGNOSES: frozenset[Need] = frozenset({"icd10cm", "icd10cm-notes", "mce"})
"""Tables that matter only for the days on which there is an ICD-10-CM diagnosis to look up."""


_UNKNOWN_PAST = (
    "no prior claims of the patient are known here. Give them as `context`, or start the server with `--history` to "
    "keep them."
)

_KINDS = 4096
"""Kinds of claims, by their features, for which it is remembered which edits run."""


class Running(msgspec.Struct, frozen=True, eq=False):
    """The edits that run on claims of one kind, the tables they read, and which of them yield to others."""

    edits: tuple[Edit, ...]
    needs: frozenset[Need]
    yields_to: Mapping[str, tuple[str, ...]]
    history: tuple[Edit, ...]
    """Those that look at prior lines as well."""
    checks: tuple[Check, ...]
    """What they do, all of them; `not_pairwise` without those that compare lines with one another."""
    not_pairwise: tuple[Check, ...]


class Selection(msgspec.Struct, frozen=True, eq=False):
    """Which edits run, in the catalogue's order, and with what severity where a pack changes it.

    `rules` are the payer's own rules, all carried out by one call; `ruled` are these rules as edits, which are reported
    as any other is. `requirements` is what the payer's packs ask of services; `features` gives the features (of
    `Feature`, as an integer) that a claim, once its codes are looked up, has by what the packs ask.
    """

    edits: tuple[Edit, ...]
    severities: Mapping[str, Severity] = msgspec.field(default_factory=dict)
    medicare: bool = False
    requirements: Requirements = nothing_asked
    features: Callable[[Claim], int] | None = None
    rules: Callable[[Claim, Facts], Iterable[Finding]] | None = None
    ruled: tuple[Edit, ...] = ()
    _running: dict[int, Running] = msgspec.field(default_factory=dict)

    def running(self, features: int) -> Running:
        """What runs on a claim with the features. Remembered, since claims of one sender resemble each other."""
        found = self._running.get(features)
        if found is None:
            if len(self._running) >= _KINDS:
                self._running.clear()
            edits = tuple(
                edit
                for edit in self.edits
                if (not edit.when or edit.when & features) and (not edit.when_also or edit.when_also & features)
            )
            found = self._running[features] = Running(
                edits,
                frozenset(
                    need for edit in self.edits if edit in edits or edit.consults & features for need in edit.needs
                ),
                {edit.id: edit.yields_to for edit in edits if edit.yields_to},
                tuple(edit for edit in edits if edit.history),
                tuple(edit.check for edit in edits),
                tuple(edit.check for edit in edits if not edit.pairwise),
            )
        return found


def validate(claim: Claim, facts: Facts, selection: Selection, *, passes: bool = False) -> Report:
    """Run the selected edits over the claim.

    With `passes`, every edit that found nothing is reported too, in the state `pass`. What the release says of the
    claim's codes is filled in on the claim (see `prepare`); beyond that nothing is changed, and the same claim,
    release, day and selection give the same report.
    """
    prepare(claim, facts)
    findings: list[Finding] = []
    answering = facts.knowledge.answering(claim.setting, claim.systems, claim.days)
    features = claim.features if selection.features is None else claim.features | selection.features(claim)
    for need in answering.missing:
        features |= _TOLD_BY.get(need, 0)
    running = selection.running(features)
    too_many = len(claim.lines) > MOST_COMPARED
    add = findings.extend
    for check in running.not_pairwise if too_many else running.checks:
        add(check(claim, facts))
    if selection.rules is not None:
        findings.extend(selection.rules(claim, facts))
    if len(findings) > 1 and running.yields_to:
        findings = _said_once(findings, running.yields_to)
    if answering.missing:
        findings.extend(_no_data(claim, running.edits, answering))
    if running.history and (claim.history is None or not claim.history.has_lines):
        findings.extend(_no_history(claim, running.history, findings))
    if too_many:
        findings.extend(_not_compared(claim, running.edits))
    if selection.severities:
        findings = [_weighed(finding, selection.severities) for finding in findings]
    if passes:
        spoken = {finding.edit for finding in findings}.union(*(finding.also for finding in findings))
        findings.extend(
            edit.finding(edit.title, state="pass", severity="information", code="informational", carc=(), rarc=())
            for edit in (*selection.edits, *selection.ruled)
            if edit.id not in spoken
        )
    return Report(tuple(findings), answering.used(running.needs), len(selection.edits) + len(selection.ruled))


def _weighed(finding: Finding, severities: Mapping[str, Severity]) -> Finding:
    severity = severities.get(finding.edit)
    if severity is None or finding.state != "fail":
        return finding
    return msgspec.structs.replace(finding, severity=severity)


def _said_once(findings: list[Finding], before: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Without the findings whose lines another edit, which goes before, has already spoken of."""
    present = {finding.edit for finding in findings}
    if all(present.isdisjoint(before.get(edit, ())) for edit in present):
        return findings
    spoken: dict[tuple[str, int], list[set[int]]] = {}
    for item in findings:
        if item.state in ("fail", "bypassed"):
            lines = set(item.lines)
            for line in item.lines:
                spoken.setdefault((item.edit, line), []).append(lines)
    return [
        finding
        for finding in findings
        if not finding.lines
        or not any(
            lines.issuperset(finding.lines)
            for edit in before.get(finding.edit, ())
            for lines in spoken.get((edit, finding.lines[0]), ())
        )
    ]


def _no_data(claim: Claim, edits: Sequence[Edit], answering: AnsweringEditions) -> Iterator[Finding]:
    """One finding for all tables that are not loaded for a day of the claim, naming every edit that they hold up.

    An edit that lacks several tables counts for the first of them alone.
    """
    coded = {item.day for item in claim.diagnosed}
    gaps = {need: answering.gaps(need) for need in answering.missing}
    for need in _OF_DIAGNOSES.intersection(gaps):
        gaps[need] = tuple([day for day in gaps[need] if day in coded])
    held_up: dict[Need, list[Edit]] = {need: [] for need in gaps if gaps[need]}
    for edit in edits:
        if (first := next((need for need in held_up if need in edit.needs), None)) is not None:
            held_up[first].append(edit)
    needs = [need for need in held_up if held_up[need]]
    if not needs:
        return
    stopped = [edit for need in needs for edit in held_up[need]]
    days = {day for need in needs for day in gaps[need]}
    last = 1 if claim.inpatient else 0
    lines = [line for line in claim.lines if line.period and not days.isdisjoint((line.period[0], line.period[last]))]
    if len(needs) == 1:
        where = f"no edition of {TITLES[needs[0]]} is loaded for {shown(gaps[needs[0]])}"
    else:
        tables = [f"{TITLES[need]} for {shown(gaps[need])} ({_counted(held_up[need])})" for need in needs]
        where = f"no edition is loaded of {'; '.join(tables)}"
    also = tuple([edit.id for edit in stopped[1:]])
    yield stopped[0].no_data(
        f"{_counted(stopped)} could not run: {where}.", ", ".join(needs), *lines, citation="", also=also
    )


def _no_history(claim: Claim, edits: tuple[Edit, ...], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Said once: which edits saw this claim alone, because nothing is known of what went before it."""
    if findings:
        spoken = {finding.edit for finding in findings}.union(*(finding.also for finding in findings))
        edits = tuple([edit for edit in edits if edit.id not in spoken])
    if edits:
        yield _alone(edits, claim.path, claim.history.problem if claim.history is not None else "")


@lru_cache(maxsize=1024)
def _alone(edits: tuple[Edit, ...], path: str, problem: str) -> Finding:
    """The finding of `_no_history`, remembered: where no history is kept, it stands on most claims.

    What is missing is the `history` where none is kept, and the `kept history` where `problem` tells why it could not
    be consulted.
    """
    text = f"{_counted(edits)} saw this claim alone: {problem or _UNKNOWN_PAST}"
    also = tuple([edit.id for edit in edits[1:]])
    missing = "kept history" if problem else "history"
    return edits[0].no_data(text, missing, expression=(path,), citation="", also=also)


def _not_compared(claim: Claim, edits: Sequence[Edit]) -> Iterator[Finding]:
    """Said once: which edits did not run, because there are too many lines to compare with one another."""
    stopped = [edit for edit in edits if edit.pairwise]
    if stopped:
        text = (
            f"{_counted(stopped)} could not run: the claim has {len(claim.lines)} lines, and at most {MOST_COMPARED} "
            "are compared with one another. Split the claim."
        )
        also = tuple([edit.id for edit in stopped[1:]])
        yield stopped[0].no_data(text, FEWER_LINES, expression=(claim.path,), citation="", also=also)


def _counted(edits: Sequence[Edit]) -> str:
    return "1 edit" if len(edits) == 1 else f"{len(edits)} edits"
