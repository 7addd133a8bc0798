"""Value sets as they are defined: a list of includes less a list of excludes. FHIR: ValueSet.compose.

What a definition holds is worked out in `terminology.compose`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from terminology.messages import canonical
from terminology.model import Designation, Extension
from terminology.standing import GOOD, Standing


class Filter(msgspec.Struct, frozen=True):
    """One filter of an include: `property op value`, `path` where it stands. FHIR: ValueSet.compose.include.filter."""

    property: str
    op: str
    value: str
    path: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A code that an include lists, and what the value set says of it. FHIR: ValueSet.compose.include.concept."""

    code: str
    display: str | None = None
    designations: tuple[Designation, ...] = ()
    extensions: tuple[Extension, ...] = ()


class Include(msgspec.Struct, frozen=True):
    """One include or exclude: a code system narrowed by codes, filters or other value sets; all its parts must hold."""

    system: str | None = None
    version: str | None = None
    codes: tuple[Listed, ...] = ()
    filters: tuple[Filter, ...] = ()
    value_sets: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the include takes the code system as it is."""
        return self.system is not None and not (self.codes or self.filters or self.value_sets)


class ValueSet(msgspec.Struct, frozen=True):
    """A value set's definition.

    `inactive` tells whether inactive concepts are members (None where the definition does not say);
    `parameters` are the expansion parameters that the definition sets, `supplements` the supplements that it
    requires, `contained` the value sets that its includes refer to as `#id`.
    """

    url: str
    id: str = ""
    version: str = ""
    name: str = ""
    title: str = ""
    include: tuple[Include, ...] = ()
    exclude: tuple[Include, ...] = ()
    copyright: str | None = None
    experimental: bool = False
    language: str | None = None
    inactive: bool | None = None
    standing: Standing = GOOD
    parameters: Mapping[str, str] = MappingProxyType({})
    supplements: tuple[str, ...] = ()
    contained: Mapping[str, ValueSet] = MappingProxyType({})

    @property
    def canonical(self) -> str:
        """The canonical with its version, for people too."""
        return canonical(self.url, self.version) if self.url else "(unidentified)"
