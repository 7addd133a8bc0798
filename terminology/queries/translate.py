"""What a code is in another code system, by concept maps. FHIR: ConceptMap-operation-translate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from terminology.concept_map import ConceptMap, Group, Relationship
from terminology.model import Coding

MATCHES = frozenset({"equivalent", "related-to", "source-is-narrower-than-target", "source-is-broader-than-target"})
"""The relationships that make a mapping a match."""


class Match(NamedTuple):
    """A mapping that was found: from `source` to `concept`, as the map of that canonical has it."""

    source: Coding
    concept: Coding
    relationship: Relationship
    origin: ConceptMap
    comment: str | None = None


def translate(
    maps: Iterable[ConceptMap],
    *,
    source: str | None = None,
    code: str | None = None,
    target: str | None = None,
    target_code: str | None = None,
) -> list[Match]:
    """The mappings from a code of the system `source`, or (given `target_code`) to a code of the system `target`.

    Either system may be left open. What a group says of unmapped codes counts where it maps the code nowhere.
    """
    found: dict[tuple[str, str, str], Match] = {}
    for one in maps:
        for group in one.groups:
            if (source and group.source != source) or (target and group.target != target):
                continue
            for match in _in_group(one, group, code, target_code):
                found.setdefault((match.source.code, match.concept.system, match.concept.code), match)
    return list(found.values())


def _in_group(origin: ConceptMap, group: Group, code: str | None, target_code: str | None) -> Iterator[Match]:
    mapped = False
    for element in group.elements:
        if code is not None and element.code != code:
            continue
        mapped = True
        source = Coding(group.source, element.code, element.display)
        for item in element.targets:
            if item.code and (target_code is None or item.code == target_code):
                concept = Coding(group.target, item.code, item.display)
                yield Match(source, concept, item.relationship, origin, item.comment)
    rest = group.unmapped
    if code is None or target_code is not None or mapped or rest is None:
        return
    unmapped = code if rest.mode in ("use-source-code", "provided") else rest.code
    if unmapped:
        concept = Coding(group.target, unmapped, rest.display)
        yield Match(Coding(group.source, code), concept, rest.relationship, origin)
