"""Compiled code systems: concepts in code order, with indexes by parent, by property value and by word."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

import msgspec

from terminology import expression
from terminology.model import Coding, Concept, Edition, Property, PropertyType, PropertyValue
from terminology.period import Period
from terminology.provider import Content, Located
from terminology.release import keys, postings, sections
from terminology.release.tables import CodeSystemTable
from terminology.standing import GOOD

REMEMBERED = 2048
"""Codes of an edition whose concepts are kept decoded; what is asked for in practice repeats."""
LONGEST = 64
"""Characters. No code and no expression is longer, and what is remembered must stay small."""
DOTTED = 3
"""ICD-10-CM codes have their dot after the third character."""


def write(path: Path, concepts: Iterable[Concept]) -> int:
    """Write the concepts of one edition; returns how many. Raises ValueError for a code that appears twice."""
    ordered = sorted(((keys.pack(concept.code), concept) for concept in concepts), key=itemgetter(0))
    at = {concept.code: number for number, (_, concept) in enumerate(ordered)}
    if len(at) < len(ordered):
        twice = next(one.code for (_, one), (_, other) in pairwise(ordered) if one.code == other.code)
        raise ValueError(f"the code {twice} is there twice")
    heap, offsets = bytearray(), array("Q", [0])
    children: dict[int, list[int]] = defaultdict(list)
    by_property: dict[str, list[int]] = defaultdict(list)
    by_word: dict[str, list[int]] = defaultdict(list)
    types: dict[str, PropertyType] = {}
    encode = msgspec.msgpack.Encoder().encode
    for number, (_, concept) in enumerate(ordered):
        heap += encode(concept)
        offsets.append(len(heap))
        for parent in concept.parents:
            if parent in at:
                children[at[parent]].append(number)
        for item in concept.properties:
            types.setdefault(item.code, item.type)
        for term in {property_term(item.code, item.value) for item in concept.properties}:
            by_property[term].append(number)
        texts = [concept.display or "", *(designation.value for designation in concept.designations)]
        for word in {word for text in texts for word in postings.words(text)}:
            by_word[word].append(number)
    first, below = array("I", [0]), array("I")
    for number in range(len(ordered)):
        below.extend(children.get(number, ()))
        first.append(len(below))
    sections.write(
        path,
        {
            "keys": array("Q", (key for key, _ in ordered)),
            "offsets": offsets,
            "heap": heap,
            "children.first": first,
            "children.numbers": below,
            "types": msgspec.json.encode(types),
            **postings.sections_of("properties", by_property),
            **postings.sections_of("words", by_word),
        },
    )
    return len(ordered)


def property_term(code: str, value: PropertyValue) -> str:
    """How a property and its value are indexed."""
    if isinstance(value, bool):
        return f"{code}\0{'true' if value else 'false'}"
    return f"{code}\0{value.code if isinstance(value, Coding) else value}"


class CompiledCodeSystem:
    """One edition of a code system in a release; a `terminology.provider.CodeSystemProvider`.

    Codes are taken in any case: all the code systems that are compiled use upper-case letters alone.
    """

    case_sensitive = False
    language = "en"
    standing = GOOD
    status_properties: tuple[str, ...] = ()
    property_uris: Mapping[str, str] = MappingProxyType({})
    supplemented_by: tuple[str, ...] = ()

    def __init__(self, path: Path, table: CodeSystemTable, edition: Edition, content: Content) -> None:
        """Map the file. Raises ReleaseMismatch where it is not one of this kind."""
        file = sections.Sections(path)
        self.table = table
        self.edition = edition
        self.content: Content = content
        self.modifiers_from: tuple[CompiledCodeSystem, ...] = ()
        self._keys = file.numbers("keys")
        self._offsets = file.numbers("offsets")
        self._heap = file.bytes("heap")
        self._first = file.numbers("children.first")
        self._below = file.numbers("children.numbers")
        self._properties = postings.Postings(file, "properties")
        self._words = postings.Postings(file, "words")
        self._types = msgspec.json.decode(file.bytes("types"), type=dict[str, PropertyType])
        self._decode = msgspec.msgpack.Decoder(Concept).decode
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._locate)

    @property
    def postcoordinated(self) -> bool:
        """Whether codes may be composed with modifiers into expressions."""
        return self.table.postcoordinated

    @property
    def url(self) -> str:
        """The canonical URL."""
        return self.table.url

    @property
    def version(self) -> str:
        """The agency's name for the edition."""
        return self.edition.version

    @property
    def title(self) -> str:
        """A name for people."""
        return self.table.title

    @property
    def period(self) -> Period:
        """The days that the edition speaks for."""
        return self.edition.period

    @property
    def property_types(self) -> Mapping[str, PropertyType]:
        """The properties that concepts have."""
        return self._types

    def __len__(self) -> int:
        """How many concepts are held."""
        return len(self._keys)

    def __contains__(self, code: str) -> bool:
        return keys.position(self._keys, code) is not None

    def locate(self, code: str) -> Located | None:
        """The concept for the code, in any case, ICD-10-CM with or without its dot; or the expression's, for CPT."""
        return self._remembered(code) if len(code) <= LONGEST else None

    def _locate(self, code: str) -> Located | None:
        at = keys.position(self._keys, code)
        if at is not None:
            return Located(self.concept(at), at)
        if self.postcoordinated and expression.SEPARATOR in code:
            return self._composed(code)
        if not code.isascii():  # ß in upper case would be SS
            return None
        upper = code.upper()
        if upper != code and (at := keys.position(self._keys, upper)) is not None:
            return Located(self.concept(at), at, "case")
        dotted = self._with_dot(upper)
        if dotted and (at := keys.position(self._keys, dotted)) is not None:
            return Located(self.concept(at), at, "form")
        return None

    def _with_dot(self, code: str) -> str | None:
        """The code with the dot that it was written without, where the system's codes have one."""
        if not self.table.dotted or "." in code or len(code) <= DOTTED:
            return None
        return f"{code[:DOTTED]}.{code[DOTTED:]}"

    def _composed(self, text: str) -> Located | None:
        """The concept of an expression: the code's, modified. Its modifiers may be of another system (HCPCS)."""
        parsed = expression.parse(text)
        base = self.locate(parsed.code) if parsed else None
        if parsed is None or base is None or base.concept.value("modifier") is True:
            return None
        if not all(self._is_modifier(modifier) for modifier in parsed.modifiers):
            return None
        told = tuple(item for item in base.concept.properties if item.code not in ("modified", "known-from"))
        composed = msgspec.structs.replace(
            base.concept,
            code=str(parsed),
            display=None,
            designations=(),
            properties=(*told, Property("modified", True, "boolean"), Property("base", parsed.code, "code")),
        )
        return Located(composed, None, "case" if text != str(parsed) else None)

    def _is_modifier(self, code: str) -> bool:
        for system in (self, *self.modifiers_from):
            found = system.locate(code)
            if found is not None and found.concept.value("modifier") is True:
                return True
        return False

    def hint(self, code: str) -> str | None:
        """What is wrong with an expression that is not found, in a sentence; None where nothing can be said."""
        if not self.postcoordinated:
            return None
        if right := expression.meant(code):
            return f"A modifier follows the code after a colon: write {right}"
        parsed = expression.parse(code)
        if parsed is None or self.locate(parsed.code) is None:
            return None
        unknown = [modifier for modifier in parsed.modifiers if not self._is_modifier(modifier)]
        return f"Not a known modifier: {', '.join(unknown)}" if unknown else None

    def concept(self, at: int) -> Concept:
        """The concept of that number."""
        return self._decode(self._heap[self._offsets[at] : self._offsets[at + 1]])

    def code(self, at: int) -> str:
        """The code of that number, without reading the rest."""
        return keys.unpack(self._keys[at])

    def children(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly below."""
        return self._below[self._first[at] : self._first[at + 1]]

    def parents(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly above."""
        found = (keys.position(self._keys, code) for code in self.concept(at).parents)
        return [number for number in found if number is not None]

    def having(self, code: str, value: str) -> Collection[int]:
        """The concepts whose property has the value, in code order."""
        return self._properties.exact(f"{code}\0{value}")

    def between(self, low: str, high: str) -> Collection[int]:
        """The concepts whose codes lie in the range, both ends included."""
        try:
            return range(bisect_left(self._keys, keys.pack(low)), bisect_right(self._keys, keys.pack(high)))
        except ValueError:
            return ()

    def matching(self, text: str) -> Collection[int]:
        """The concepts whose code starts with the text, then those with words that start like each of its words.

        All of them where the text is blank.
        """
        typed = text.strip().upper()
        by_code = keys.span(self._keys, typed) or keys.span(self._keys, self._with_dot(typed) or typed)
        found: set[int] | None = None
        for word in postings.words(text):
            having = self._words.starting(word)
            found = set(having) if found is None else found.intersection(having)
            if not found:
                break
        return [*by_code, *sorted((found or set()).difference(by_code))]
