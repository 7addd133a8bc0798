"""What the edits found, as a ClaimResponse: what a payer would answer to a request for predetermination.

| element | what it says |
| --- | --- |
| outcome | `error`: an error was found; `partial`: none, but not everything could be checked; else `complete` |
| disposition | the verdict in one sentence |
| error | each structural fault, and each finding of the severity error, with the line's sequence numbers |
| item, detail, subDetail | every line: the amount submitted, then an adjudication for each finding of that line |
| adjudication (of the whole) | what was found of no single line |
| adjudication.category | `denialreason` for what would have the line denied or rejected; else `submitted` |
| adjudication.reason | the CARC, where there is one, then the edit; the text for people |
| adjudication.extension | `claim-edit-result`, with severity, code and expression too, so that nothing is lost |
| processNote | texts with a RARC (extension `claim-remark`), then what is out of date, the editions, the notice |

No amount is made up: the first `submitted` of a line repeats the claim's own, adjudications for findings have none.
None is `eligible` or `benefit`, which would say that something is payable: nothing here decides that.
Source: FHIR R4 and R5, claimresponse; code systems adjudication, remittance-outcome (R5: claim-outcome); Da Vinci PDex,
adjudication discriminator (reasons of denials); Da Vinci PAS, claimresponse (`submitted` for what is said of an item).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.claims.json import dicts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.resources import Resources
from fhir_cpt.wire.copied import copied_concept, copied_identifier, copied_money, copied_reference, is_id, unknown
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.findings import (
    MOST,
    carc_codings,
    edit_codings,
    edit_result,
    editions_text,
    not_listed_text,
    rarc_codings,
    stale_texts,
)
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.outcome import plain
from fhir_cpt.wire.tally import tally
from terminology.model import CANONICAL
from terminology.period import Day, show

Json = dict[str, Any]
REMARK = f"{CANONICAL}StructureDefinition/claim-remark"
ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"
DISCRIMINATOR = "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PDexAdjudicationDiscriminator"
CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
ISSUE_TYPE = "http://hl7.org/fhir/issue-type"
_R5_EXPRESSION = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ClaimResponse.error.expression"
"""R5's element on an R4 resource. Source: FHIR R5, versions#extensions."""
_SEQUENCES = ("itemSequence", "detailSequence", "subDetailSequence")
_LEVELS = ("item", "detail", "subDetail")
_STEP = re.compile(r"(?:\A|\.)(item|detail|subDetail)\[(\d+)\]")
_LARGEST = 2**31 - 1


class About(NamedTuple):
    """What an answer needs beside the findings: the base's version, the resources at hand, the day, the notice."""

    version: FhirVersion
    resources: Resources
    created: Day
    notice: str | None = None


def claim_response(
    claim: Claim, resource: Json, report: Report, faults: Sequence[StructureFault], about: About
) -> Json:
    """The ClaimResponse for one claim, or for the ChargeItems of one patient.

    `resource` is the Claim, or the first of the ChargeItems; `faults` are the structural faults that concern it.
    """
    writer = _Writer(claim, resource, about)
    for finding in report.findings[:MOST]:
        writer.add(finding)
    counted = tally(faults, report)
    errors = [writer.fault(fault) for fault in faults]
    errors += [writer.error(finding) for finding in report.findings[:MOST] if _is_error(finding)]
    if more := report.findings[MOST:]:
        writer.note(not_listed_text(more))
    for text in (*stale_texts([report]), editions_text([report]), about.notice):
        if text:
            writer.note(text)
    made: Json = {
        "resourceType": "ClaimResponse",
        "contained": writer.contained,
        "status": "active",
        "type": _type(claim, resource),
        "use": "predetermination",
        "patient": _patient(resource),
        "created": show(about.created),
        "insurer": _insurer(resource, about.resources),
        "request": _request(resource),
        "outcome": "error" if counted.errors else "partial" if counted.is_partial else "complete",
        "disposition": counted.sentence,
        "item": writer.items(),
        "adjudication": writer.whole,
        "processNote": writer.notes,
        "error": errors,
    }
    return {name: value for name, value in made.items() if value not in (None, [])}


