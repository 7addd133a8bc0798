"""What was found in the claims of a file, claim by claim, and the sum over all files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fhir_cpt.claims.finding import Finding, Report, Used
from fhir_cpt.claims.model import Claim
from fhir_cpt.commands.claim_files import Document
from fhir_cpt.operations.validate_claim import Examined
from fhir_cpt.wire.faults import StructureFault
from terminology.model import Edition
from terminology.period import Day

STRUCTURE = "structure"
"""What stands for the edit where a resource is not built as FHIR has it."""

LINES_SHOWN = 3
"""Lines that are listed in the one column that there is for them."""

_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]\.resource")


class Checked(NamedTuple):
    """One claim of a document: its name (`Claim/123`), and what was found in it, structural faults first."""

    name: str
    claim: Claim
    findings: tuple[Finding, ...]
    report: Report

    @property
    def errors(self) -> int:
        """How many findings would have the claim denied or rejected."""
        return sum(item.state == "fail" and item.severity == "error" for item in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings call for a look."""
        return sum(item.state == "fail" and item.severity == "warning" for item in self.findings)

    @property
    def whole(self) -> bool:
        """Whether every edit had the tables and facts that it needs, of the claim's own days."""
        return not self.report.stale and not any(item.state == "no-data" for item in self.findings)

    @property
    def verdict(self) -> str:
        """`2 errors, 1 warning`, `clean`, or `clean as far as it could be checked`."""
        counts = [counted(number, noun) for number, noun in ((self.errors, "error"), (self.warnings, "warning"))]
        found = ", ".join(filter(None, counts))
        return found or ("clean" if self.whole else "clean as far as it could be checked")

    def lines(self, finding: Finding) -> str:
        """The numbers of the lines concerned: the one at fault; of what could not be checked, all (`1, 2, 3 …`)."""
        if finding.state != "no-data":
            return self.place(finding)[1]
        numbers = ", ".join(self.claim.lines[at].label for at in finding.lines[:LINES_SHOWN])
        return f"{numbers} …" if len(finding.lines) > LINES_SHOWN else numbers

    def place(self, finding: Finding) -> tuple[int, str, str]:
        """Place (from 1), label and code of the line at fault; 0 and blanks for the claim as a whole."""
        lines = self.claim.lines
        inside = [line.number for line in lines for path in finding.expression[:1] if path.startswith(f"{line.path}.")]
        at = finding.lines[0] if finding.lines else next(reversed(inside), None)
        if at is None:
            return 0, "", ""
        line = lines[at]
        return at + 1, line.label, line.shown if line.code else next((code for _, code, _ in line.codings if code), "")


class Result:
    """A document that was checked, and what was found in it.

    `claims` are the claims, each with the structural faults inside it; faults of the rest go with the first.
    """

    def __init__(self, document: Document, resource: Mapping[str, Any], examined: Examined) -> None:
        """`resource` is the one in the document; of Parameters, the one that they hold."""
        self.document = document
        self.resource = resource
        self.examined = examined
        claims, reports = examined.claims, examined.reports
        faults: dict[int, list[Finding]] = {}
        for fault in examined.faults:
            holding = (at for at, claim in enumerate(claims) if fault.expression.startswith(claim.path))
            faults.setdefault(next(holding, 0), []).append(_finding(fault))
        self.claims = [
            Checked(_name(resource, claim.path), claim, (*faults.get(at, ()), *report.findings), report)
            for at, (claim, report) in enumerate(zip(claims, reports, strict=True))
        ]


@dataclass
class Tally:
    """The sum over all files. Its size does not grow with the number of claims."""

    unread: int = 0
    verdicts: Counter[str] = field(default_factory=Counter[str])
    editions: dict[Edition, None] = field(default_factory=dict)
    stale: dict[Edition, Day] = field(default_factory=dict)
    _last: Used | None = None

    def add(self, other: Tally) -> None:
        """Add the sum over other files."""
        self.unread += other.unread
        self.verdicts.update(other.verdicts)
        self.editions.update(other.editions)
        for edition, day in other.stale.items():
            self.stale.setdefault(edition, day)

    def count(self, checked: Checked) -> None:
        """Add a claim."""
        clean = "clean" if checked.whole else "clean as far as could be checked"
        kind = "with errors" if checked.errors else "with warnings only" if checked.warnings else clean
        self.verdicts[kind] += 1
        used = checked.report.used
        if used is not self._last:  # claims that follow one another share it
            self._last = used
            self.editions.update(dict.fromkeys(used.editions))
            for edition, day in used.stale:
                self.stale.setdefault(edition, day)

    @property
    def status(self) -> int:
        """The exit status: 2 an input could not be read as a claim or was empty, 1 errors were found, 0 neither."""
        return 2 if self.unread else 1 if self.verdicts["with errors"] else 0

    @property
    def summary(self) -> str:
        """`3 claims: 1 with errors, 2 clean; 1 input could not be checked`."""
        kinds = ("with errors", "with warnings only", "clean", "clean as far as could be checked")
        parts = ", ".join(f"{self.verdicts[kind]:,} {kind}" for kind in kinds if self.verdicts[kind])
        text = f"{counted(self.verdicts.total(), 'claim') or 'No claim'}{': ' if parts else ''}{parts}"
        return f"{text}; {counted(self.unread, 'input')} could not be checked" if self.unread else text


def counted(number: int, noun: str) -> str:
    """`2 errors`, `1 error`, and nothing for none."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""


def _finding(fault: StructureFault) -> Finding:
    return Finding(STRUCTURE, "fail", "error", fault.message, (fault.expression,), STRUCTURE, disposition="reject")


def _name(resource: Mapping[str, Any], path: str) -> str:
    """The type and id of the resource at the path: the resource itself, or an entry of the Bundle."""
    found: Any = resource
    if path != "Claim" and (entry := _ENTRY.fullmatch(path)):
        found = resource["entry"][int(entry[1])]["resource"]
    kind, own = found["resourceType"], found.get("id")
    return f"{kind}/{own}" if isinstance(own, str) else str(kind)
