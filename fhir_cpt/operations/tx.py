"""What all terminology operations share: the resources, languages and version rules of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fhir_cpt.errors import RequestError
from fhir_cpt.operations.call import Call
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.brought import NOTHING, Brought
from terminology.errors import LanguageInvalid
from terminology.languages import Languages, parse
from terminology.queries.directory import DayDirectory
from terminology.valueset import ValueSet
from terminology.versions import NO_RULES, Rules

IGNORED = (
    Parameter("diagnostics", "boolean", "whether to tell how the answer came about", ignored=True),
    Parameter("uuid", "string", "a client's mark on its expansion parameters", ignored=True),
    Parameter("profile", "string", "expansion parameters by name", ignored=True),
    Parameter("incomplete-ok", "boolean", "whether an incomplete expansion will do", ignored=True),
    Parameter("default-to-latest-version", "boolean", "whether to take the latest version, as is done", ignored=True),
    Parameter("x-system-cache-id", "string", "a client's name for resources sent before", ignored=True),
    Parameter("mode", "code", "how the client goes about validation", ignored=True),
)
"""Parameters that clients send with any terminology operation and that change nothing in the answer."""
CONTEXT = (
    Parameter("tx-resource", "Resource", "a CodeSystem, ValueSet or ConceptMap to work with", most=None),
    Parameter("cache-id", "string", "the client's name for resources that it sent before"),
    Parameter("useSupplement", "canonical", "a supplement to lay over its code system", most=None),
    Parameter("system-version", "canonical", "system|version: the version where none is asked for", most=None),
    Parameter("check-system-version", "canonical", "system|version: the only version that is allowed", most=None),
    Parameter("force-system-version", "canonical", "system|version: the version, whatever is asked for", most=None),
    Parameter("default-valueset-version", "canonical", "url|version: the version where none is asked for", most=None),
    *IGNORED,
)
"""Parameters of every terminology operation."""
_RULES = ("system-version", "check-system-version", "force-system-version", "default-valueset-version")
_PLAIN = frozenset({"tx-resource", "cache-id", "useSupplement", *_RULES, "valueSet", "codeSystem", "conceptMap"})


def directory(call: Call) -> DayDirectory:
    """What the question is answered from. Raises RequestError, SupplementMissing."""
    arguments = call.arguments
    day = arguments.day("date", call.today)
    if not arguments.has_any(_PLAIN):
        return call.served.on(day)
    call.brought = brought(call)
    rules = (
        Rules(*(_canonicals(arguments.all(name), name) for name in _RULES)) if arguments.has_any(_RULES) else NO_RULES
    )
    found = call.served.on(day, call.brought.resources, rules, tuple(arguments.all("useSupplement")))
    for reference in arguments.all("useSupplement"):
        found.supplement(reference)
    return found


def brought(call: Call) -> Brought:
    """The resources that came with the request, or with earlier ones of the same `cache-id`. Raises RequestError."""
    if call.brought is not NOTHING:
        return call.brought
    arguments = call.arguments
    sent = arguments.all("tx-resource")
    name = arguments.text("cache-id")
    if name and call.sessions is not None:
        sent = call.sessions.joined(name, sent, len(call.raw) if sent else 0)
    return Brought([*sent, *arguments.all("codeSystem"), *arguments.all("conceptMap")])


def given_value_set(call: Call) -> ValueSet | None:
    """The value set that came as the parameter `valueSet`."""
    resource = call.arguments.object("valueSet")
    if resource is None:
        return None
    if resource.get("resourceType") != "ValueSet":
        raise RequestError(400, "structure", "The parameter valueSet must hold a ValueSet", "valueSet")
    return call.brought.value_set(resource)


def languages(call: Call, value_set: ValueSet | None = None) -> Languages | None:
    """The languages that texts are wanted in: as the parameter says, else the header, else the value set.

    Raises LanguageInvalid for the parameter; a header that cannot be read says nothing.
    """
    text = call.arguments.text("displayLanguage")
    if text is not None:
        return parse(text)
    for other in (call.language, *_of(value_set)):
        if other:
            try:
                found = parse(other)
            except LanguageInvalid:
                continue
            if found.tags:
                return found
    return None


def has_language(value_set: ValueSet) -> bool:
    """Whether the value set itself says in which language its texts are wanted."""
    return value_set.language is not None or bool(value_set.parameters)


def _of(value_set: ValueSet | None) -> Iterable[str | None]:
    return () if value_set is None else (value_set.parameters.get("displayLanguage"), value_set.language)


def _canonicals(items: Iterable[str], name: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for item in items:
        url, bar, version = item.rpartition("|")
        if not (bar and url and version):
            raise RequestError(
                400, "invalid", f"The parameter {name} must be a canonical with a version: url|version", name
            )
        if found.setdefault(url, version) != version:
            raise RequestError(400, "invalid", f"The parameter {name} gives two versions of {url}", name)
    return found
