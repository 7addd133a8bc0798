"""Code systems held in memory: those that are sent along with a request."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from terminology.model import Coding, Concept, PropertyType, PropertyValue
from terminology.period import ALWAYS, Period
from terminology.provider import Content, Located
from terminology.release.postings import words
from terminology.standing import GOOD, Standing, known_as

_NO_NUMBERS: Sequence[int] = ()


class MemoryCodeSystem:
    """One version of a code system, from its concepts; a `terminology.provider.CodeSystemProvider`.

    Concepts are numbered in the order given. `supplements` is the canonical of the code system that this one
    supplements, empty for a code system of its own.
    """

    postcoordinated = False
    supplemented_by: tuple[str, ...] = ()

    def __init__(
        self,
        url: str,
        concepts: Sequence[Concept],
        *,
        version: str = "",
        title: str = "",
        content: Content = "complete",
        case_sensitive: bool = True,
        language: str | None = None,
        property_types: Mapping[str, PropertyType] = MappingProxyType({}),
        property_uris: Mapping[str, str] = MappingProxyType({}),
        standing: Standing = GOOD,
        supplements: str = "",
    ) -> None:
        """Index the concepts. Raises ValueError for a code that appears twice."""
        self.url = url
        self.version = version
        self.title = title or url
        self.content: Content = content
        self.case_sensitive = case_sensitive
        self.language = language
        self.property_uris = property_uris
        self.standing = standing
        self.supplements = supplements
        self._concepts = concepts
        self._at: dict[str, int] = {}
        for at, concept in enumerate(concepts):
            if self._at.setdefault(concept.code, at) != at:
                raise ValueError(f"the code {concept.code!r} is there twice")
        used: dict[str, PropertyType] = {item.code: item.type for concept in concepts for item in concept.properties}
        self.property_types: Mapping[str, PropertyType] = {**used, **property_types}
        self.status_properties = tuple(
            code for code in known_as("status", property_uris) if code in self.property_types
        )

    @property
    def period(self) -> Period:
        """All days: what is sent along says nothing of days."""
        return ALWAYS

    def __len__(self) -> int:
        """How many concepts are held."""
        return len(self._concepts)

    def locate(self, code: str) -> Located | None:
        """The concept for the code as written, in any case where case does not matter."""
        at = self._at.get(code)
        if at is not None:
            return Located(self._concepts[at], at)
        if self.case_sensitive:
            return None
        at = self._folded.get(code.casefold())
        return None if at is None else Located(self._concepts[at], at, "case")

    def hint(self, code: str) -> str | None:
        """Nothing: what is wrong with a code of a system of somebody else's is not known."""
        del code
        return None

    def concept(self, at: int) -> Concept:
        """The concept of that number."""
        return self._concepts[at]

    def code(self, at: int) -> str:
        """The code of that number."""
        return self._concepts[at].code

    def children(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly below."""
        return self._below.get(at, _NO_NUMBERS)

    def parents(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly above."""
        return [self._at[code] for code in self._concepts[at].parents if code in self._at]

    def having(self, code: str, value: str) -> Collection[int]:
        """The concepts whose property has the value, in order."""
        return self._by_property.get((code, value), _NO_NUMBERS)

    def between(self, low: str, high: str) -> Collection[int]:
        """The concepts whose codes lie in the range, both ends included, in code order."""
        codes = self._sorted
        return [self._at[code] for code in codes[bisect_left(codes, low) : bisect_right(codes, high)]]

    def matching(self, text: str) -> Collection[int]:
        """The concepts whose code starts with the text, then those with words that start like each of its words."""
        typed = text.strip().casefold()
        by_code = [at for at, concept in enumerate(self._concepts) if concept.code.casefold().startswith(typed)]
        wanted, first = words(text), set(by_code)
        if not wanted:
            return by_code
        return by_code + [
            at
            for at, own in enumerate(self._words)
            if at not in first and all(any(word.startswith(start) for word in own) for start in wanted)
        ]

    @cached_property
    def _folded(self) -> dict[str, int]:
        return {code.casefold(): at for code, at in reversed(self._at.items())}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._at)

    @cached_property
    def _below(self) -> dict[int, list[int]]:
        below: dict[int, list[int]] = defaultdict(list)
        for at, concept in enumerate(self._concepts):
            for parent in dict.fromkeys(concept.parents):
                if parent in self._at:
                    below[self._at[parent]].append(at)
        return dict(below)

    @cached_property
    def _by_property(self) -> dict[tuple[str, str], list[int]]:
        index: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, concept in enumerate(self._concepts):
            for key in {(item.code, as_text(item.value)) for item in concept.properties}:
                index[key].append(at)
        return dict(index)

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [
            frozenset(
                word
                for text in (concept.display or "", *(item.value for item in concept.designations))
                for word in words(text)
            )
            for concept in self._concepts
        ]


def as_text(value: PropertyValue) -> str:
    """A property's value as filters write it: booleans are `true` and `false`, codings their code."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.code if isinstance(value, Coding) else str(value)
