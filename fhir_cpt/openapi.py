"""The OpenAPI description of the server, for `GET /openapi.json`: derived from the registry, as metadata is.

FHIR's own description of what a server does is the CapabilityStatement; this one is for tools that know no FHIR.
Source: OpenAPI Specification 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any

from fhir_cpt.operations.call import Operation
from fhir_cpt.operations.registry import OPERATIONS
from fhir_cpt.operations.resources import RESOURCES, Resource
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.http import FHIR_JSON, FHIR_NDJSON, FHIR_NUMBERS, JSON
from fhir_cpt.wire.models import FhirVersion

Json = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_NOT_BLANK = r"^\S+( \S+)*$"
_SCHEMAS: dict[str, Json] = {
    "string": {"type": "string", "minLength": 1},
    "code": {"type": "string", "pattern": _NOT_BLANK, "format": "fhir-code"},
    "uri": {"type": "string", "pattern": r"^\S+$", "format": "fhir-uri"},
    "canonical": {"type": "string", "pattern": r"^\S+$", "format": "fhir-uri"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "date": {"type": "string", "format": "date"},
    "Coding": {"$ref": "#/components/schemas/Coding"},
    "CodeableConcept": {"$ref": "#/components/schemas/CodeableConcept"},
    "Resource": {"$ref": "#/components/schemas/Resource"},
}
"""The JSON Schema of a value of each FHIR type that is a parameter's. Source: FHIR R4, datatypes#primitive."""
_IN_QUERY = {**_SCHEMAS, "Coding": {"type": "string", "minLength": 1, "description": "system|code"}}
"""The same in a query string, where `Resource` and `CodeableConcept` cannot be sent."""
_BODY_ONLY = ("CodeableConcept", "Resource")
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$", "format": "fhir-id"},
}
"""Source: FHIR R4, datatypes#id."""
_MODES = ("full", "normative", "terminology")


def description() -> Json:
    """The whole description: both FHIR bases, the paths relative to where the server is mounted."""
    versions: tuple[FhirVersion, ...] = ("r4", "r5")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fhir-cpt",
            "summary": "US procedure coding over FHIR",
            "version": metadata.version("fhir-cpt"),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": version, "description": f"FHIR {FHIR_NUMBERS[version]}"} for version in versions],
        "paths": {path: _tagged(item, version) for version in versions for path, item in _paths(f"/{version}")},
        "components": {"schemas": _components()},
    }


def _tagged(item: Json, version: str) -> Json:
    """A path's methods, each with the FHIR version as its tag."""
    return {method: {"tags": [version], **operation} for method, operation in item.items()}


def _paths(base: str) -> Iterator[tuple[str, Json]]:
    yield base, {"post": _described("A batch of requests", "Bundle", body={"required": True, **_content("Batch")})}
    mode: Json = {"name": "mode", "in": "query", "schema": {"type": "string", "enum": list(_MODES)}}
    stated = ("CapabilityStatement", "TerminologyCapabilities")
    yield f"{base}/metadata", {"get": _described("What the server does", *stated, parameters=[mode])}
    for resource in RESOURCES:
        yield from _resource(base, resource)
    for operation in OPERATIONS:
        name = f"${operation.name}"
        if operation.system:
            yield f"{base}/{name}", _methods(operation)
        for kind in operation.types:
            yield f"{base}/{kind}/{name}", _methods(operation)
            if operation.instance:
                yield f"{base}/{kind}/{{id}}/{name}", _methods(operation, _ID)


def _resource(base: str, resource: Resource) -> Iterator[tuple[str, Json]]:
    """Read and search of a resource type."""
    fields: dict[str, Json] = {name: {"type": "string"} for name in resource.search}
    fields |= dict.fromkeys(("_count", "_offset"), _SCHEMAS["integer"])
    title = f"Search of {resource.type}s"
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]
    form = {"content": {_FORM: {"schema": {"type": "object", "properties": fields, "additionalProperties": False}}}}
    yield f"{base}/{resource.type}", {"get": _described(title, "Bundle", parameters=parameters)}
    yield f"{base}/{resource.type}/_search", {"post": _described(title, "Bundle", body=form)}
    yield f"{base}/{resource.type}/{{id}}", {"get": _described(f"A {resource.type}", resource.type, parameters=[_ID])}


