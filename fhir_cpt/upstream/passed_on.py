"""What may leave the house: the parameters of terminology operations, each in its type, and no other part of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

_CHECK = {
    "code": "Code",
    "display": "String",
    "coding": "Coding",
    "codeableConcept": "CodeableConcept",
    "date": "DateTime",
    "abstract": "Boolean",
    "displayLanguage": "Code",
    "lenient-display-validation": "Boolean",
    "tx-resource": "resource",
}
PASSED_ON: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("CodeSystem", "lookup"): {
        "code": "Code",
        "system": "Uri",
        "version": "String",
        "coding": "Coding",
        "date": "DateTime",
        "displayLanguage": "Code",
        "property": "Code",
        "useSupplement": "Canonical",
        "tx-resource": "resource",
    },
    ("CodeSystem", "validate-code"): {"url": "Uri", "version": "String", **_CHECK},
    ("CodeSystem", "subsumes"): {
        "codeA": "Code",
        "codeB": "Code",
        "system": "Uri",
        "version": "String",
        "codingA": "Coding",
        "codingB": "Coding",
        "tx-resource": "resource",
    },
    ("ValueSet", "validate-code"): {
        "url": "Uri",
        "valueSet": "resource",
        "valueSetVersion": "String",
        "system": "Uri",
        "systemVersion": "String",
        "inferSystem": "Boolean",
        "system-version": "Canonical",
        "check-system-version": "Canonical",
        "force-system-version": "Canonical",
        **_CHECK,
    },
    ("ValueSet", "expand"): {
        "url": "Uri",
        "valueSet": "resource",
        "valueSetVersion": "String",
        "filter": "String",
        "date": "DateTime",
        "offset": "Integer",
        "count": "Integer",
        "includeDesignations": "Boolean",
        "designation": "String",
        "includeDefinition": "Boolean",
        "activeOnly": "Boolean",
        "excludeNested": "Boolean",
        "excludeNotForUI": "Boolean",
        "excludePostCoordinated": "Boolean",
        "displayLanguage": "Code",
        "property": "String",
        "useSupplement": "Canonical",
        "exclude-system": "Canonical",
        "system-version": "Canonical",
        "check-system-version": "Canonical",
        "force-system-version": "Canonical",
        "tx-resource": "resource",
    },
}
"""Operation → the parameters that are passed on, each in its type. Source: the OperationDefinitions of R4 and R5."""

_RESOURCES = ("CodeSystem", "ValueSet", "ConceptMap", "NamingSystem")
_CODING = ("system", "version", "code", "display", "userSelected")
_TRUTH = {"true": True, "false": False}


def typed(name: str, kind: str, value: Any) -> dict[str, Any]:
    """One item of Parameters. Raises ValueError where the value is not of that kind."""
    if kind == "resource":
        if not isinstance(value, dict) or value.get("resourceType") not in _RESOURCES:
            raise ValueError
        return {"name": name, "resource": value}
    return {"name": name, f"value{kind}": _value(kind, value)}


def _value(kind: str, value: Any) -> Any:
    if kind == "Coding":
        if isinstance(value, str):  # as a query has it
            system, _, code = value.rpartition("|")
            return {"system": system, "code": code} if system else {"code": code}
        return _coding(value)
    if kind == "CodeableConcept":  # without its text, in which people may have written anything
        if not isinstance(value, dict) or not isinstance(value.get("coding"), list):
            raise ValueError
        return {"coding": [_coding(item) for item in value["coding"]]}
    text = orjson.dumps(value).decode() if isinstance(value, bool | int) else value
    if not isinstance(text, str):
        raise ValueError
    if kind == "Boolean":
        if text not in _TRUTH:
            raise ValueError
        return _TRUTH[text]
    return int(text) if kind == "Integer" else text


def _coding(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    found = {name: value[name] for name in _CODING if name in value}
    if not all(isinstance(item, bool if name == "userSelected" else str) for name, item in found.items()):
        raise ValueError
    return found
