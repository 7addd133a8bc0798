"""Concept maps: what a code of one system is in another. FHIR: ConceptMap."""

from __future__ import annotations

from typing import Literal

import msgspec

Relationship = Literal[
    "related-to",
    "equivalent",
    "source-is-narrower-than-target",
    "source-is-broader-than-target",
    "not-related-to",
]


class Target(msgspec.Struct, frozen=True):
    """A code that a code is mapped to, and how the two relate. `code` is empty where there is no match."""

    code: str
    relationship: Relationship = "equivalent"
    display: str | None = None
    comment: str | None = None


class Element(msgspec.Struct, frozen=True):
    """A code and what it is mapped to."""

    code: str
    targets: tuple[Target, ...] = ()
    display: str | None = None


class Unmapped(msgspec.Struct, frozen=True):
    """What becomes of codes that a group does not map: `fixed` code, itself (`use-source-code`), another map."""

    mode: str
    code: str = ""
    display: str | None = None
    relationship: Relationship = "related-to"
    other: str = ""


class Group(msgspec.Struct, frozen=True):
    """The mappings between two code systems."""

    source: str
    target: str
    elements: tuple[Element, ...] = ()
    source_version: str = ""
    target_version: str = ""
    unmapped: Unmapped | None = None


class ConceptMap(msgspec.Struct, frozen=True):
    """A concept map. `source` and `target` are the value sets between which it maps, where it says so."""

    url: str
    id: str = ""
    version: str = ""
    source: str = ""
    target: str = ""
    groups: tuple[Group, ...] = ()
