"""Answers about codes as Parameters, and expansions as ValueSets. FHIR: the terminology operations' outputs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from fhir_cpt.wire.outcome import TX_ISSUE_TYPE, issue, outcome
from terminology.model import Coding, Concept, Designation, Edition, Property
from terminology.period import FIRST_DAY, LAST_DAY, show
from terminology.provider import CodeSystemProvider
from terminology.queries.expand import Expansion
from terminology.queries.lookup import Answer
from terminology.queries.validate import Checked, Issue
from terminology.release.manifest import Licence
from terminology.valueset import Filter, Include, ValueSet

Json = dict[str, Any]
UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"
_VALUE = {
    "code": "valueCode",
    "string": "valueString",
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "dateTime": "valueDateTime",
    "Coding": "valueCoding",
}


def parameters(items: Iterable[Json]) -> Json:
    """A Parameters resource."""
    return {"resourceType": "Parameters", "parameter": list(items)}


def coding_json(coding: Coding) -> Json:
    """A Coding as FHIR JSON."""
    made = {"system": coding.system, "code": coding.code}
    if coding.display:
        made["display"] = coding.display
    return made


def lookup_answer(answer: Answer, wanted: frozenset[str], licence: Licence | None) -> Json:
    """The output of `$lookup`. `wanted` are the properties asked for; none asked for, or `*`, gives all."""
    resolved, concept = answer.resolved, answer.located.concept
    items: list[Json] = [{"name": "name", "valueString": resolved.provider.title}]
    items.append({"name": "version", "valueString": concept.edition or resolved.edition.version})
    if concept.display:
        items.append({"name": "display", "valueString": concept.display})
    items.append({"name": "code", "valueCode": concept.code})
    items.append({"name": "system", "valueUri": resolved.provider.url})
    if concept.definition:
        items.append({"name": "definition", "valueString": concept.definition})
    if not wanted or "designation" in wanted or "*" in wanted:
        items += [_designation(item) for item in concept.designations]
    told = _told(answer)
    if wanted and "*" not in wanted:
        told = [item for item in told if item.code in wanted]
    items += [
        {
            "name": "property",
            "part": [
                {"name": "code", "valueCode": code},
                {"name": "value", _VALUE[kind]: coding_json(value) if isinstance(value, Coding) else value},
            ],
        }
        for code, value, kind in [(item.code, item.value, item.type) for item in told]
    ]
    if licence:
        items.append({"name": "copyright", "valueString": licence.notice})
    if resolved.stale or resolved.early or resolved.alias:
        items.append({"name": "issues", "resource": outcome(_notes(answer))})
    return parameters(items)


def _told(answer: Answer) -> list[Property]:
    """The concept's properties, those that every code has first."""
    concept, at, provider = answer.located.concept, answer.located.at, answer.resolved.provider
    told = [Property("inactive", answer.inactive, "boolean")]
    if concept.start != FIRST_DAY:
        told.append(Property("effective", show(concept.start), "dateTime"))
    if concept.end != LAST_DAY:
        told.append(Property("expires", show(concept.end), "dateTime"))
    told += [Property("parent", parent, "code") for parent in concept.parents]
    if at is not None:
        told += [Property("child", provider.code(child), "code") for child in provider.children(at)]
    told += concept.properties
    return told


def _notes(answer: Answer) -> Iterator[Json]:
    resolved = answer.resolved
    if resolved.alias:
        yield issue("warning", "business-rule", f"{resolved.alias} is another name for {resolved.provider.url}")
    if resolved.stale:
        yield issue(
            "information", "informational", f"Edition {shown(resolved.edition)} ends before the day asked about"
        )
    if resolved.early:
        yield issue(
            "information", "informational", f"Edition {shown(resolved.edition)} starts after the day asked about"
        )


def shown(edition: Edition) -> str:
    """An edition for people: `2024-10 (2024-10-01 to 2024-12-31)`."""
    return edition.version if edition.basis == "undated" else f"{edition.version} ({edition.period})"


def _designation(item: Designation) -> Json:
    part: list[Json] = []
    if item.language:
        part.append({"name": "language", "valueCode": item.language})
    if item.use:
        part.append({"name": "use", "valueCoding": coding_json(item.use)})
    return {"name": "designation", "part": [*part, {"name": "value", "valueString": item.value}]}


