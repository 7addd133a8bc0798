"""How what was found is written: a table for people, findings, OperationOutcomes or flat verdicts for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from rich import box
from rich.table import Table
from rich.text import Text

from fhir_cpt.bulk.answering import refused
from fhir_cpt.claims.finding import Finding
from fhir_cpt.commands.claim_files import Document
from fhir_cpt.commands.claim_results import STRUCTURE, Checked, Result, Tally
from fhir_cpt.commands.console import err, out, plain, say
from fhir_cpt.operations.claim_views import flat_view
from fhir_cpt.wire.concepts import shown
from fhir_cpt.wire.findings import claim_outcome
from fhir_cpt.wire.flat import unread
from fhir_cpt.wire.outcome import error
from terminology.model import Edition
from terminology.period import show
from terminology.release.manifest import Licence


class TableWriter:
    """For people: a heading and a table for each claim."""

    def __init__(self, licence: Licence | None) -> None:
        """`licence` holds the terms for CPT content, whose notice goes with the answer."""
        self._licence = licence
        self._out = out()

    def result(self, result: Result) -> None:
        """A heading for each claim, and a row for each finding: errors first, within them by line."""
        for checked in result.claims:
            colour = "red" if checked.errors else "yellow" if checked.warnings else "green"
            heading = f"{result.document.place}  {checked.name}: "
            self._out.print(
                Text.assemble((plain(heading), "bold"), (checked.verdict, f"bold {colour}")), soft_wrap=True
            )
            if checked.findings:
                self._out.print(_table(checked))
            self._out.print()

    def unread(self, document: Document, why: str) -> None:
        """A heading that says why."""
        why = plain(f"{why}{document.spot}")
        self._out.print(Text.assemble((f"{document.place}: ", "bold"), (why, "bold magenta"), "\n"), soft_wrap=True)

    def end(self, tally: Tally) -> None:
        """The editions used, those out of date, the sum."""
        if tally.editions:
            say(self._out, f"Editions used: {', '.join(map(_named, tally.editions))}", "dim")
        for text in _out_of_date(tally):
            say(self._out, text, "yellow")
        if self._licence:
            say(self._out, self._licence.notice, "dim")
        say(self._out, tally.summary, "bold")


class Encoder(Protocol):
    """One format for machines: lines of JSON, in UTF-8 whatever the locale says."""

    def __init__(self, licence: Licence | None) -> None:
        """`licence` holds the terms for CPT content, whose notice goes with the answer."""

    def result(self, result: Result) -> bytes:
        """What was found in a document."""

    def unread(self, document: Document, why: str) -> bytes:
        """That a document could not be checked, in the place where its answer would be."""


class FindingEncoder:
    """One JSON object a finding."""

    def __init__(self, licence: Licence | None) -> None:
        pass

    def result(self, result: Result) -> bytes:
        """A line for each finding."""
        return b"".join(
            [
                _encoded(_line(result.document, checked.name, finding))
                for checked in result.claims
                for finding in checked.findings
            ]
        )

    def unread(self, document: Document, why: str) -> bytes:
        """A line as for a structural fault, of no claim."""
        text = f"{why}{document.spot}"
        return _encoded(_line(document, None, Finding(STRUCTURE, "fail", "error", text, code=STRUCTURE)))


class OutcomeEncoder:
    """One OperationOutcome a resource, as `Claim/$validate` answers it."""

    def __init__(self, licence: Licence | None) -> None:
        self._notice = licence.notice if licence else None

    def result(self, result: Result) -> bytes:
        """The OperationOutcome."""
        return _encoded(claim_outcome(result.examined.faults, result.examined.reports, self._notice))

    def unread(self, document: Document, why: str) -> bytes:
        """An OperationOutcome too, so that answers stay in step with the resources."""
        return _encoded(_refused(document, why))


class FlatEncoder:
    """One flat verdict a resource, as `Claim/$validate` answers it with `_view=flat`."""

    def __init__(self, licence: Licence | None) -> None:
        self._notice = licence.notice if licence else None

    def result(self, result: Result) -> bytes:
        """The verdict; of a Bundle, those on its claims."""
        return _encoded(flat_view(result.resource, result.examined, self._notice))

    def unread(self, document: Document, why: str) -> bytes:
        """A verdict too, whose result is `unread`."""
        return _encoded(unread(_refused(document, why)))


ENCODERS: Mapping[str, type[Encoder]] = {"ndjson": FindingEncoder, "fhir": OutcomeEncoder, "flat": FlatEncoder}
"""The formats for machines, by name."""

_RANKS = {"error": 0, "warning": 1, "information": 2}
_STYLES = {"error": "red", "warning": "yellow", "information": ""}
_UNUSUAL = {"bypassed": 3, "no-data": 4, "pass": 5}
"""States that are no fault, in the order in which they come after the faults."""


def _table(checked: Checked) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), show_edge=False)
    for heading in ("Line", "Code", "Severity", "Edit", "CARC/RARC"):
        table.add_column(heading, no_wrap=heading != "Edit")
    table.add_column("What is wrong, and what to do", ratio=1)
    for finding in sorted(checked.findings, key=lambda item: _rank(checked, item)):
        table.add_row(*_row(checked, finding), style=_style(finding))
    return table


def _rank(checked: Checked, finding: Finding) -> tuple[int, int]:
    line, _, _ = checked.place(finding)
    return _UNUSUAL.get(finding.state, _RANKS[finding.severity]), line


def _row(checked: Checked, finding: Finding) -> list[Text]:
    _, _, code = checked.place(finding)
    weight = finding.severity if finding.state == "fail" else finding.state
    edit = f"{finding.edit} +{len(finding.also)}" if finding.also else finding.edit
    reasons = "/".join((*finding.carc, *finding.rarc))
    text = finding.text
    if finding.edit == STRUCTURE:
        text += f" ({', '.join(finding.expression)})"
    if finding.fix and finding.fix.text not in text:
        text += f"\n→ {finding.fix.text}"
        if finding.fix.documentation:
            text += " (Only where the record documents it.)"
    severity = Text(weight, style=_STYLES[finding.severity] if finding.state == "fail" else "")
    return [Text(checked.lines(finding)), Text(plain(code)), severity, Text(edit), Text(reasons), Text(plain(text))]


def _style(finding: Finding) -> str:
    return "" if finding.state == "fail" else "dim"


def _line(document: Document, name: str | None, finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "file": document.file,
        "record": document.record,
        "claim": name,
        "edit": finding.edit,
        "also": finding.also,
        "state": finding.state,
        "severity": finding.severity,
        "text": finding.text,
        "expression": finding.expression,
        "carc": finding.carc,
        "rarc": finding.rarc,
        "edition": _named(finding.edition) if finding.edition else None,
        "fix": {"text": fix.text, "documentation": fix.documentation} if fix else None,
    }


def _refused(document: Document, why: str) -> dict[str, Any]:
    """The OperationOutcome for a document that could not be checked: of a line its number and the column, and why."""
    if document.record is not None:
        return refused(document.record, document.column or 1, why, "invalid")
    return error("invalid", f"{why}{document.spot}")


def sum_up(tally: Tally) -> None:
    """For machines, whose answer is all that stands on standard output: the sum, on standard error."""
    console = err()
    for text in _out_of_date(tally):
        say(console, text, "yellow")
    say(console, tally.summary)


def _out_of_date(tally: Tally) -> list[str]:
    return [
        f"Out of date: no edition of {edition.table} held covers {show(day)}; {shown(edition)} answered"
        for edition, day in tally.stale.items()
    ]


def _named(edition: Edition) -> str:
    return f"{edition.table} {shown(edition)}"


def _encoded(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