class _Writer:
    """Gathers the parts of one ClaimResponse."""

    def __init__(self, claim: Claim, resource: Json, about: About) -> None:
        self._claim = claim
        self._resource = resource
        self._about = about
        self.contained: list[Json] = []
        self.whole: list[Json] = []
        self.notes: list[Json] = []
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        self._adjudications: dict[tuple[int, ...], list[Json]] = {}
        self._remarks: dict[tuple[int, ...], list[int]] = {}
        for line in claim.lines:
            place = self._place(line)
            for depth in range(1, len(place) + 1):
                self._adjudications.setdefault(place[:depth], [])

    def add(self, finding: Finding) -> None:
        """Put a finding where it belongs: to the line at fault, or to the whole."""
        more: list[Json] = [{"url": "severity", "valueCode": finding.severity}]
        more.append({"url": "code", "valueCode": finding.code})
        more += [{"url": "expression", "valueString": plain(path)} for path in finding.expression]
        made = {
            "extension": [edit_result(finding, self.contained, more)],
            "category": _denial() if _is_error(finding) else _category("submitted"),
            "reason": {"coding": [*carc_codings(finding), *edit_codings(finding)], "text": plain(finding.text)},
        }
        number = self.note(finding.text, finding.rarc, rarc_codings(finding)) if finding.rarc else None
        place = self._place_of(finding)
        if place is None:
            self.whole.append(made)
            return
        self._adjudications[place].append(made)
        remarks = self._remarks.setdefault(place, [])
        if number is not None and number not in remarks:
            remarks.append(number)

    def note(self, text: str, codes: tuple[str, ...] = (), coding: Sequence[Json] = ()) -> int:
        """The number of the note with this text and these remark codes, which is written once."""
        number = self._numbers.get((text, codes))
        if number is None:
            number = self._numbers[text, codes] = len(self.notes) + 1
            made: Json = {"number": number, "text": plain(text)}
            if coding:
                made = {"extension": [{"url": REMARK, "valueCodeableConcept": {"coding": [*coding]}}], **made}
            self.notes.append(made)
        return number

    def error(self, finding: Finding) -> Json:
        """A finding as an error of the claim."""
        coding = [*edit_codings(finding), *carc_codings(finding), *rarc_codings(finding)]
        place = self._place_of(finding) or ()
        return self._error(place, {"coding": coding, "text": plain(finding.text)}, finding.expression)

    def fault(self, fault: StructureFault) -> Json:
        """A structural fault as an error of the claim."""
        code = {"coding": [{"system": ISSUE_TYPE, "code": fault.code}], "text": plain(fault.message)}
        place = _steps(fault.expression.removeprefix(f"{self._claim.path}."))
        return self._error(place, code, (fault.expression,))

    def _error(self, place: tuple[int, ...], code: Json, expression: Iterable[str]) -> Json:
        made: Json = dict(zip(_SEQUENCES, self._numbered(place), strict=False))
        paths = [plain(path) for path in expression if path.strip()]
        if self._about.version == "r5":
            return {**made, "code": code, "expression": paths} if paths else {**made, "code": code}
        told = [{"url": _R5_EXPRESSION, "valueString": path} for path in paths]
        return {"extension": told, **made, "code": code} if told else {**made, "code": code}

    def items(self) -> list[Json]:
        """Every line with what was found of it, details below their items."""
        made: dict[tuple[int, ...], Json] = {}
        top: list[Json] = []
        for place in sorted(self._adjudications):
            sequence = self._numbered(place)[-1]
            level = len(place) - 1
            item: Json = {_SEQUENCES[level]: sequence}
            if remarks := self._remarks.get(place):
                item["noteNumber"] = remarks
            item["adjudication"] = [self._submitted(place), *self._adjudications[place]]
            made[place] = item
            (top if level == 0 else made[place[:-1]].setdefault(_LEVELS[level], [])).append(item)
        return top

    def _submitted(self, place: tuple[int, ...]) -> Json:
        node = self._nodes(place)[-1]
        amount = copied_money(node.get("net") if self._claim.kind != "charge" else node.get("priceOverride"))
        category = _category("submitted")
        return {"category": category} if amount is None else {"category": category, "amount": amount}

    def _place_of(self, finding: Finding) -> tuple[int, ...] | None:
        """The line at fault; None where it is the whole claim, or what could not be checked on several lines."""
        if not finding.lines or (finding.state == "no-data" and len(finding.lines) > 1):
            return None
        return self._place(self._claim.lines[finding.lines[0]])

    def _place(self, line: Line) -> tuple[int, ...]:
        """Where a line stands, from 0: item, detail, subDetail. A ChargeItem stands where it does among the others."""
        return _steps(line.path.removeprefix(f"{self._claim.path}.")) or (line.number,)

    def _nodes(self, place: tuple[int, ...]) -> list[Mapping[str, Any]]:
        """The JSON of the item, the detail and the subDetail at a place."""
        if self._claim.kind == "charge":
            return [self._resource if len(self._claim.lines) == 1 else {}]
        found: list[Mapping[str, Any]] = []
        node: Mapping[str, Any] = self._resource
        for level, at in zip(_LEVELS, place, strict=False):
            items = dicts(node.get(level))
            node = items[at] if at < len(items) else {}
            found.append(node)
        return found

    def _numbered(self, place: tuple[int, ...]) -> list[int]:
        """The sequence numbers of a place: the claim's own, else counted from 1."""
        found = []
        for at, node in zip(place, self._nodes(place), strict=False):
            own = node.get("sequence")
            valid = isinstance(own, int) and not isinstance(own, bool) and 1 <= own <= _LARGEST
            found.append(own if isinstance(own, int) and valid else at + 1)
        return found