def validate_answer(checked: Checked, licence: Licence | None, concept: Json | None = None) -> Json:
    """The output of `$validate-code`."""
    items: list[Json] = [{"name": "result", "valueBoolean": checked.result}]
    if checked.code is not None:
        items.append({"name": "code", "valueCode": checked.code})
    if checked.system is not None:
        items.append({"name": "system", "valueUri": checked.system})
    if checked.version is not None:
        items.append({"name": "version", "valueString": checked.version})
    if checked.display is not None:
        items.append({"name": "display", "valueString": checked.display})
    if checked.normalized is not None:
        items.append({"name": "normalized-code", "valueCode": checked.normalized})
    if checked.inactive:
        items.append({"name": "inactive", "valueBoolean": True})
    if concept is not None:
        items.append({"name": "codeableConcept", "valueCodeableConcept": concept})
    if checked.unknown_system is not None:
        items.append({"name": "x-caused-by-unknown-system", "valueCanonical": checked.unknown_system})
    if checked.issues:
        items.append({"name": "issues", "resource": outcome(map(_issue, checked.issues))})
        if message := checked.message:
            items.append({"name": "message", "valueString": message})
    if licence:
        items.append({"name": "copyright", "valueString": licence.notice})
    return parameters(items)


def _issue(item: Issue) -> Json:
    coding = [{"system": TX_ISSUE_TYPE, "code": item.kind}]
    return issue(item.severity, item.code, item.text, expression=[item.path], coding=coding)


def value_set_json(value_set: ValueSet) -> Json:
    """A value set's definition as a ValueSet resource."""
    made: Json = {
        "resourceType": "ValueSet",
        "id": value_set.id,
        "url": value_set.url,
        "name": value_set.name,
        "title": value_set.title,
        "status": "active",
        "experimental": value_set.experimental,
    }
    if value_set.version:
        made["version"] = value_set.version
    if value_set.copyright:
        made["copyright"] = value_set.copyright
    made["compose"] = {"include": [_include(item) for item in value_set.include]}
    if value_set.exclude:
        made["compose"]["exclude"] = [_include(item) for item in value_set.exclude]
    return made


def _include(include: Include) -> Json:
    made: Json = {}
    if include.system:
        made["system"] = include.system
    if include.version:
        made["version"] = include.version
    if include.codes:
        made["concept"] = [{"code": code, **({"display": text} if text else {})} for code, text in include.codes]
    if include.filters:
        made["filter"] = [_filter(item) for item in include.filters]
    if include.value_sets:
        made["valueSet"] = list(include.value_sets)
    return made


def _filter(item: Filter) -> Json:
    return {"property": item.property, "op": item.op, "value": item.value}


def expansion_json(value_set: ValueSet, expansion: Expansion, asked: Iterable[Json], *, designations: bool) -> Json:
    """A ValueSet with its expansion. `asked` are the parameters of the request that shaped it."""
    made = value_set_json(value_set)
    del made["compose"]
    body: Json = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "total": expansion.total,
        "offset": expansion.offset,
        "parameter": list(asked),
    }
    for provider, edition, stale in expansion.used:
        canonical = f"{provider.url}|{edition.version}"
        body["parameter"].append({"name": "used-codesystem", "valueUri": canonical})
        if provider.content == "fragment":
            body["parameter"].append({"name": "fragment-codesystem", "valueUri": canonical})
        if stale:
            body["parameter"].append({"name": "warning-stale", "valueUri": canonical})
    if expansion.limited:
        body["parameter"].append({"name": "limitedExpansion", "valueBoolean": True})
    if expansion.unclosed or expansion.limited:
        body["extension"] = [{"url": UNCLOSED, "valueBoolean": True}]
    if expansion.licences:
        made["copyright"] = " ".join(licence.notice for licence in expansion.licences)
    if expansion.items:
        body["contains"] = [
            _contains(provider, concept, display, inactive, designations)
            for provider, concept, display, inactive in expansion.items
        ]
    made["expansion"] = body
    return made


def _contains(
    provider: CodeSystemProvider, concept: Concept, display: str | None, inactive: bool, designations: bool
) -> Json:
    made: Json = {"system": provider.url, "code": concept.code}
    if concept.abstract:
        made["abstract"] = True
    if inactive:
        made["inactive"] = True
    if display:
        made["display"] = display
    if designations and concept.designations:
        made["designation"] = [
            {
                **({"language": item.language} if item.language else {}),
                **({"use": coding_json(item.use)} if item.use else {}),
                "value": item.value,
            }
            for item in concept.designations
        ]
    return made
