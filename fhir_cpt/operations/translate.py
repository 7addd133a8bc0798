"""`ConceptMap/$translate`: what a code is in another code system. R4's and R5's parameters, the other way round too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import coding_from
from fhir_cpt.wire.arguments import Arguments, Parameter
from fhir_cpt.wire.concept_maps import EQUIVALENCE
from fhir_cpt.wire.concepts import coding_json, parameters
from fhir_cpt.wire.http import Answer
from terminology.concept_map import ConceptMap
from terminology.messages import canonical
from terminology.queries.translate import MATCHES, Match, translate


def handle(call: Call) -> Answer:
    """Answer `$translate`. Raises RequestError."""
    arguments = call.arguments
    directory = tx.directory(call)
    source, code = _coded(arguments, ("coding", "sourceCoding"), ("code", "sourceCode"), ("system", "sourceSystem"))
    target, target_code = _coded(arguments, ("targetCoding",), ("targetCode",), ("targetSystem", "targetsystem"))
    if arguments.flag("reverse"):
        source, code, target, target_code = target, target_code, source, code
    if code is None and target_code is None:
        raise RequestError(400, "required", "Give a code: code or coding (R4), sourceCode or targetCode (R5)", "code")
    own = call.served.concept_maps.on(directory.day)
    maps = _chosen((*directory.brought.concept_maps, *own), arguments)
    found = translate(maps, source=source, code=code, target=target, target_code=target_code)
    result = any(match.relationship in MATCHES for match in found)
    items: list[dict[str, Any]] = [{"name": "result", "valueBoolean": result}]
    if not found:
        items.append({"name": "message", "valueString": "No mapping of the code was found in the concept maps held"})
    backwards = code is None
    return Answer(parameters([*items, *(_match(match, backwards=backwards) for match in found)]))


def _coded(
    arguments: Arguments, codings: tuple[str, ...], codes: tuple[str, ...], systems: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """System and code of one side."""
    system = next((text for name in systems if (text := arguments.text(name))), None)
    for name in codings:
        value = arguments.object(name)
        if value is not None:
            coding, _ = coding_from(value, name)
            return coding.system or system, coding.code
    return system, next((text for name in codes if (text := arguments.text(name))), None)


def _chosen(maps: tuple[ConceptMap, ...], arguments: Arguments) -> Iterator[ConceptMap]:
    """The maps that are asked for by URL, or by the value sets they map between; all where neither is given."""
    url, _, version = (arguments.text("url") or "").partition("|")
    version = version or arguments.text("conceptMapVersion") or ""
    source = arguments.text("source") or arguments.text("sourceScope")
    target = arguments.text("target") or arguments.text("targetScope")
    for one in maps:
        if url and (one.url != url or version not in ("", one.version)):
            continue
        if (source and one.source != source) or (target and one.target != target):
            continue
        yield one


def _match(match: Match, *, backwards: bool) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"name": "relationship", "valueCode": match.relationship},
        {"name": "equivalence", "valueCode": EQUIVALENCE[match.relationship]},
        {"name": "concept", "valueCoding": coding_json(match.concept)},
    ]
    if match.origin.url:
        name = canonical(match.origin.url, match.origin.version)
        parts.append({"name": "originMap", "valueCanonical": name})
    if backwards:
        parts.append({"name": "source", "valueCoding": coding_json(match.source)})
    if match.comment:
        parts.append({"name": "comment", "valueString": match.comment})
    return {"name": "match", "part": parts}


OPERATION = Operation(
    name="translate",
    title="Concept translation",
    definition="http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
    handle=handle,
    types=("ConceptMap",),
    parameters=(
        Parameter("url", "uri", "the concept map"),
        Parameter("conceptMap", "Resource", "the concept map itself"),
        Parameter("conceptMapVersion", "string", "the version of the concept map"),
        Parameter("code", "code", "the code to translate"),
        Parameter("system", "uri", "the code system of the code"),
        Parameter("version", "string", "the version of the code system", ignored=True),
        Parameter("coding", "Coding", "code and system together"),
        Parameter("source", "uri", "the value set that the map maps from"),
        Parameter("target", "uri", "the value set that the map maps to"),
        Parameter("targetsystem", "uri", "the code system to translate to"),
        Parameter("reverse", "boolean", "whether the code is of the map's target"),
        Parameter("sourceCode", "code", "R5: the code to translate"),
        Parameter("sourceSystem", "uri", "R5: the code system of the code"),
        Parameter("sourceCoding", "Coding", "R5: code and system together"),
        Parameter("sourceScope", "uri", "R5: the value set that the map maps from"),
        Parameter("targetCode", "code", "R5: the code to translate back"),
        Parameter("targetCoding", "Coding", "R5: the code to translate back, with its system"),
        Parameter("targetSystem", "uri", "R5: the code system to translate to"),
        Parameter("targetScope", "uri", "R5: the value set that the map maps to"),
        Parameter("date", "date", "the day for which the answer should hold; today where none is given"),
        *tx.CONTEXT,
    ),
)
