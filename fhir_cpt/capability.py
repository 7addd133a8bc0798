"""CapabilityStatement and TerminologyCapabilities, derived from what is registered and what is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any

from fhir_cpt.operations.call import Operation
from fhir_cpt.operations.keeping import TYPES as KEPT
from fhir_cpt.operations.registry import OPERATIONS
from fhir_cpt.operations.resources import RESOURCES
from fhir_cpt.served import Served
from fhir_cpt.wire.http import FHIR_JSON, FHIR_NDJSON, FHIR_NUMBERS
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.terminology import HIERARCHICAL
from terminology.model import CANONICAL
from terminology.period import Day

Json = dict[str, Any]
_RELEASED = "2026-11-21"
"""The day of this version of the software, as CHANGELOG has it."""
_BULK = (
    f"A POST of {FHIR_NDJSON} is answered in the same: an OperationOutcome for each line that is not blank, in order, "
    "while the body arrives; the parameters in the query hold for all lines."
)
_TYPES = ("CodeSystem", "ValueSet", "ConceptMap", "Claim", "ChargeItem")
_FEATURE = "http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature"
_FEATURES = (
    ("http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version", {"valueCode": "1.9.0"}),
    ("http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter", {"valueBoolean": True}),
)
"""What HL7's terminology ecosystem asks servers to declare: the test cases they were made for, and that code systems
may be sent as parameters. Source: tx-ecosystem, capstmt.json."""
_KEEPING: Json = {
    "documentation": "Kept are lines and authorizations for the patient's history, not the resource. The resource must "
    "have an identifier with a system; sent again, it takes the place of what was kept before.",
    "interaction": [{"code": "create"}, {"code": "delete"}],
    "conditionalDelete": "single",
    "searchParam": [{"name": "identifier", "type": "token"}],
}
"""What is declared of the types that make up a history."""
_SEARCH_TYPES = {
    "_id": "token",
    "url": "uri",
    "version": "token",
    "name": "string",
    "title": "string",
    "status": "token",
}


def capability_statement(
    served: Served, version: FhirVersion, base: str, upstreams: Sequence[str] = (), *, keeps: bool = False
) -> Json:
    """What the server does, for `GET /metadata`. FHIR: capabilitystatement.

    `upstreams` are the servers it may ask; `keeps` tells whether it keeps a history.
    """
    resources = {resource.type: resource for resource in RESOURCES}
    declared: list[Json] = []
    for kind in (*_TYPES, *(["ClaimResponse"] if keeps else [])):
        entry: Json = {"type": kind, **(_KEEPING if keeps and kind in KEPT else {})}
        if kind in resources:
            entry["interaction"] = [{"code": "read"}, {"code": "search-type"}]
            entry["searchParam"] = [{"name": name, "type": _SEARCH_TYPES[name]} for name in resources[kind].search]
        if offered := [_declared(operation) for operation in OPERATIONS if kind in operation.types]:
            entry["operation"] = offered
        declared.append(entry)
    return {
        "resourceType": "CapabilityStatement",
        "id": "fhir-cpt",
        **_described("CapabilityStatement"),
        "date": served.release.manifest.created,
        "extension": [
            {"url": _FEATURE, "extension": [{"url": "definition", "valueCanonical": name}, {"url": "value", **value}]}
            for name, value in _FEATURES
        ],
        "kind": "instance",
        "instantiates": ["http://hl7.org/fhir/CapabilityStatement/terminology-server"],
        "software": {"name": "fhir-cpt", "version": metadata.version("fhir-cpt"), "releaseDate": _RELEASED},
        "implementation": {"description": "US procedure coding over FHIR", "url": base},
        "fhirVersion": FHIR_NUMBERS[version],
        "format": [FHIR_JSON, "json"],
        "rest": [
            {
                "mode": "server",
                **({"documentation": _forwarding(upstreams)} if upstreams else {}),
                "security": {
                    "service": [{"text": "None"}],
                    "description": "None of its own: put it behind your gateway, or mount it in an app that has some.",
                },
                "resource": declared,
                "interaction": [{"code": "batch"}],
                "operation": [_declared(operation) for operation in OPERATIONS if operation.system],
            }
        ],
    }


def _declared(operation: Operation) -> Json:
    told = operation.title
    if operation.views:
        told += (
            ". Answers with an OperationOutcome; with _view=claim-response or Accept: application/fhir+json; "
            "view=claim-response with a ClaimResponse; with _view=flat or Accept: application/json; view=flat with "
            "JSON that is no FHIR, described at /verdict.schema.json"
        )
    if operation.bulk:
        told = f"{told}. {_BULK}"
    return {"name": operation.name, "definition": operation.definition, "documentation": told}


def terminology_capabilities(served: Served, version: FhirVersion, day: Day, *, cached: bool = True) -> Json:
    """Which code systems are held in which versions, for `GET /metadata?mode=terminology`.

    The default version is the one that answers for the day, the current one. `cached` tells whether what clients send
    is kept for their next requests: they leave resources out where `cache-id` is offered.
    """
    systems = []
    for url, editions in served.release.code_systems.items():
        default = editions.on(day)
        held: Json = {
            "uri": url,
            "version": [
                {
                    "code": held.version,
                    "isDefault": held.version == default.edition.version,
                    "compositional": held.postcoordinated,
                }
                for held in reversed(editions.versions)
            ],
        }
        if version == "r5":
            held["content"] = default.table.content
        systems.append({**held, "subsumption": url in HIERARCHICAL})
    own: Json = {"uri": served.claim_edits.url, "version": [{"code": served.claim_edits.version, "isDefault": True}]}
    systems.append({**own, **({"content": "complete"} if version == "r5" else {}), "subsumption": False})
    expand = next(operation for operation in OPERATIONS if operation.name == "expand")
    return {
        "resourceType": "TerminologyCapabilities",
        "id": "fhir-cpt",
        **_described("TerminologyCapabilities"),
        "date": served.release.manifest.created,
        "kind": "instance",
        "software": {"name": "fhir-cpt", "version": metadata.version("fhir-cpt")},
        "codeSystem": systems,
        "expansion": {
            "hierarchical": True,
            "paging": True,
            "incomplete": True,
            "parameter": [
                {"name": parameter.name, "documentation": parameter.doc}
                for parameter in expand.parameters
                if cached or parameter.name != "cache-id"
            ],
            "textFilter": "The start of a code, or starts of words, in any case and order.",
        },
        "validateCode": {"translations": False},
        "translation": {"needsMap": True},
        "closure": {"translation": False},
    }


def _forwarding(upstreams: Sequence[str]) -> str:
    return (
        "Questions about code systems and value sets that are not held here are passed on, without anything but "
        f"terminology, to {', '.join(upstreams)}. Such an answer names who gave it in x-answered-by."
    )


def _described(kind: str) -> Json:
    return {
        "url": f"{CANONICAL}{kind}/fhir-cpt",
        "version": metadata.version("fhir-cpt"),
        "name": "FhirCpt",
        "title": "fhir-cpt: US procedure coding",
        "status": "active",
        "experimental": False,
    }
