"""CodeSystem resources as code systems held in memory. FHIR: CodeSystem, R4 and R5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

import msgspec

from fhir_cpt.errors import RequestError
from fhir_cpt.wire.elements import Element, coding_of
from terminology.memory import MemoryCodeSystem
from terminology.model import Concept, Designation, Property, PropertyType
from terminology.provider import Content
from terminology.standing import STANDARDS_STATUS, Standing, known_as, said

_GONE = frozenset({"retired", "inactive"})
_KINDS = {str(kind): kind for kind in get_args(PropertyType)}


def code_system(element: Element) -> MemoryCodeSystem:
    """The code system that a resource defines. Raises RequestError that names the place of what is wrong."""
    properties = [(item.required("code"), item) for item in element.elements("property")]
    uris = {code: uri for code, item in properties if (uri := item.text("uri"))}
    types: dict[str, PropertyType] = {
        code: _KINDS[kind] for code, item in properties if (kind := item.text("type")) in _KINDS
    }
    content = _content(element)
    case_sensitive = element.flag("caseSensitive")
    concepts = list(_with_stated_parents(list(_concepts(element, uris)), uris))
    try:
        return MemoryCodeSystem(
            element.required("url"),
            concepts,
            version=element.text("version") or "",
            title=element.text("name") or element.text("title") or "",
            content=content,
            case_sensitive=case_sensitive is not False,
            language=element.text("language"),
            property_types=types,
            property_uris=uris,
            standing=standing(element),
            supplements=element.required("supplements") if content == "supplement" else "",
        )
    except ValueError as error:
        raise RequestError(400, "invalid", f"{element.path}: {error}", f"{element.path}.concept") from None


def standing(element: Element) -> Standing:
    """The standing that a CodeSystem or ValueSet resource states."""
    stated = said(element.extensions(), STANDARDS_STATUS)
    return Standing(
        element.text("status") or "active",
        bool(element.flag("experimental")),
        stated if isinstance(stated, str) else None,
    )


def designations(element: Element) -> tuple[Designation, ...]:
    """The designations of a concept."""
    if "designation" not in element:
        return ()
    return tuple(
        Designation(
            item.required("value"),
            item.text("language"),
            coding_of(use) if (use := item.element("use")) else None,
            item.extensions(),
        )
        for item in element.elements("designation")
    )


def _content(element: Element) -> Content:
    content = element.text("content") or "complete"
    for known in get_args(Content):
        if content == known:
            return known  # type: ignore[no-any-return]
    known = ", ".join(get_args(Content))
    raise RequestError(400, "value", f"{element.path}.content must be one of {known}", f"{element.path}.content")


def _concepts(element: Element, uris: Mapping[str, str]) -> Iterator[Concept]:
    """The concepts in the order of the resource, each with the one that it is nested in as its parent."""
    inactive, status, abstract = (known_as(name, uris) for name in ("inactive", "status", "notSelectable"))
    left: list[tuple[Element, tuple[str, ...]]] = [(item, ()) for item in reversed(list(element.elements("concept")))]
    while left:
        item, parents = left.pop()
        code = item.required("code")
        found = tuple(Property(one.required("code"), *one.value()) for one in item.elements("property"))
        values = {one.code: one.value for one in found}
        stated = next((values[name] for name in inactive if name in values), None)
        gone = any(values.get(name) in _GONE for name in status)
        yield Concept(
            code,
            item.text("display"),
            designations=designations(item),
            properties=found,
            parents=parents,
            abstract=any(values.get(name) is True for name in abstract),
            inactive=stated in (True, "true") if stated is not None else gone,
            definition=item.text("definition"),
            extensions=item.extensions(),
        )
        left += [(below, (code,)) for below in reversed(list(item.elements("concept")))]


def _with_stated_parents(concepts: list[Concept], uris: Mapping[str, str]) -> Iterator[Concept]:
    """The concepts with the parents that properties state (parent, child), besides those they are nested in."""
    up, down = known_as("parent", uris), known_as("child", uris)
    more: dict[str, list[str]] = {}
    for concept in concepts:
        for item in concept.properties:
            if item.code in up and isinstance(item.value, str):
                more.setdefault(concept.code, []).append(item.value)
            elif item.code in down and isinstance(item.value, str):
                more.setdefault(item.value, []).append(concept.code)
    for concept in concepts:
        extra = more.get(concept.code)
        yield concept if extra is None else _adopted(concept, extra)


def _adopted(concept: Concept, parents: list[str]) -> Concept:
    return msgspec.structs.replace(concept, parents=tuple(dict.fromkeys((*concept.parents, *parents))))