def _steps(path: str) -> tuple[int, ...]:
    """The places in `item[0].detail[2]`, as far as the path goes down that way."""
    found: list[int] = []
    at = 0
    while len(found) < len(_LEVELS) and (step := _STEP.match(path, at)) and step[1] == _LEVELS[len(found)]:
        found.append(int(step[2]))
        at = step.end()
    return tuple(found)


def _is_error(finding: Finding) -> bool:
    """Whether the finding would have the claim denied or rejected."""
    return finding.state == "fail" and finding.severity == "error"


def _category(code: str) -> Json:
    return {"coding": [{"system": ADJUDICATION, "code": code}]}


def _denial() -> Json:
    return {"coding": [{"system": DISCRIMINATOR, "code": "denialreason"}]}


def _type(claim: Claim, resource: Json) -> Json:
    """The claim's type; that of a ChargeItem's claim goes by its setting."""
    if claim.kind != "charge":
        return copied_concept(resource.get("type")) or unknown()
    code = "institutional" if claim.setting == "hospital" else "professional"
    return {"coding": [{"system": CLAIM_TYPE, "code": code}]}


def _patient(resource: Json) -> Json:
    """The patient; unknown where a ChargeItem is of a group."""
    given = copied_reference(resource.get("patient") or resource.get("subject"))
    return unknown() if given is None or str(given.get("reference")).startswith("Group/") else given


def _insurer(resource: Json, resources: Resources) -> Json:
    """The claim's insurer, else the payor of the coverage that it is billed to, else unknown."""
    if given := copied_reference(resource.get("insurer")):
        return given
    listed = dicts(resource.get("insurance"))
    for insurance in sorted(listed, key=lambda item: item.get("focal") is not True):
        coverage = resources.find(insurance.get("coverage"), resource)
        for payor in dicts((coverage or {}).get("payor") or (coverage or {}).get("insurer")):
            if given := copied_reference(payor):
                return given
    return unknown()


def _request(resource: Json) -> Json | None:
    """A reference to the Claim by its id, else by its identifier; there is none to a ChargeItem."""
    if resource.get("resourceType") != "Claim":
        return None
    if is_id(resource.get("id")):
        return {"reference": f"Claim/{resource['id']}"}
    known = [found for item in dicts(resource.get("identifier")) if (found := copied_identifier(item))]
    return {"type": "Claim", "identifier": known[0]} if known else None


def collection(responses: Iterable[Json]) -> Json:
    """A Bundle of the ClaimResponses, in the order of their claims."""
    entries = [{"resource": response} for response in responses]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
