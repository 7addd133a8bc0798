"""What a code system must be able to do to be asked anything: the protocol that all providers fulfil.

A provider is one version of one code system. Its concepts are numbered from 0; sets of concepts are sets of
these numbers, so that value sets and filters are set algebra whatever the system is. Two implementations:
`terminology.release.concepts` (compiled, memory-mapped) and `terminology.memory` (resources sent along with
a request).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from terminology.model import Concept, PropertyType
from terminology.period import Period
from terminology.standing import Standing

Content = Literal["complete", "fragment", "example", "not-present", "supplement"]


class Located(NamedTuple):
    """A code that was found: its concept, its number (None for a composed expression), and how it was written.

    `given_as` tells why the text that was asked for is not the code itself: `case` (other case) or `form`
    (another accepted spelling, such as ICD-10-CM without its dot); None where it is.
    """

    concept: Concept
    at: int | None
    given_as: Literal["case", "form"] | None = None


class CodeSystemProvider(Protocol):
    """One version of a code system."""

    @property
    def url(self) -> str:
        """The canonical URL."""
        ...

    @property
    def version(self) -> str:
        """The version, empty where the system has none."""
        ...

    @property
    def title(self) -> str:
        """A name for people."""
        ...

    @property
    def content(self) -> Content:
        """How much of the system is held. FHIR: CodeSystem.content."""
        ...

    @property
    def period(self) -> Period:
        """The days that this version speaks for."""
        ...

    @property
    def case_sensitive(self) -> bool:
        """Whether codes that differ in case alone are different codes."""
        ...

    @property
    def postcoordinated(self) -> bool:
        """Whether codes may be composed into expressions, too many to list."""
        ...

    @property
    def property_types(self) -> Mapping[str, PropertyType]:
        """The properties that concepts may have."""
        ...

    @property
    def property_uris(self) -> Mapping[str, str]:
        """The URIs that tell what properties mean, by property, as far as they have one."""
        ...

    @property
    def status_properties(self) -> tuple[str, ...]:
        """The properties that state the status of a concept, the first that does so counts."""
        ...

    @property
    def language(self) -> str | None:
        """The language of the displays, None where it is not known."""
        ...

    @property
    def standing(self) -> Standing:
        """Whether the code system is active, experimental, deprecated and so on."""
        ...

    @property
    def supplemented_by(self) -> tuple[str, ...]:
        """The canonicals of the supplements that are laid over the code system."""
        ...

    def __len__(self) -> int:
        """How many concepts are held."""
        ...

    def locate(self, code: str) -> Located | None:
        """The concept for the code as written, or None."""
        ...

    def hint(self, code: str) -> str | None:
        """For a code that is not found: what is wrong with the way it is written, as a sentence; None if unknown."""
        ...

    def concept(self, at: int) -> Concept:
        """The concept of that number."""
        ...

    def code(self, at: int) -> str:
        """The code of that number."""
        ...

    def children(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly below."""
        ...

    def parents(self, at: int) -> Sequence[int]:
        """The numbers of the concepts directly above."""
        ...

    def having(self, code: str, value: str) -> Collection[int]:
        """The concepts whose property has the value (booleans are `true` and `false`)."""
        ...

    def between(self, low: str, high: str) -> Collection[int]:
        """The concepts whose codes lie in the range, both ends included, in code order."""
        ...

    def matching(self, text: str) -> Collection[int]:
        """The concepts that a person who types the text may mean: by start of the code, or by starts of words."""
        ...
