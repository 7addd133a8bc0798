"""Value sets: which concepts a compose holds, by set algebra over the concepts' numbers.

A compose is a list of includes less a list of excludes; an include is a code system narrowed by codes, filters or
other value sets. Source: FHIR, ValueSet.compose (the rules of an include: all its parts must hold).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from terminology.errors import ExpansionTooCostly, FilterInvalid
from terminology.provider import CodeSystemProvider, Located
from terminology.release.concepts import property_term

DEEPEST = 16
"""How many value sets may import one another in a row."""


class Filter(msgspec.Struct, frozen=True):
    """One filter of an include: `property op value`. FHIR: ValueSet.compose.include.filter."""

    property: str
    op: str
    value: str


class Include(msgspec.Struct, frozen=True):
    """One include or exclude. `codes` pairs each code with the display given for it, if any."""

    system: str | None = None
    version: str | None = None
    codes: tuple[tuple[str, str | None], ...] = ()
    filters: tuple[Filter, ...] = ()
    value_sets: tuple[str, ...] = ()


class ValueSet(msgspec.Struct, frozen=True):
    """A value set's definition."""

    url: str
    id: str = ""
    version: str = ""
    name: str = ""
    title: str = ""
    include: tuple[Include, ...] = ()
    exclude: tuple[Include, ...] = ()
    copyright: str | None = None
    experimental: bool = False


class Directory(Protocol):
    """Where an include's systems and value sets are found."""

    def code_system(self, url: str, version: str | None) -> CodeSystemProvider:
        """The code system in the version, or the one of the day. Raises CodeSystemUnknown, EditionNotLoaded."""
        ...

    def value_set(self, url: str) -> ValueSet:
        """The value set of that canonical. Raises ValueSetUnknown."""
        ...


class Segment(NamedTuple):
    """Concepts of one code system, in the order in which an expansion lists them."""

    provider: CodeSystemProvider
    members: Sequence[int]
    displays: dict[int, str]


class Members(NamedTuple):
    """The concepts of a value set. `unclosed`: it also holds expressions, which are too many to list."""

    segments: list[Segment]
    unclosed: bool


def members(value_set: ValueSet, directory: Directory, text: str | None = None, depth: int = 0) -> Members:
    """The concepts that the value set holds; with `text`, only those that a person typing it may mean.

    Raises FilterInvalid, CodeSystemUnknown, EditionNotLoaded, ValueSetUnknown, and ExpansionTooCostly for value
    sets that import one another more than `DEEPEST` deep (a circle does).
    """
    if depth > DEEPEST:
        raise ExpansionTooCostly(f"{value_set.url}: value sets import one another more than {DEEPEST} deep")
    segments: list[Segment] = []
    seen: dict[tuple[str, str], set[int]] = {}
    unclosed = False
    gone = _excluded(value_set, directory, depth)
    for include in value_set.include:
        for segment, open_ended in _included(include, directory, text, depth):
            unclosed = unclosed or open_ended
            key = (segment.provider.url, segment.provider.version)
            known = seen.get(key)
            removed = gone.get(key)
            found: Sequence[int] = segment.members
            if known is not None or removed is not None:
                found = [at for at in found if at not in (known or ()) and at not in (removed or ())]
            if len(value_set.include) > 1:
                seen.setdefault(key, set()).update(found)
            if found:
                segments.append(Segment(segment.provider, found, segment.displays))
    return Members(segments, unclosed)


def holds(
    value_set: ValueSet, provider: CodeSystemProvider, found: Located, directory: Directory, depth: int = 0
) -> bool:
    """Whether the concept, found in that code system, is in the value set. No expansion is made.

    Raises as `members` does.
    """
    if depth > DEEPEST:
        raise ExpansionTooCostly(f"{value_set.url}: value sets import one another more than {DEEPEST} deep")
    return any(_in(include, provider, found, directory, depth) for include in value_set.include) and not any(
        _in(exclude, provider, found, directory, depth) for exclude in value_set.exclude
    )


def _in(include: Include, provider: CodeSystemProvider, found: Located, directory: Directory, depth: int) -> bool:
    if include.system is not None:
        if include.system != provider.url:
            return False
        if include.codes and not _listed(include, provider, found):
            return False
        if not all(_passes(item, provider, found) for item in include.filters):
            return False
    return all(holds(directory.value_set(url), provider, found, directory, depth + 1) for url in include.value_sets)


def _listed(include: Include, provider: CodeSystemProvider, found: Located) -> bool:
    code = found.concept.code
    if provider.case_sensitive:
        return any(code == listed for listed, _ in include.codes)
    return any(code.upper() == listed.upper() for listed, _ in include.codes)


def _included(include: Include, directory: Directory, text: str | None, depth: int) -> Iterator[tuple[Segment, bool]]:
    imported = [members(directory.value_set(url), directory, text, depth + 1) for url in include.value_sets]
    if include.system is None:
        first, *others = imported
        for segment in first.segments:
            common = _common(segment.provider, others)
            found = segment.members if common is None else [at for at in segment.members if at in common]
            yield Segment(segment.provider, found, segment.displays), first.unclosed
        return
    provider = directory.code_system(include.system, include.version)
    displays: dict[int, str] = {}
    chosen = _chosen(include, provider, displays)
    if text:
        matching = provider.matching(text)
        allowed = None if chosen is None else set(chosen)
        chosen = matching if allowed is None else [at for at in matching if at in allowed]
    common = _common(provider, imported)
    if common is not None:
        chosen = [at for at in (range(len(provider)) if chosen is None else chosen) if at in common]
    open_ended = provider.postcoordinated and not include.codes and _admits_expressions(include.filters)
    yield Segment(provider, range(len(provider)) if chosen is None else list(chosen), displays), open_ended


