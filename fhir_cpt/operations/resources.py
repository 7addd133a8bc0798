"""Read and search of the CodeSystem and ValueSet resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.operations.inputs import code_system_id
from fhir_cpt.served import Served
from fhir_cpt.wire.arguments import pairs
from fhir_cpt.wire.claim_edits import claim_edit_json
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.terminology import code_system_json
from fhir_cpt.wire.value_set_json import value_set_json
from terminology.period import Day
from terminology.systems import PREFERRED

Json = dict[str, Any]
_TEXTS = ("name", "title")
"""Search parameters of type string; they alone take modifiers."""
_ALWAYS = ("_count", "_offset", "_format", "_pretty", "_summary", "_elements", "_total")


@dataclass(frozen=True)
class Resource:
    """A type of resource that can be read and searched. `list` yields all of them, the preferred one of a URL first."""

    type: str
    list: Callable[[Served, Day], Iterator[Json]]
    search: Mapping[str, str]
    """Search parameter → the element that it is compared with."""


def code_systems(served: Served, day: Day) -> Iterator[Json]:
    """The edition of each code system that answers for the day, under the system's own id, and every edition.

    Last the claim edits, those of the payers' packs among them.
    """
    experimental = served.release.manifest.experimental
    for url, editions in served.release.code_systems.items():
        licence = served.release.licence(url)
        answering = editions.on(day).table
        yield code_system_json(answering, answering.table.name, licence, experimental=experimental)
        for held in reversed(editions.versions):
            yield code_system_json(held, code_system_id(held), licence, experimental=experimental)
    yield claim_edit_json(served.claim_edits)


def value_sets(served: Served, day: Day) -> Iterator[Json]:
    """The value sets' definitions, each once."""
    del day
    for value_set in served.value_sets_by_id.values():
        yield value_set_json(value_set)


RESOURCES = (
    Resource(
        "CodeSystem",
        code_systems,
        {"_id": "id", "url": "url", "version": "version", "name": "name", "title": "title", "status": "status"},
    ),
    Resource(
        "ValueSet",
        value_sets,
        {"_id": "id", "url": "url", "version": "version", "name": "name", "title": "title", "status": "status"},
    ),
)
BY_TYPE = {resource.type: resource for resource in RESOURCES}


def read(resource: Resource, served: Served, name: str, day: Day) -> Answer:
    """The resource of that id. Raises RequestError 404."""
    found = next((item for item in resource.list(served, day) if item["id"] == name), None)
    if found is None:
        raise RequestError(404, "not-found", f"There is no {resource.type} {name[:64]!r} here")
    return Answer(found)


def search(resource: Resource, served: Served, query: bytes, base: str, day: Day) -> Answer:
    """A searchset Bundle. Raises RequestError that names a search parameter that is not known.

    `name` and `title` match from their start, in any case, anywhere with `:contains`; others exactly. Of values with
    a comma between them any will do.
    """
    wanted: list[tuple[str, str, str]] = []
    count, offset = 100, 0
    for name, value in pairs(query):
        base_name, _, modifier = name.partition(":")
        if base_name in resource.search:
            if modifier and (base_name not in _TEXTS or modifier not in ("exact", "contains")):
                raise RequestError(400, "not-supported", f"The modifier of {name[:60]!r} is not supported", name[:60])
            wanted.append((base_name, modifier, value))
        elif name in ("_count", "_offset"):
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise RequestError(400, "invalid", f"The parameter {name} must be a whole number", name)
            count, offset = (int(value), offset) if name == "_count" else (count, int(value))
        elif name not in _ALWAYS:
            known = ", ".join((*resource.search, *_ALWAYS))
            raise RequestError(
                400, "not-supported", f"Unknown search parameter {name[:60]!r}. Known: {known}", name[:60]
            )
    found = [
        item
        for item in resource.list(served, day)
        if all(any(_matches(resource, item, name, how, one) for one in text.split(",")) for name, how, text in wanted)
    ]
    entries = [
        {"fullUrl": f"{base}/{resource.type}/{item['id']}", "resource": item, "search": {"mode": "match"}}
        for item in found[offset : offset + count]
    ]
    shown = query.decode("ascii", "replace")
    link = [{"relation": "self", "url": f"{base}/{resource.type}{'?' + shown if shown else ''}"}]
    if 0 < count < len(found) - offset:
        kept = [part for part in shown.split("&") if part and not part.startswith(("_offset=", "_count="))]
        paged = "&".join((*kept, f"_count={count}", f"_offset={offset + count}"))
        link.append({"relation": "next", "url": f"{base}/{resource.type}?{paged}"})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link}
    return Answer({**bundle, "entry": entries} if entries else bundle)


def _matches(resource: Resource, item: Json, name: str, modifier: str, value: str) -> bool:
    found = str(item.get(resource.search[name], ""))
    if name == "url":
        url, _, version = value.partition("|")
        return found == PREFERRED.get(url, url) and version in ("", item.get("version", ""))
    if name in _TEXTS:
        if modifier == "exact":
            return found == value
        if modifier == "contains":
            return value.casefold() in found.casefold()
        return found.casefold().startswith(value.casefold())
    return found == value
