"""Answers about codes as Parameters, and expansions as ValueSets. FHIR: the terminology operations' outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fhir_cpt.wire.outcome import issue, issue_json, outcome, plain
from terminology.languages import Languages
from terminology.model import Coding, Concept, Designation, Edition, Extension, PropertyType
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
    told = [*_standing(answer), *_own_properties(concept)]
    items += told if every else [item for item in told if item["part"][0]["valueCode"] in wanted]
    items += [{"name": "used-supplement", "valueCanonical": item} for item in provider.supplemented_by]
    if licence:
        items.append({"name": "copyright", "valueString": licence.notice})
    if resolved.stale or resolved.early or resolved.alias:
        items.append({"name": "issues", "resource": outcome(_notes(answer))})
    return parameters(items)


def _several_languages(concept: Concept, language: str | None) -> bool:
    """Whether the concept has a text in another language than its display, which must then be told apart."""
    return language is not None and any(item.language not in (None, language) for item in concept.designations)


def _standing(answer: Answer) -> Iterator[Json]:
    """The properties that every code has: whether and when it is in force, and where it stands."""
    concept, at, provider = answer.located.concept, answer.located.at, answer.resolved.provider
    yield _property("inactive", "boolean", answer.inactive)
    if concept.start != FIRST_DAY:
        yield _property("effective", "dateTime", show(concept.start))
    if concept.end != LAST_DAY:
        yield _property("expires", "dateTime", show(concept.end))
    for parent in concept.parents:
        yield _property("parent", "code", parent)
    if at is not None:
        for child in provider.children(at):
            yield _property("child", "code", provider.code(child))


_told: dict[int, tuple[Concept, tuple[Json, ...]]] = {}
_MOST_TOLD = 2048
"""Concepts whose properties are kept as JSON, by the identity of the record: those asked for in practice repeat."""


def _own_properties(concept: Concept) -> tuple[Json, ...]:
    """The properties that the code system gives the concept. Shared, never changed."""
    kept = _told.get(id(concept))
    if kept is not None and kept[0] is concept:
        return kept[1]
    if len(_told) >= _MOST_TOLD:
        _told.clear()
    made = tuple(
        _property(item.code, item.type, coding_json(item.value) if isinstance(item.value, Coding) else item.value)
        for item in concept.properties
    )
    _told[id(concept)] = concept, made
    return made


def _property(code: str, kind: PropertyType, value: Any) -> Json:
    return {"name": "property", "part": [{"name": "code", "valueCode": code}, {"name": "value", VALUE[kind]: value}]}


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
