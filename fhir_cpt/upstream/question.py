"""What may be asked of an upstream: terminology parameters, and nothing else of what a client sent."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from fhir_cpt.upstream.passed_on import PASSED_ON, typed
from fhir_cpt.wire.arguments import pairs
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.models import FhirVersion

Json = Mapping[str, Any]
UNKNOWN_SYSTEM = "x-caused-by-unknown-system"
"""The output that tells of a code system which is not held. Source: HL7's terminology ecosystem, tx-issue-type."""

_HOLDS = ("value", "resource")


@dataclass(frozen=True)
class Question:
    """A terminology operation to be asked of an upstream of that FHIR version.

    `subject` is the URL of the code system or value set that it is about, '' where none is named; `pinned` tells that
    one version of the code system is asked for; `body` is the Parameters resource, the same bytes for the same
    question.
    """

    version: FhirVersion
    kind: str
    operation: str
    subject: str
    body: bytes
    pinned: bool = False

    @property
    def path(self) -> str:
        """Below the FHIR base."""
        return f"{self.kind}/${self.operation}"


@dataclass
class Unsettled(Answer):
    """What can be said from here alone, and the question that an upstream may answer better."""

    question: Question = field(kw_only=True)


@dataclass
class UnsettledBatch(Answer):
    """A batch of which some answers are Unsettled."""

    entries: list[Answer] = field(kw_only=True)


def caused_by_unknown_system(answer: Answer) -> bool:
    """Whether an answer is what it is because a code system is not held."""
    resource = answer.resource
    if isinstance(resource, bytes):
        return False
    items = resource.get("parameter", ())
    return any(item["name"] == UNKNOWN_SYSTEM for item in items)


def question(
    version: FhirVersion, kind: str, operation: str, query: bytes, posted: Any, held: Container[str], *, of_set: bool
) -> Question | None:
    """The question in a request (query string, and Parameters where some were posted) that upstreams may be asked.

    `held` are the URLs of the code systems held here, and their other names; `of_set` tells that the value set is the
    thing not known. None where nothing may be asked: the operation is not one of terminology, a system that is held
    here is among those asked about, a value set of ours is, a resource is not one of terminology, or a value is not
    of its type.
    """
    types = PASSED_ON.get((kind, operation))
    if types is None:
        return None
    try:
        items = [typed(name, types[name], value) for name, value in _given(kind, operation, query, posted, types)]
        items.sort(key=orjson.dumps)
        body = orjson.dumps({"resourceType": "Parameters", "parameter": items}, option=orjson.OPT_SORT_KEYS)
    except (ValueError, orjson.JSONEncodeError):  # of the wrong type, or nested too deeply
        return None
    named = {item["name"]: item for item in items}
    if kind == "ValueSet":
        if not of_set and "valueSet" not in named:
            return None
        value_set = named.get("valueSet", {}).get("resource", {})
        subject = named["url"]["valueUri"] if "url" in named else str(value_set.get("url") or "")
    else:
        systems = list(dict.fromkeys(_systems(items)))
        if not systems or any(system in held for system in systems):
            return None
        subject = systems[0]
    versions = [named[name].get("valueString", "") for name in ("version", "systemVersion") if name in named]
    versions += [item["valueCoding"]["version"] for item in items if "version" in item.get("valueCoding", ())]
    return Question(version, kind, operation, subject, body, any(map(_exact, versions)))


def _exact(version: str) -> bool:
    """Whether a version asked for is one, and not any that fits (`2.x`, `*`)."""
    return bool(version) and "*" not in version and "x" not in version.casefold().split(".")


def _given(
    kind: str, operation: str, query: bytes, posted: Any, types: Mapping[str, str]
) -> Iterator[tuple[str, object]]:
    """Names and values of the parameters to pass on."""
    items = posted.get("parameter", ()) if isinstance(posted, dict) else ()
    given: list[tuple[str, Any]] = list(pairs(query))
    given += [(item["name"], next((item[key] for key in item if key.startswith(_HOLDS)), None)) for item in items]
    names = {name for name, _ in given}
    for name, value in given:
        if (kind, operation, name) == ("CodeSystem", "validate-code", "system") and "url" not in names:
            name = "url"  # a second name for it that only we know
        if name in types:
            yield name, value


def _systems(items: Iterable[Json]) -> Iterator[str]:
    """The code systems that a question about a code system names."""
    for item in items:
        if item["name"] in ("system", "url"):
            yield item["valueUri"].partition("|")[0]
        codings = item["valueCodeableConcept"]["coding"] if "valueCodeableConcept" in item else ()
        if "valueCoding" in item:
            codings = (item["valueCoding"],)
        for coding in codings:
            if coding.get("system"):
                yield coding["system"].partition("|")[0]
