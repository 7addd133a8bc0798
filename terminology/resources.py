"""Code systems, value sets and concept maps that a client brings along: held beside a release, for one request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from terminology.concept_map import ConceptMap
from terminology.memory import MemoryCodeSystem
from terminology.valueset import ValueSet
from terminology.versions import age, is_wild, matches

T = TypeVar("T")
_STUBS = frozenset({"not-present", "example"})


class Resources:
    """What was brought along, by canonical URL. The last of one URL and version counts.

    A code system whose concepts are not in the resource (content `not-present`, or `example`) is not held: its own
    server, or the release, knows it better.
    """

    def __init__(
        self,
        code_systems: Iterable[MemoryCodeSystem] = (),
        value_sets: Iterable[ValueSet] = (),
        concept_maps: Iterable[ConceptMap] = (),
    ) -> None:
        self._systems: dict[str, dict[str, MemoryCodeSystem]] = {}
        self._value_sets: dict[str, dict[str, ValueSet]] = {}
        for system in code_systems:
            if system.content in _STUBS:
                continue
            self._systems.setdefault(system.url, {})[system.version] = system
        for value_set in value_sets:
            self._value_sets.setdefault(value_set.url, {})[value_set.version] = value_set
        self.concept_maps = tuple(concept_maps)

    def __bool__(self) -> bool:
        return bool(self._systems or self._value_sets or self.concept_maps)

    def versions(self, url: str) -> list[str]:
        """The versions of a code system, oldest first; those without a version are not told."""
        return sorted((version for version in self._systems.get(url, ()) if version), key=age)

    def code_system(self, url: str, version: str | None) -> MemoryCodeSystem | None:
        """The newest version of the code system that is the one wanted; supplements among them."""
        return _newest(self._systems.get(url, {}), version)

    def value_set(self, url: str, version: str | None) -> ValueSet | None:
        """The newest version of the value set that is the one wanted."""
        return _newest(self._value_sets.get(url, {}), version)

    def value_sets(self) -> Iterable[ValueSet]:
        """Every value set."""
        return (item for versions in self._value_sets.values() for item in versions.values())


def _newest(held: dict[str, T], version: str | None) -> T | None:
    if version and not is_wild(version):
        return held.get(version)
    fitting = [text for text in held if not version or matches(version, text)]
    return held[max(fitting, key=age)] if fitting else None


NOTHING = Resources()
