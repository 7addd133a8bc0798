"""The suite is in R5: requests to an R4 server are turned into R4, its answers back. Source: FHIR R5, differences."""

from __future__ import annotations

from typing import Any

from fhir_cpt.wire.concept_maps import EQUIVALENCE
from fhir_cpt.wire.expansion import CONTAINS_PROPERTY, PROPERTY
from fhir_cpt.wire.value_sets import FILTER_OP

Json = dict[str, Any]
_R5_OPERATORS = frozenset({"child-of", "descendent-leaf"})
_R5_ELEMENTS = frozenset(
    {"versionAlgorithmString", "versionAlgorithmCoding", "scope", "copyrightLabel", "approvalDate", "lastReviewDate"}
)


def request_as_r4(node: Any) -> Any:
    """A request's resource with what only R5 has in R4's way."""
    if isinstance(node, list):
        return [request_as_r4(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: request_as_r4(item) for name, item in node.items() if name not in _R5_ELEMENTS}
    if made.get("op") in _R5_OPERATORS and "property" in made:
        made["_op"] = {"extension": [{"url": FILTER_OP, "valueCode": made.pop("op")}]}
    if made.get("resourceType") == "ConceptMap":
        _concept_map(made)
    return made


def _concept_map(made: Json) -> None:
    for side in ("source", "target"):
        for kind in ("Uri", "Canonical"):
            if f"{side}Scope{kind}" in made:
                made[f"{side}{kind}"] = made.pop(f"{side}Scope{kind}")
    for group in made.get("group", ()):
        group.get("unmapped", {}).pop("relationship", None)
        for element in group.get("element", ()):
            for target in element.get("target", ()):
                if "relationship" in target:
                    target["equivalence"] = EQUIVALENCE[target.pop("relationship")]


def answer_as_r5(node: Any) -> Any:
    """An R4 answer with the extensions that stand for R5's properties of expansions as properties."""
    if isinstance(node, list):
        return [answer_as_r5(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: answer_as_r5(item) for name, item in node.items()}
    properties, kept = [], []
    for item in made.get("extension", ()):
        if item.get("url") in (PROPERTY, CONTAINS_PROPERTY):
            parts = {part["url"]: part for part in item["extension"]}
            value = {key: one for key, one in parts.get("value", {}).items() if key != "url"}
            uri = {"uri": parts["uri"]["valueUri"]} if "uri" in parts else {}
            properties.append({"code": parts["code"]["valueCode"], **uri, **value})
        else:
            kept.append(item)
    if properties:
        made["property"] = properties
        made["extension"] = kept
        if not kept:
            del made["extension"]
    return made
