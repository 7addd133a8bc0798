"""Our OperationDefinitions, CodeSystems and StructureDefinitions, derived from the registry and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

from fhir_cpt.cds.overrides import OVERRIDES, REASONS
from fhir_cpt.operations.call import Operation
from fhir_cpt.operations.registry import OPERATIONS
from fhir_cpt.rules.code_system import claim_edits
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.claim_edits import claim_edit_json
from fhir_cpt.wire.claim_response import REMARK
from fhir_cpt.wire.findings import RESULT
from terminology.model import CANONICAL

Json = dict[str, Any]
_SUPPORTING_INFO = {
    "minutes": "Total minutes of the service, as documented; valueQuantity in minutes",
    "days": "Days on which data were recorded, as documented; valueQuantity in days",
    "mdm-problems": "Number and complexity of problems: straightforward, low, moderate or high; valueString",
    "mdm-data": "Amount and complexity of data: straightforward, low, moderate or high; valueString",
    "mdm-risk": "Risk of complications or morbidity: straightforward, low, moderate or high; valueString",
    "note": "A note that supports the service",
}
_PARTS = (
    ("state", "code", 1, "1", "How the edit ended: fail, bypassed, pass or no-data"),
    ("disposition", "code", 1, "1", "What the payer would do: deny, reject, review or inform"),
    ("citation", "string", 0, "1", "The published rule"),
    ("edition", "string", 0, "1", "The edition of the table that the row comes from"),
    ("missing", "string", 0, "1", "The table or fact that a no-data result lacks"),
    ("severity", "code", 0, "1", "On a ClaimResponse, what OperationOutcome.issue.severity would be"),
    ("code", "code", 0, "1", "On a ClaimResponse, what OperationOutcome.issue.code would be"),
    ("expression", "string", 0, "*", "On a ClaimResponse, what OperationOutcome.issue.expression would be"),
    ("evidence", "Extension", 0, "*", "A name and a value of the table's row, as nested extensions"),
    (
        "fix",
        "Extension",
        0,
        "1",
        "A way to mend it: text, documentation, a reference to a contained FHIRPath Patch",
    ),
)

_LEVELS = ("", "item.", "item.detail.", "item.detail.subDetail.")


def definitions() -> Iterator[Json]:
    """Every definition, each with an id that names its file."""
    yield from (_operation(operation) for operation in OPERATIONS if operation.definition.startswith(CANONICAL))
    yield claim_edit_json(claim_edits())
    yield _code_system(
        "supporting-info",
        "SupportingInfo",
        "Documented facts",
        "Categories of Claim.supportingInfo that tell edits what the record documents.",
        [{"code": code, "display": code, "definition": text} for code, text in _SUPPORTING_INFO.items()],
    )
    yield _code_system(
        OVERRIDES.rsplit("/", 1)[-1],
        "CardOverride",
        "Reasons to set a card aside",
        "Reasons that the cards of CDS Hooks offer to whoever does not follow them.",
        [{"code": code, "display": text, "definition": text} for code, text in REASONS.items()],
    )
    yield _result()
    yield _remark()


def _described(kind: str, name: str, title: str, identifier: str) -> Json:
    return {
        "resourceType": kind,
        "id": identifier,
        "url": f"{CANONICAL}{kind}/{identifier}",
        "version": metadata.version("fhir-cpt"),
        "name": name,
        "title": title,
        "status": "active",
        "experimental": False,
    }


def _operation(operation: Operation) -> Json:
    identifier = operation.definition.rsplit("/", 1)[-1]
    name = "".join(part.capitalize() for part in identifier.split("-"))
    return {
        **_described("OperationDefinition", name, operation.title, identifier),
        "kind": "operation",
        "affectsState": not operation.safe and operation.name != "validate",
        "code": operation.name,
        "resource": list(operation.types),
        "system": operation.system,
        "type": True,
        "instance": operation.instance,
        "parameter": [
            *(_parameter(parameter) for parameter in operation.parameters if not parameter.ignored),
            {
                "name": "return",
                "use": "out",
                "min": 1,
                "max": "1",
                "documentation": "What was found; an error, warning or information for each finding"
                + (
                    ". With _view other forms of it: a ClaimResponse (of a Bundle, a Bundle of them), or plain JSON"
                    if operation.views
                    else ""
                ),
                "type": "Resource" if operation.views else operation.returns,
            },
        ],
    }


def _parameter(parameter: Parameter) -> Json:
    most = "*" if parameter.most is None else str(parameter.most)
    return {
        "name": parameter.name,
        "use": "in",
        "min": parameter.least,
        "max": most,
        "documentation": parameter.doc,
        "type": parameter.type,
    }


def _code_system(identifier: str, name: str, title: str, description: str, concepts: list[Json]) -> Json:
    return {
        **_described("CodeSystem", name, title, identifier),
        "description": description,
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def _result() -> Json:
    """The extension of OperationOutcome.issue that carries an edit's result."""
    elements: list[Json] = [
        {"id": "Extension", "path": "Extension", "definition": "How one claim edit ended", "min": 0, "max": "*"}
    ]
    for name, kind, least, most, text in _PARTS:
        slice_id = f"Extension.extension:{name}"
        elements.append(
            {
                "id": slice_id,
                "path": "Extension.extension",
                "sliceName": name,
                "definition": text,
                "min": least,
                "max": most,
            }
        )
        elements.append({"id": f"{slice_id}.url", "path": "Extension.extension.url", "fixedUri": name})
        if kind != "Extension":
            value = {"id": f"{slice_id}.value[x]", "path": "Extension.extension.value[x]", "type": [{"code": kind}]}
            elements.append(value)
    elements.append({"id": "Extension.url", "path": "Extension.url", "fixedUri": RESULT})
    return {
        **_described("StructureDefinition", "ClaimEditResult", "Claim edit result", RESULT.rsplit("/", 1)[-1]),
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [
            {"type": "element", "expression": place}
            for place in ("OperationOutcome.issue", *(f"ClaimResponse.{level}adjudication" for level in _LEVELS))
        ],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": elements},
    }


def _remark() -> Json:
    """The extension of ClaimResponse.processNote that carries its remark codes."""
    return {
        **_described("StructureDefinition", "ClaimRemark", "Remark codes of a note", REMARK.rsplit("/", 1)[-1]),
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "ClaimResponse.processNote"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {
                    "id": "Extension",
                    "path": "Extension",
                    "definition": "The remark codes (RARC) of the note",
                    "max": "1",
                },
                {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": REMARK},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": "CodeableConcept"}],
                },
            ]
        },
    }
