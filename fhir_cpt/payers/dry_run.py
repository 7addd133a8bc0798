"""What a change of packs would alter over past claims: per edit, how many claims fail anew and how many no longer.

Nothing is kept of a claim but the name under which it is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.model import Claim

_RANKS = {"error": 2, "warning": 1, "information": 0}


@dataclass
class Change:
    """What changes for one edit. Counts are claims; charges are sums of the lines concerned, in the claims' currency.

    `fails` and `passes`: an error that was not there, or that is no longer; `warned` and `unwarned` likewise. A
    warning that becomes an error fails, and is no longer warned of. `examples` are the first claims in which anything
    changes.
    """

    edit: str
    fails: int = 0
    passes: int = 0
    warned: int = 0
    unwarned: int = 0
    charges_failing: float = 0.0
    charges_passing: float = 0.0
    examples: list[str] = field(default_factory=list)


@dataclass
class DryRun:
    """The sum over claims, each seen under the packs before and after. Its size does not grow with their number."""

    examples: int = 5
    claims: int = 0
    altered: int = 0
    """Claims in which any edit ends otherwise."""
    concerned: int = 0
    """Claims for which the pack that changes is chosen."""
    failing_before: int = 0
    failing_after: int = 0
    changes: dict[str, Change] = field(default_factory=dict)

    def count(self, name: str, claim: Claim, before: Report, after: Report, *, concerned: bool) -> None:
        """Add a claim, known by the name."""
        self.claims += 1
        self.concerned += concerned
        was, now = _worst(before), _worst(after)
        self.failing_before += 2 in was.values()
        self.failing_after += 2 in now.values()
        changed = [edit for edit in {**was, **now} if was.get(edit, 0) != now.get(edit, 0)]
        self.altered += bool(changed)
        for edit in changed:
            change = self.changes.setdefault(edit, Change(edit))
            old, new = was.get(edit, 0), now.get(edit, 0)
            change.fails += new == 2
            change.passes += old == 2
            change.warned += new == 1
            change.unwarned += old == 1
            if new == 2:
                change.charges_failing += _charges(claim, after, edit)
            if old == 2:
                change.charges_passing += _charges(claim, before, edit)
            if len(change.examples) < self.examples:
                change.examples.append(name)

    @property
    def listed(self) -> list[Change]:
        """The changes, those that make most claims fail first."""
        return sorted(self.changes.values(), key=lambda one: (-one.fails, -one.passes, -one.warned, one.edit))


def _worst(report: Report) -> Mapping[str, int]:
    """For each edit, and each rule of a pack for which an edit speaks, the rank of its worst finding that fails."""
    found: dict[str, int] = {}
    for finding in report.findings:
        if finding.state == "fail" and (rank := _RANKS[finding.severity]):
            for edit in (finding.edit, *finding.also):
                found[edit] = max(rank, found.get(edit, 0))
    return found


def _charges(claim: Claim, report: Report, edit: str) -> float:
    """The charges of the lines at fault, each once; of the claim as a whole where no line is."""
    at_fault: set[int] = set()
    for finding in report.findings:
        if edit in (finding.edit, *finding.also) and finding.state == "fail":
            at_fault.update(finding.lines[:1] or range(len(claim.lines)))
    return sum(claim.lines[at].net or 0 for at in at_fault if not claim.lines[at].detail)