def _admits_expressions(filters: Sequence[Filter]) -> bool:
    """Whether expressions may pass the filters: nothing asks that the concept be unmodified, or a modifier."""
    return not any((item.property, item.value) in (("modified", "false"), ("modifier", "true")) for item in filters)


def _common(provider: CodeSystemProvider, imported: Sequence[Members]) -> set[int] | None:
    """The concepts of the provider that every imported value set holds; None where none is imported."""
    common: set[int] | None = None
    for found in imported:
        own: set[int] = set()
        for segment in found.segments:
            if (segment.provider.url, segment.provider.version) == (provider.url, provider.version):
                own.update(segment.members)
        common = own if common is None else common & own
    return common


def _chosen(include: Include, provider: CodeSystemProvider, displays: dict[int, str]) -> Collection[int] | None:
    """The concepts that the include's codes or filters choose, None where it has neither and takes all."""
    if include.codes:
        found = []
        for code, display in include.codes:
            located = provider.locate(code)
            if located is not None and located.at is not None:
                found.append(located.at)
                if display:
                    displays[located.at] = display
        return found
    chosen: Collection[int] | None = None
    for item in include.filters:
        selected = _selected(item, provider)
        chosen = selected if chosen is None else sorted(set(chosen).intersection(selected))
    return chosen


def _excluded(value_set: ValueSet, directory: Directory, depth: int) -> dict[tuple[str, str], set[int]]:
    gone: dict[tuple[str, str], set[int]] = {}
    for exclude in value_set.exclude:
        for segment, _ in _included(exclude, directory, None, depth):
            gone.setdefault((segment.provider.url, segment.provider.version), set()).update(segment.members)
    return gone


def _selected(item: Filter, provider: CodeSystemProvider) -> Collection[int]:
    """The concepts that pass a filter."""
    if item.property in ("concept", "code"):
        return _by_code(item, provider)
    if item.property not in provider.property_types:
        raise _invalid(item, provider, f"it has no property {item.property}")
    if item.op == "=":
        return provider.having(item.property, item.value)
    if item.op == "in":
        return sorted({at for value in item.value.split(",") for at in provider.having(item.property, value.strip())})
    if item.op == "not-in":
        having = {at for value in item.value.split(",") for at in provider.having(item.property, value.strip())}
        return [at for at in range(len(provider)) if at not in having]
    if item.op == "exists":
        wanted = item.value == "true"
        return [at for at in range(len(provider)) if (provider.concept(at).value(item.property) is not None) is wanted]
    raise _invalid(item, provider, f"the operator {item.op} is not supported on {item.property}")


def _by_code(item: Filter, provider: CodeSystemProvider) -> Collection[int]:
    if item.op in ("=", "in"):
        found: set[int] = set()
        for part in item.value.split(","):
            low, _, high = part.strip().partition("-")
            found.update(provider.between(low, high or low))
        return sorted(found)
    start = provider.locate(item.value)
    if item.op in ("is-a", "descendent-of", "child-of", "is-not-a"):
        if start is None or start.at is None:
            raise _invalid(item, provider, f"the code {item.value} is not in it")
        if item.op == "child-of":
            return list(provider.children(start.at))
        below = descendants(provider, start.at)
        if item.op == "is-a":
            return sorted({start.at, *below})
        if item.op == "descendent-of":
            return sorted(below)
        return [at for at in range(len(provider)) if at != start.at and at not in below]
    raise _invalid(item, provider, f"the operator {item.op} is not supported on codes")


def descendants(provider: CodeSystemProvider, at: int) -> set[int]:
    """All concepts below the one given."""
    found: set[int] = set()
    left = list(provider.children(at))
    while left:
        below = left.pop()
        if below not in found:
            found.add(below)
            left.extend(provider.children(below))
    return found


def ancestors(provider: CodeSystemProvider, at: int) -> set[int]:
    """All concepts above the one given."""
    found: set[int] = set()
    left = list(provider.parents(at))
    while left:
        above = left.pop()
        if above not in found:
            found.add(above)
            left.extend(provider.parents(above))
    return found


def _passes(item: Filter, provider: CodeSystemProvider, found: Located) -> bool:
    """Whether one concept passes a filter, without looking at any other where that can be helped."""
    concept = found.concept
    if item.property in ("concept", "code"):
        if found.at is None:
            return False
        if item.op in ("is-a", "descendent-of", "is-not-a"):
            start = provider.locate(item.value)
            if start is None or start.at is None:
                raise _invalid(item, provider, f"the code {item.value} is not in it")
            above = ancestors(provider, found.at)
            same = start.at == found.at
            return {
                "is-a": same or start.at in above,
                "descendent-of": start.at in above,
                "is-not-a": not same and start.at not in above,
            }[item.op]
        return found.at in _by_code(item, provider)
    if item.op == "=":
        term = f"{item.property}\0{item.value}"
        return any(property_term(one.code, one.value) == term for one in concept.properties)
    if found.at is None:
        return False
    return found.at in _selected(item, provider)


def _invalid(item: Filter, provider: CodeSystemProvider, reason: str) -> FilterInvalid:
    return FilterInvalid(
        f"The filter {item.property} {item.op} {item.value!r} cannot be applied to {provider.url}: {reason}"
    )
