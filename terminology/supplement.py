"""A code system with supplements laid over it: more designations, properties and extensions of the same concepts.

Source: FHIR, CodeSystem.content = supplement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import msgspec

from terminology.memory import MemoryCodeSystem, as_text
from terminology.messages import canonical
from terminology.model import Concept, PropertyType
from terminology.period import Period
from terminology.provider import CodeSystemProvider, Content, Located
from terminology.standing import Standing


class Supplemented:
    """A code system and its supplements, as one; a `terminology.provider.CodeSystemProvider`.

    Supplements add to concepts that are there; they add no concepts.
    """

    def __init__(self, base: CodeSystemProvider, supplements: Sequence[MemoryCodeSystem]) -> None:
        self.base = base
        self._supplements = supplements
        self.url = base.url
        self.version = base.version
        self.title = base.title
        self.supplemented_by = tuple(canonical(item.url, item.version) for item in supplements)

    @property
    def content(self) -> Content:
        """How much of the system is held."""
        return self.base.content

    @property
    def period(self) -> Period:
        """The days that this version speaks for."""
        return self.base.period

    @property
    def case_sensitive(self) -> bool:
        """Whether codes that differ in case alone are different codes."""
        return self.base.case_sensitive

    @property
    def postcoordinated(self) -> bool:
        """Whether codes may be composed into expressions."""
        return self.base.postcoordinated

    @property
    def language(self) -> str | None:
        """The language of the displays."""
        return self.base.language

    @property
    def standing(self) -> Standing:
        """The standing of the code system itself."""
        return self.base.standing

    @cached_property
    def property_types(self) -> Mapping[str, PropertyType]:
        """The properties of the code system and of the supplements."""
        return {code: kind for item in (*self._supplements, self.base) for code, kind in item.property_types.items()}

    @cached_property
    def property_uris(self) -> Mapping[str, str]:
        """The properties' URIs."""
        return {code: uri for item in (*self._supplements, self.base) for code, uri in item.property_uris.items()}

    @cached_property
    def status_properties(self) -> tuple[str, ...]:
        """The properties that state the status of a concept."""
        found = (code for item in (self.base, *self._supplements) for code in item.status_properties)
        return tuple(dict.fromkeys(found))

    def __len__(self) -> int:
        """How many concepts are held."""
        return len(self.base)

    def locate(self, code: str) -> Located | None:
        """The concept for the code as written, with what the supplements say of it."""
        found = self.base.locate(code)
        return found and found._replace(concept=self._merged(found.concept))

    def hint(self, code: str) -> str | None:
        """What is wrong with the way a code is written."""
        return self.base.hint(code)

    def concept(self, at: int) -> Concept:
        """The concept of that number, with what the supplements say of it."""
        return self._merged(self.base.concept(at))

    def code(self, at: int) -> str:
        """The code of that number."""
        return self.base.code(at)

    def children(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly below."""
        return self.base.children(at)

    def parents(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly above."""
        return self.base.parents(at)

    def having(self, code: str, value: str) -> Collection[int]:
        """The concepts whose property has the value, in the code system or in a supplement."""
        return sorted({*self.base.having(code, value), *self._added.get((code, value), ())})

    def between(self, low: str, high: str) -> Collection[int]:
        """The concepts whose codes lie in the range."""
        return self.base.between(low, high)

    def matching(self, text: str) -> Collection[int]:
        """The concepts that a person who types the text may mean, by the texts of the code system or a supplement."""
        found = list(self.base.matching(text))
        seen = set(found)
        for item in self._supplements:
            for at in item.matching(text):
                located = self.base.locate(item.code(at))
                if located is not None and located.at is not None and located.at not in seen:
                    seen.add(located.at)
                    found.append(located.at)
        return found

    @cached_property
    def _added(self) -> dict[tuple[str, str], set[int]]:
        added: dict[tuple[str, str], set[int]] = {}
        for item in self._supplements:
            for at in range(len(item)):
                concept = item.concept(at)
                located = self.base.locate(concept.code)
                if located is not None and located.at is not None:
                    for one in concept.properties:
                        added.setdefault((one.code, as_text(one.value)), set()).add(located.at)
        return added

    def _merged(self, concept: Concept) -> Concept:
        for item, source in zip(self._supplements, self.supplemented_by, strict=True):
            more = item.locate(concept.code)
            if more is None:
                continue
            said = {extension.url for extension in more.concept.extensions}
            own = tuple(extension for extension in concept.extensions if extension.url not in said)
            texts = tuple(msgspec.structs.replace(text, source=source) for text in more.concept.designations)
            concept = msgspec.structs.replace(
                concept,
                designations=concept.designations + texts,
                properties=concept.properties + more.concept.properties,
                extensions=own + more.concept.extensions,
            )
        return concept
