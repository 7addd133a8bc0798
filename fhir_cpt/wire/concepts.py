"""Answers about codes as Parameters, and expansions as ValueSets. FHIR: the terminology operations' outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fhir_cpt.wire.outcome import issue, issue_json, outcome, plain
from terminology.languages import Languages
from terminology.model import Coding, Concept, Designation, Edition, Extension, Property
from terminology.period import FIRST_DAY, LAST_DAY, show
from terminology.queries.displays import preferred, texts
from terminology.queries.lookup import Answer
from terminology.queries.validate import Checked
from terminology.release.manifest import Licence

Json = dict[str, Any]
PREFERRED = Coding("http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra", "preferredForLanguage")
"""The use of a designation that is the display in its language."""
VALUE = {
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


def extension_json(item: Extension) -> Json:
    """An extension as FHIR JSON."""
    return {"url": item.url, f"value{item.type[:1].upper()}{item.type[1:]}": item.value}


def lookup_answer(
    answer: Answer, wanted: frozenset[str], licence: Licence | None, languages: Languages | None = None
) -> Json:
    """The output of `$lookup`. `wanted` are the properties asked for; none asked for, or `*`, gives all."""
    resolved, concept = answer.resolved, answer.located.concept
    provider = resolved.provider
    items: list[Json] = [{"name": "name", "valueString": provider.title}]
    if version := concept.edition or resolved.edition.version:
        items.append({"name": "version", "valueString": version})
    display: str | None = concept.display
    if languages is not None and (best := preferred(list(texts(concept, provider)), languages)) is not None:
        display = best.value
    if display:
        items.append({"name": "display", "valueString": display})
    items.append({"name": "code", "valueCode": concept.code})
    items.append({"name": "system", "valueUri": provider.url})
    if concept.abstract:
        items.append({"name": "abstract", "valueBoolean": True})
    if concept.definition:
        items.append({"name": "definition", "valueString": concept.definition})
    every = not wanted or "*" in wanted
    if every or "designation" in wanted:
        items += [_designation(item) for item in concept.designations]
        if concept.display and (display != concept.display or _several_languages(concept, provider.language)):
            items.append(_designation(Designation(concept.display, provider.language, PREFERRED)))
    items += [_property(item) for item in _told(answer) if every or item.code in wanted]
    items += [{"name": "used-supplement", "valueCanonical": item} for item in provider.supplemented_by]
    if licence:
        items.append({"name": "copyright", "valueString": licence.notice})
    if resolved.stale or resolved.early or resolved.alias:
        items.append({"name": "issues", "resource": outcome(_notes(answer))})
    return parameters(items)


def _several_languages(concept: Concept, language: str | None) -> bool:
    """Whether the concept has a text in another language than its display, which must then be told apart."""
    return language is not None and any(item.language not in (None, language) for item in concept.designations)


def _told(answer: Answer) -> Iterator[Property]:
    concept, at, provider = answer.located.concept, answer.located.at, answer.resolved.provider
    yield Property("inactive", answer.inactive, "boolean")
    if concept.start != FIRST_DAY:
        yield Property("effective", show(concept.start), "dateTime")
    if concept.end != LAST_DAY:
        yield Property("expires", show(concept.end), "dateTime")
    for parent in concept.parents:
        yield Property("parent", parent, "code")
    for child in provider.children(at) if at is not None else ():
        yield Property("child", provider.code(child), "code")
    yield from concept.properties


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
    if item.source:
        part.append({"name": "source", "valueCanonical": item.source})
    return {"name": "designation", "part": [*part, {"name": "value", "valueString": item.value}]}


def _property(item: Property) -> Json:
    value = coding_json(item.value) if isinstance(item.value, Coding) else item.value
    code = {"name": "code", "valueCode": item.code}
    return {"name": "property", "part": [code, {"name": "value", VALUE[item.type]: value}]}


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
    if checked.status is not None:
        items.append({"name": "status", "valueCode": checked.status})
    if concept is not None:
        items.append({"name": "codeableConcept", "valueCodeableConcept": concept})
    if checked.unknown:
        items += [{"name": "x-unknown-system", "valueCanonical": plain(item)} for item in checked.unknown]
    if checked.caused_by:
        items += [{"name": "x-caused-by-unknown-system", "valueCanonical": plain(item)} for item in checked.caused_by]
    if checked.issues:
        items.append({"name": "issues", "resource": outcome(map(issue_json, checked.issues))})
        if message := checked.message:
            items.append({"name": "message", "valueString": plain(message)})
    if licence:
        items.append({"name": "copyright", "valueString": licence.notice})
    return parameters(items)
