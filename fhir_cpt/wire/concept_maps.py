"""ConceptMap resources as concept maps. FHIR: ConceptMap, R4 (equivalence) and R5 (relationship)."""

from __future__ import annotations

from typing import get_args

from fhir_cpt.wire.elements import Element
from terminology.concept_map import ConceptMap, Group, Relationship, Target, Unmapped
from terminology.concept_map import Element as Mapped

EQUIVALENCE: dict[Relationship, str] = {
    "related-to": "relatedto",
    "equivalent": "equivalent",
    "source-is-narrower-than-target": "wider",
    "source-is-broader-than-target": "narrower",
    "not-related-to": "unmatched",
}
"""R5's relationships in R4's words. Source: FHIR R5, ConceptMap, differences from R4."""
_RELATIONSHIP: dict[str, Relationship] = {
    **{equivalence: relationship for relationship, equivalence in EQUIVALENCE.items()},
    "equal": "equivalent",
    "subsumes": "source-is-narrower-than-target",
    "specializes": "source-is-broader-than-target",
    "inexact": "related-to",
    "disjoint": "not-related-to",
    **{relationship: relationship for relationship in get_args(Relationship)},
}


def concept_map(element: Element) -> ConceptMap:
    """The concept map of a resource. Raises RequestError that names the place of what is wrong."""
    return ConceptMap(
        element.text("url") or "",
        element.text("id") or "",
        element.text("version") or "",
        _scope(element, "source"),
        _scope(element, "target"),
        tuple(_group(item) for item in element.elements("group")),
    )


def _scope(element: Element, side: str) -> str:
    names = (f"{side}ScopeCanonical", f"{side}ScopeUri", f"{side}Canonical", f"{side}Uri")
    return next((text for name in names if (text := element.text(name))), "")


def _group(element: Element) -> Group:
    source, _, source_version = (element.text("source") or "").partition("|")
    target, _, target_version = (element.text("target") or "").partition("|")
    unmapped = element.element("unmapped")
    return Group(
        source,
        target,
        tuple(_mapped(item) for item in element.elements("element")),
        source_version or element.text("sourceVersion") or "",
        target_version or element.text("targetVersion") or "",
        _unmapped(unmapped) if unmapped is not None else None,
    )


def _mapped(element: Element) -> Mapped:
    targets = tuple(
        Target(item.text("code") or "", _relationship(item), item.text("display"), item.text("comment"))
        for item in element.elements("target")
    )
    return Mapped(element.required("code"), targets, element.text("display"))


def _unmapped(element: Element) -> Unmapped:
    other = element.text("otherMap") or element.text("url") or ""
    relationship = _relationship(element) if "relationship" in element else "related-to"
    return Unmapped(element.required("mode"), element.text("code") or "", element.text("display"), relationship, other)


def _relationship(element: Element) -> Relationship:
    stated = element.text("relationship") or element.text("equivalence") or "equivalent"
    if stated not in _RELATIONSHIP:
        raise element.wrong("relationship", f"one of {', '.join(sorted(_RELATIONSHIP))}")
    return _RELATIONSHIP[stated]