def _methods(operation: Operation, *path: Json) -> Json:
    """GET, where the operation only reads and its required parameters fit a query string, and POST."""
    parameters = [parameter for parameter in operation.parameters if not parameter.ignored]
    in_query = [parameter for parameter in parameters if parameter.type not in _BODY_ONLY]
    source = {"externalDocs": {"url": operation.definition}}
    kinds = (operation.returns, *operation.views)
    methods: Json = {}
    if operation.safe and all(parameter in in_query for parameter in parameters if parameter.least):
        query = [*path, *map(_query_parameter, in_query)]
        methods["get"] = {**_described(operation.title, *kinds, parameters=query), **source}
    schemas = [_parameters(parameters), *(_resource_of(kind) for kind in operation.takes)]
    body = {"required": True, "content": {FHIR_JSON: {"schema": _one_of(schemas)}}}
    methods["post"] = {**_described(operation.title, *kinds, parameters=path, body=body), **source}
    if operation.views:
        methods["post"]["responses"]["200"]["content"][JSON] = {"schema": {"$ref": "#/components/schemas/Verdict"}}
    if operation.bulk:
        methods["post"]["description"] = (
            f"Takes {FHIR_NDJSON} as well, of any length: each line that is not blank is answered with a line, in "
            "order, while the body arrives. The parameters then stand in the query and hold for all lines; so does the "
            "view that Accept names."
        )
    return methods


def _query_parameter(parameter: Parameter) -> Json:
    schema = _IN_QUERY[parameter.type]
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.doc,
        "required": parameter.least > 0,
        "schema": schema if parameter.most == 1 else {"type": "array", "items": schema},
    }


def _parameters(parameters: Iterable[Parameter]) -> Json:
    """The Parameters resource that holds an operation's inputs."""
    items = [_item(parameter) for parameter in parameters]
    held = {"type": "array", "items": _one_of(items)} if items else {"type": "array", "maxItems": 0}
    return {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"const": "Parameters"}, "parameter": held},
    }


def _item(parameter: Parameter) -> Json:
    kind = parameter.type
    key = "resource" if kind == "Resource" else f"value{kind[0].upper()}{kind[1:]}"
    return {
        "type": "object",
        "description": parameter.doc,
        "required": ["name", key],
        "properties": {"name": {"const": parameter.name}, key: _SCHEMAS[kind]},
    }


def _described(title: str, *kinds: str, parameters: Iterable[Json] = (), body: Json | None = None) -> Json:
    """An operation of OpenAPI that answers with a resource of one of those types, or with an OperationOutcome."""
    answers: Json = {"description": " or ".join(kinds), **_content(*kinds)}
    failure: Json = {"description": "What is wrong with the request", **_content("OperationOutcome")}
    found: Json = {"summary": title, "responses": {"200": answers, "4XX": failure}}
    if listed := list(parameters):
        found["parameters"] = listed
    if body is not None:
        found["requestBody"] = body
    return found


def _content(*kinds: str) -> Json:
    return {"content": {FHIR_JSON: {"schema": _one_of([{"$ref": f"#/components/schemas/{kind}"} for kind in kinds])}}}


def _one_of(schemas: list[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _components() -> Json:
    """The resources in as much as a tool needs to tell them apart; FHIR itself says what they hold."""
    issue = _object({"severity": {"enum": ["fatal", "error", "warning", "information"]}, "code": {"type": "string"}})
    text = {"type": "string"}
    entries = {"type": "array", "items": {"type": "object"}}
    request = _object({"method": {"enum": ["GET", "POST"]}, "url": {"type": "string", "format": "fhir-request"}})
    requests = {"type": "array", "items": _object({"request": request})}
    coding = {
        "type": "object",
        "required": ["code"],
        "properties": {"system": _SCHEMAS["uri"], "version": text, "code": _SCHEMAS["code"], "display": text},
    }
    codings = {"type": "array", "items": {"$ref": "#/components/schemas/Coding"}, "minItems": 1}
    named = {"type": "array", "items": _object({"name": text}), "minItems": 1}
    return {
        "Batch": _resource_of("Bundle", type={"const": "batch"}, entry=requests),
        "Bundle": _resource_of("Bundle", type={"type": "string"}, entry=entries),
        "CapabilityStatement": _resource_of("CapabilityStatement"),
        "ClaimResponse": _resource_of("ClaimResponse"),
        "CodeSystem": _resource_of("CodeSystem"),
        "CodeableConcept": _object({"coding": codings}),
        "Coding": coding,
        "OperationOutcome": _resource_of("OperationOutcome", issue={"type": "array", "items": issue, "minItems": 1}),
        "Parameters": _resource_of("Parameters", parameter=named),
        "Resource": _object({"resourceType": {"type": "string"}}),
        "TerminologyCapabilities": _resource_of("TerminologyCapabilities"),
        "ValueSet": _resource_of("ValueSet"),
        "Verdict": {
            **_object({"result": {"enum": ["fail", "warn", "unchecked", "pass"]}}),
            "externalDocs": {"url": "/verdict.schema.json"},
        },
    }


def _resource_of(kind: str, **elements: Json) -> Json:
    return {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"const": kind}, **elements},
    }


def _object(elements: Json) -> Json:
    """An object that must have these elements."""
    return {"type": "object", "required": list(elements), "properties": elements}
