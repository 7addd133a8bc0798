"""What the findings of one claim come to: how many of each kind, and the verdict on the claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from fhir_cpt.claims.finding import Report
from fhir_cpt.wire.faults import StructureFault

Verdict = Literal["fail", "warn", "unchecked", "pass"]
"""`fail`: an error, which would have the claim denied or rejected. `warn`: no error, but something to look into.
`unchecked`: neither, but an edit lacked a table or a fact, or a table is older than the day. `pass`: none of these.

A patient's past is no such fact: where nothing is known of it, edits still saw the claim itself, and a verdict that
could never be `pass` without it would tell nothing. It is counted, and said."""

_WORST_FIRST: tuple[Verdict, ...] = ("fail", "warn", "unchecked", "pass")


class Tally(NamedTuple):
    """How often each kind of finding was found on one claim.

    `errors` counts structural faults, too. `information` are findings that fail without doing harm; `unchecked` are
    results without the data for them, each of which may stand for several edits, and `without_history` those of them
    that lack the patient's past alone; `stale` are tables that are older than a day of the claim.
    """

    errors: int
    warnings: int
    information: int
    bypassed: int
    unchecked: int
    passed: int
    stale: int
    without_history: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether the claim itself could not be checked throughout by tables of its days."""
        return self.unchecked > self.without_history or self.stale > 0

    @property
    def verdict(self) -> Verdict:
        """What this comes to."""
        if self.errors:
            return "fail"
        if self.warnings:
            return "warn"
        return "unchecked" if self.is_partial else "pass"

    @property
    def sentence(self) -> str:
        """The verdict in one plain sentence."""
        found = [_counted(self.errors, "error")] if self.errors else []
        found += [_counted(self.warnings, "warning")] if self.warnings else []
        told = " and ".join(found)
        if self.errors:
            return f"{told} found: as it stands, expect a denial or a rejection."
        if self.warnings:
            return f"{told} found: look into that before it is sent."
        if self.verdict == "unchecked":
            return "No errors and no warnings found, but not everything could be checked."
        return "No errors and no warnings found."


def tally(faults: Sequence[StructureFault], report: Report) -> Tally:
    """The tally of a claim: its structural faults, and what the edits found."""
    failed = [finding.severity for finding in report.findings if finding.state == "fail"]
    states = [finding.state for finding in report.findings]
    return Tally(
        errors=len(faults) + failed.count("error"),
        warnings=failed.count("warning"),
        information=failed.count("information"),
        bypassed=states.count("bypassed"),
        unchecked=states.count("no-data"),
        passed=states.count("pass"),
        stale=len(report.stale),
        without_history=sum(finding.missing == "history" for finding in report.findings),
    )


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on several claims together: the worst of theirs."""
    return min(verdicts, key=_WORST_FIRST.index, default="pass")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
