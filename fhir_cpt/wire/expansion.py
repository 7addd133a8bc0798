"""Expansions as ValueSet resources. FHIR: ValueSet.expansion, R4 (what only R5 has, as extensions) and R5."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fhir_cpt.wire.concepts import PREFERRED, VALUE, coding_json, extension_json
from fhir_cpt.wire.models import FhirVersion
from terminology.languages import Languages
from terminology.messages import canonical
from terminology.model import Coding, Designation, Extension, Property
from terminology.provider import CodeSystemProvider
from terminology.queries.displays import Text, preferred, texts
from terminology.queries.expand import Expansion, Item
from terminology.standing import PROPERTIES, STANDARDS_STATUS, VALUE_SET_DEPRECATED, said, status
from terminology.valueset import ValueSet

Json = dict[str, Any]
_SD = "http://hl7.org/fhir/StructureDefinition/"
UNCLOSED = f"{_SD}valueset-unclosed"
UNCLOSED_REASON = f"{_SD}valueset-unclosed-reason"
_XVER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion"
PROPERTY = f"{_XVER}.property"
CONTAINS_PROPERTY = f"{_XVER}.contains.property"
"""Where R4 puts what only R5 has. Source: FHIR, cross-version extensions."""
_RENDERING = (f"{_SD}rendering-style", f"{_SD}rendering-xhtml")
_KEPT = frozenset(_RENDERING)
_KEPT_OF_LISTED = frozenset({*_RENDERING, f"{_SD}valueset-concept-definition", VALUE_SET_DEPRECATED, STANDARDS_STATUS})
_KEPT_OF_DESIGNATION = frozenset({f"{_SD}coding-sctdescid", STANDARDS_STATUS})
_COMPUTED = (
    ("order", "order", "decimal", (f"{_SD}valueset-conceptOrder", f"{_SD}codesystem-conceptOrder")),
    ("label", "label", "string", (f"{_SD}valueset-label", f"{_SD}codesystem-label")),
    ("weight", "itemWeight", "decimal", (f"{_SD}itemWeight",)),
)
"""Properties that extensions state: name, name among FHIR's concept properties, type, extensions (the first counts)."""
_BCP47 = "urn:ietf:bcp:47"


class Shape(NamedTuple):
    """How an expansion is shown.

    `properties` are the ones asked for; `designations` whether all texts are, `uses` which (`system|code` of a use or
    of a language; none for all).
    """

    version: FhirVersion
    languages: Languages | None = None
    designations: bool = False
    uses: Collection[str] = ()
    properties: Collection[str] = ()


def expansion_json(
    header: Json,
    value_set: ValueSet,
    expansion: Expansion,
    asked: Iterable[Json],
    shape: Shape,
    offset: int | None,
) -> Json:
    """A ValueSet with its expansion. `asked` are the parameters of the request that shaped it.

    `header` is the value set's resource as far as it is told; `offset` is None where the whole is listed.
    """
    made = dict(header)
    body: Json = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "total": expansion.total,
        "parameter": [*asked, *_used(value_set, expansion)],
    }
    if offset is not None:
        body["offset"] = offset
    extensions = list(_unclosed(expansion))
    if expansion.licences:
        made["copyright"] = " ".join(licence.notice for licence in expansion.licences)
    uris: dict[str, str] = {}
    contains = [_contains(item, expansion.versioned, shape, uris, value_set.language) for item in expansion.items]
    if contains:
        body["contains"] = contains
    if uris and shape.version == "r5":
        body["property"] = [{"code": code, **({"uri": uri} if uri else {})} for code, uri in uris.items()]
    elif uris:
        extensions += [_property_extension(code, uri) for code, uri in uris.items()]
    if extensions:
        body["extension"] = extensions
    made["expansion"] = body
    return made


def _used(value_set: ValueSet, expansion: Expansion) -> Iterator[Json]:
    """The parameters that tell what the expansion was made from."""
    used = expansion.used
    for name, value in used.parameters.items():
        yield {"name": name, "valueUri": value}
    told: dict[tuple[str, str], None] = {}
    for provider, edition, stale in expansion.editions:
        name = canonical(provider.url, edition.version)
        told["used-codesystem", name] = None
        for supplement in provider.supplemented_by:
            told["used-supplement", supplement] = None
        if provider.content == "fragment":
            told["used-fragment", name] = None
        if (caveat := provider.standing.caveat(value_set.standing)) is not None:
            told[f"warning-{caveat}", name] = None
        if stale:
            told["warning-stale", name] = None
    for other in used.value_sets.values():
        told["used-valueset", other.canonical] = None
    for other in (value_set, *used.value_sets.values()):
        if (caveat := other.standing.caveat(value_set.standing)) is not None:
            told[f"warning-{caveat}", other.canonical] = None
    for name, value in told:
        yield {"name": name, "valueUri": value}
    if used.versions_match:
        yield {"name": "versionsMatch", "valueBoolean": True}
    if expansion.limited:
        yield {"name": "limitedExpansion", "valueBoolean": True}


