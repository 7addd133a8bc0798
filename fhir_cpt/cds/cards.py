"""Findings as CDS cards: few words, the whole text below them, and the corrected resource where there is one.

No card is made of an edit that passed, that a modifier lifts, or that finds nothing to act on. Source: CDS Hooks 2.0.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from fhir_cpt.cds.markdown import escaped, shortened
from fhir_cpt.cds.overrides import OVERRIDES, REASONS
from fhir_cpt.cds.patching import corrected
from fhir_cpt.cds.request import HookRequest
from fhir_cpt.cds.work import Work
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.finding import Finding, Fix, Report, Severity
from fhir_cpt.rules.catalogue import BY_ID
from fhir_cpt.rules.code_system import CLAIM_EDIT
from fhir_cpt.rules.edit import FEWER_LINES
from fhir_cpt.wire.findings import named
from terminology.model import HCPCS
from terminology.period import show

Json = dict[str, Any]
MOST = 20
"""Cards of one answer: nobody reads more. The last one says how many findings there are besides."""
_SUMMARY = 139
"""Characters. Source: CDS Hooks 2.0, card attributes: fewer than 140."""
_LABEL = 100
"""Characters of a suggestion's label, which is written on a button."""
_INDICATORS: dict[Severity, str] = {"error": "warning", "warning": "info", "information": "info"}
"""`critical` is left to what may harm a patient: a denied claim does not."""
_SEVERITIES = ("error", "warning", "information")
_OF_PATIENT = "Patient."


class Checked(NamedTuple):
    """A claim that was checked, and what was found."""

    work: Work
    report: Report


def cards(checked: Iterable[Checked], request: HookRequest, base: str) -> list[Json]:
    """The cards, the gravest first. `base` is the URL of this server, for links."""
    found = [
        (finding, one.work)
        for one in checked
        for finding in one.report.findings
        if _concerns(finding, request) and _selected(finding, one.work, request)
    ]
    found.sort(key=lambda item: _SEVERITIES.index(item[0].severity))
    shown = found if len(found) <= MOST else found[: MOST - 1]
    made = [_card(finding, work, base) for finding, work in shown]
    if len(found) > len(shown):
        made.append(_rest([finding for finding, _ in found[len(shown) :]]))
    return made


def _concerns(finding: Finding, request: HookRequest) -> bool:
    """Whether somebody who orders can act on it.

    Errors and warnings; information of authorisations and of a payer's own rules; and what could not be checked where
    the client could have told, and did not (the patient, or an authorisation), or asks too much at once.
    """
    own = finding.edit not in BY_ID
    if finding.state == "fail":
        return finding.severity != "information" or own or finding.edit.startswith("authorization")
    if finding.state != "no-data":
        return False
    if finding.missing == FEWER_LINES:  # no cards would say that all is well
        return True
    untold = (finding.missing or "").startswith(_OF_PATIENT) and "patient" not in request.prefetch
    return untold or finding.edit.startswith("authorization")


def _selected(finding: Finding, work: Work, request: HookRequest) -> bool:
    """Whether it is about an order that is selected, where the hook knows a selection."""
    if request.selected is None:
        return True
    paths = [work.claim.lines[at].path for at in finding.lines] or [work.claim.path, *finding.expression]
    if not finding.lines and work.claim.kind == "charge":
        return True  # of all the orders together
    return any((alias := work.source_of(path)) and alias.source.path in request.selected for path in paths)


def _card(finding: Finding, work: Work, base: str) -> Json:
    line = work.claim.lines[finding.lines[0]] if finding.lines else None
    topic = {"system": CLAIM_EDIT, "code": finding.edit}
    if (edit := BY_ID.get(finding.edit)) is not None:
        topic["display"] = edit.title
    made: Json = {
        "uuid": str(_uuid(finding.edit)),
        "summary": shortened(finding.text, _SUMMARY),
        "detail": "\n\n".join(_paragraphs(finding)),
        "indicator": _INDICATORS[finding.severity],
        "source": {"label": shortened(finding.citation or "fhir-cpt", _LABEL), "topic": topic},
    }
    if finding.fix and (suggestion := _suggestion(finding.fix, work)) is not None:
        made["suggestions"] = [suggestion]
        made["selectionBehavior"] = "at-most-one"
    if finding.state == "fail" and finding.severity == "error":
        made["overrideReasons"] = [
            {"code": code, "system": OVERRIDES, "display": text} for code, text in REASONS.items()
        ]
    if line is not None and line.known is not None and line.known.concept is not None:
        made["links"] = [_link(line.known, base)]
    return made


def _paragraphs(finding: Finding) -> Iterator[str]:
    yield escaped(finding.text)
    if finding.fix:
        needed = " The record must show that it is warranted." if finding.fix.documentation else ""
        yield f"**What to do:** {escaped(finding.fix.text + needed)}"
    table = [escaped(named(finding.edition))] if finding.edition else []
    rule = [escaped(finding.citation)] if finding.citation else []
    if rule or table:
        yield f"**Rule:** {'; '.join(rule + table)}"


def _suggestion(fix: Fix, work: Work) -> Json | None:
    resource = corrected(fix, work)
    if resource is None:
        return None
    made: Json = {
        "label": shortened(fix.text, _LABEL),
        "uuid": str(uuid.uuid4()),
        "actions": [{"type": "update", "description": shortened(fix.text, 1000), "resource": resource}],
    }
    if not fix.documentation:
        made["isRecommended"] = True
    return made


def _link(known: CodeFacts, base: str) -> Json:
    """The page that tells what is known of a code on its day."""
    system = "hcpcs" if known.system == HCPCS else "cpt"
    url = f"{base}/codes/{system}/{known.code}?date={show(known.day)}"
    return {"label": f"{known.code} on {show(known.day)}", "url": url, "type": "absolute"}


def _rest(findings: Sequence[Finding]) -> Json:
    """The card that stands for the findings which are not shown."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.edit] = counts.get(finding.edit, 0) + 1
    told = ", ".join(f"{edit} ({count})" for edit, count in counts.items())
    return {
        "uuid": str(uuid.uuid4()),
        "summary": f"{len(findings)} more findings are not shown",
        "detail": escaped(f"They are of {told}."),
        "indicator": _INDICATORS[findings[0].severity],
        "source": {"label": "fhir-cpt"},
    }


def _uuid(edit: str) -> uuid.UUID:
    """A card's id: random, but for the sum of the edit's id in its first four bytes.

    Feedback is counted by edit so, without anything being kept. Source: RFC 9562, version 8.
    """
    number = int.from_bytes(zlib.crc32(edit.encode()).to_bytes(4) + uuid.uuid4().bytes[4:])
    number = number & ~(0xF << 76) | 8 << 76  # the version
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)  # the variant


def edit_of(card: uuid.UUID) -> str | None:
    """The edit of the catalogue that a card was made of; None for any other card."""
    return _BY_SUM.get(card.int >> 96)


_BY_SUM = {zlib.crc32(edit.encode()): edit for edit in BY_ID}