def _unclosed(expansion: Expansion) -> Iterator[Json]:
    fragments = [provider.url for provider, _, _ in expansion.editions if provider.content == "fragment"]
    if expansion.unclosed or expansion.limited or fragments:
        yield {"url": UNCLOSED, "valueBoolean": True}
    for url in dict.fromkeys(fragments):
        text = f"This extension is based on a fragment of the code system {url}"
        yield {"url": UNCLOSED_REASON, "valueString": text}


def _contains(item: Item, versioned: bool, shape: Shape, uris: dict[str, str], language: str | None) -> Json:
    provider, concept, listed = item.provider, item.concept, item.listed
    made: Json = {"system": provider.url, "code": concept.code}
    if versioned:
        made["version"] = provider.version
    if concept.abstract:
        made["abstract"] = True
    if item.inactive:
        made["inactive"] = True
    found = list(texts(concept, provider, listed, language))
    shown = preferred(found, shape.languages)
    if shown is not None:
        made["display"] = shown.value
    if shape.designations:
        designations = [_designation(text, one) for text, one in _others(found, shown, shape.uses)]
        if designations:
            made["designation"] = designations
    extensions = [extension_json(one) for one in _kept(item)] if concept.extensions or listed is not None else []
    properties = list(_properties(item, shape.properties, uris))
    if shape.version == "r5":
        if properties:
            made["property"] = [{"code": one.code, **_value(one)} for one in properties]
    else:
        extensions += [
            {
                "url": CONTAINS_PROPERTY,
                "extension": [{"url": "code", "valueCode": one.code}, {"url": "value", **_value(one)}],
            }
            for one in properties
        ]
    if extensions:
        made["extension"] = extensions
    if item.below:
        made["contains"] = [_contains(one, versioned, shape, uris, language) for one in item.below]
    return made


def _others(found: list[Text], shown: Text | None, uses: Collection[str]) -> Iterator[tuple[Text, Designation | None]]:
    """The texts beside the one that is shown: designations, and the display where another text took its place."""
    for text in found:
        if text is shown:
            continue
        if text.designation is None and text.value == (shown.value if shown else None):
            continue
        wanted = not uses or f"{_BCP47}|{text.language}" in uses
        use = text.designation.use if text.designation else PREFERRED
        if wanted or (use is not None and f"{use.system}|{use.code}" in uses):
            yield text, text.designation


def _designation(text: Text, designation: Designation | None) -> Json:
    made: Json = {}
    if designation is not None:
        kept = [extension_json(one) for one in designation.extensions if one.url in _KEPT_OF_DESIGNATION]
        if kept:
            made["extension"] = kept
    if text.language:
        made["language"] = text.language
    use = designation.use if designation is not None else PREFERRED
    if use is not None:
        made["use"] = coding_json(use)
    made["value"] = text.value
    return made


def _kept(item: Item) -> Iterator[Extension]:
    """The extensions that are passed on; those of the value set come before the code system's."""
    told = set()
    for one in item.listed.extensions if item.listed else ():
        if one.url in _KEPT_OF_LISTED:
            told.add(one.url)
            yield one
    for one in item.concept.extensions:
        if one.url in _KEPT and one.url not in told:
            yield one


def _properties(item: Item, wanted: Collection[str], uris: dict[str, str]) -> Iterator[Property]:
    """The properties to show: those wanted, and what FHIR's extensions and the status state in any case."""
    concept, provider = item.concept, item.provider
    given = (*(item.listed.extensions if item.listed else ()), *concept.extensions)
    if given:
        for code, name, kind, urls in _COMPUTED:
            value = next((value for url in urls if (value := said(given, url)) is not None), None)
            if value is not None:
                uris.setdefault(code, PROPERTIES + name)
                yield Property(code, value, "decimal" if kind == "decimal" else "string")
    standing = status(concept, provider.status_properties)
    if standing not in (None, "active"):
        uris.setdefault("status", f"{PROPERTIES}status")
        yield Property("status", str(standing), "code")
    if not wanted:
        return
    if "definition" in wanted and concept.definition:
        uris.setdefault("definition", f"{PROPERTIES}definition")
        yield Property("definition", concept.definition)
    for one in concept.properties:
        if one.code in wanted and one.code != "status":
            uris.setdefault(one.code, _uri(provider, one.code))
            yield one


def _uri(provider: CodeSystemProvider, code: str) -> str:
    uris: Mapping[str, str] = provider.property_uris
    return uris.get(code, "")


def _property_extension(code: str, uri: str) -> Json:
    parts = [{"url": "code", "valueCode": code}, *([{"url": "uri", "valueUri": uri}] if uri else [])]
    return {"url": PROPERTY, "extension": parts}


def _value(item: Property) -> Json:
    return {VALUE[item.type]: coding_json(item.value) if isinstance(item.value, Coding) else item.value}
