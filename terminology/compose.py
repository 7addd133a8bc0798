"""Which concepts a value set holds, by set algebra over the concepts' numbers. Source: FHIR, ValueSet.compose.

An include is a code system narrowed by codes, filters or other value sets; all its parts must hold. Code systems
that are drawn on in several versions are told apart, unless the value set says that versions match
(the expansion parameter `versionsMatch`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from terminology import messages
from terminology.errors import CodeSystemUnknown, ExpansionTooCostly
from terminology.filters import selected
from terminology.holding import versions_match
from terminology.imports import Directory, imported
from terminology.provider import CodeSystemProvider
from terminology.valueset import Filter, Include, Listed, ValueSet
from terminology.versions import age

MOST_LOOKED_AT = 5_000_000
"""Concepts that one expansion may look at, in all code systems and value sets together."""


class Segment(NamedTuple):
    """Concepts of one code system, in the order in which an expansion lists them.

    `listed` is what the value set itself says of concepts; `nested` whether the concepts may be shown below their
    parents (what a value set lists one by one stays as it is listed).
    """

    provider: CodeSystemProvider
    members: Sequence[int]
    listed: dict[int, Listed]
    nested: bool = False


class Used:
    """What an expansion was made from, in the order of use."""

    def __init__(self) -> None:
        self.systems: dict[tuple[str, str], CodeSystemProvider] = {}
        self.value_sets: dict[str, ValueSet] = {}
        self.parameters: dict[str, str] = {}
        self.versions_match = False
        self._looked_at = 0

    def look_at(self, concepts: int) -> None:
        """Count concepts that are looked at. Raises ExpansionTooCostly beyond `MOST_LOOKED_AT`."""
        self._looked_at += concepts
        if self._looked_at > MOST_LOOKED_AT:
            raise ExpansionTooCostly(f"More than {MOST_LOOKED_AT} concepts would have to be looked at")


class Members(NamedTuple):
    """The concepts of a value set. `unclosed`: it also holds expressions, which are too many to list."""

    segments: list[Segment]
    unclosed: bool


def members(value_set: ValueSet, directory: Directory, used: Used, text: str | None = None) -> Members:
    """The concepts that the value set holds; with `text`, only those that a person typing it may mean.

    Call `check_imports` first. Raises FilterInvalid, CodeSystemUnknown, EditionNotLoaded, ValueSetUnknown.
    """
    matching = versions_match(value_set)
    segments: list[Segment] = []
    seen: dict[tuple[str, str], set[int]] = {}
    unclosed = False
    gone = _excluded(value_set, directory, used, matching)
    for include in value_set.include:
        for segment, open_ended in _included(value_set, include, directory, used, text):
            unclosed = unclosed or open_ended
            provider = segment.provider
            key = (provider.url, provider.version)
            known, removed = seen.get(key), gone(provider)
            found: Sequence[int] = segment.members
            if known or removed:
                found = [at for at in found if at not in (known or ()) and at not in removed]
            if len(value_set.include) > 1:
                seen.setdefault(key, set()).update(found)
            if found:
                segments.append(segment._replace(members=found))
    if matching and _several_versions([(item.provider.url, item.provider.version) for item in segments]):
        segments = _merged(segments)
    used.versions_match = used.versions_match or (matching and _several_versions(used.systems))
    return Members(segments, unclosed)


def _included(
    value_set: ValueSet, include: Include, directory: Directory, used: Used, text: str | None
) -> Iterator[tuple[Segment, bool]]:
    narrowing = []
    for reference in include.value_sets:
        other = imported(value_set, reference, directory)
        if not reference.startswith("#"):
            used.value_sets[other.canonical] = other
        narrowing.append(members(other, directory, used, text))
    if include.system is None:
        if narrowing:
            first, *others = narrowing
            for segment in first.segments:
                common = _common(segment.provider, others)
                found = segment.members if common is None else [at for at in segment.members if at in common]
                yield segment._replace(members=found, nested=False), first.unclosed
        return
    provider = _drawn_on(include.system, include.version, directory, used)
    listed: dict[int, Listed] = {}
    chosen = _chosen(include, provider, listed)
    if text:
        matching = provider.matching(text)
        allowed = None if chosen is None else set(chosen)
        chosen = matching if allowed is None else [at for at in matching if at in allowed]
    common = _common(provider, narrowing)
    if common is not None:
        chosen = [at for at in (range(len(provider)) if chosen is None else chosen) if at in common]
    open_ended = provider.postcoordinated and not include.codes and _admits_expressions(include.filters)
    found = range(len(provider)) if chosen is None else list(chosen)
    yield Segment(provider, found, listed, nested=not include.codes and not text), open_ended


def _drawn_on(system: str, version: str | None, directory: Directory, used: Used) -> CodeSystemProvider:
    applied = directory.rules.applied(system, version)
    if applied:
        used.parameters[applied[0]] = applied[1]
    provider = directory.code_system(system, directory.rules.wanted(system, version))
    if provider.content == "supplement":
        raise CodeSystemUnknown(system, messages.cannot_expand(system, version, ()))
    used.systems[provider.url, provider.version] = provider
    used.look_at(len(provider))
    return provider


def _admits_expressions(filters: Sequence[Filter]) -> bool:
    """Whether expressions may pass the filters: nothing asks that the concept be unmodified, or a modifier."""
    return not any((item.property, item.value) in (("modified", "false"), ("modifier", "true")) for item in filters)


def _common(provider: CodeSystemProvider, narrowing: Sequence[Members]) -> set[int] | None:
    """The concepts of the provider that every imported value set holds; None where none is imported."""
    common: set[int] | None = None
    for found in narrowing:
        own: set[int] = set()
        for segment in found.segments:
            if (segment.provider.url, segment.provider.version) == (provider.url, provider.version):
                own.update(segment.members)
        common = own if common is None else common & own
    return common


def _chosen(include: Include, provider: CodeSystemProvider, listed: dict[int, Listed]) -> Collection[int] | None:
    """The concepts that the include's codes or filters choose, None where it has neither and takes all."""
    if include.codes:
        for item in include.codes:
            located = provider.locate(item.code)
            if located is not None and located.at is not None:
                listed.setdefault(located.at, item)
        return list(listed)
    chosen: Collection[int] | None = None
    for one in include.filters:
        found = selected(one, provider)
        chosen = found if chosen is None else sorted(set(chosen).intersection(found))
    return chosen


def _excluded(
    value_set: ValueSet, directory: Directory, used: Used, matching: bool
) -> Callable[[CodeSystemProvider], Collection[int]]:
    """Tells the concepts of a code system that the excludes take away, of any version where versions match."""
    if not value_set.exclude:
        return lambda _: ()
    gone: dict[tuple[str, str], set[int]] = {}
    codes: dict[str, set[str]] = {}
    for exclude in value_set.exclude:
        for segment, _ in _included(value_set, exclude, directory, used, None):
            provider = segment.provider
            gone.setdefault((provider.url, provider.version), set()).update(segment.members)
            if matching:
                codes.setdefault(provider.url, set()).update(provider.code(at) for at in segment.members)

    def removed(provider: CodeSystemProvider) -> Collection[int]:
        same = gone.get((provider.url, provider.version))
        if same is not None or not matching:
            return same or ()
        located = (provider.locate(code) for code in codes.get(provider.url, ()))
        return {found.at for found in located if found is not None and found.at is not None}

    return removed


def _several_versions(systems: Collection[tuple[str, str]]) -> bool:
    found = set(systems)
    return len({url for url, _ in found}) < len(found)


def _merged(segments: list[Segment]) -> list[Segment]:
    """The segments with each code once, in the newest version that has it, shown as the first to list it shows it."""
    first: dict[tuple[str, str], tuple[int, Listed]] = {}
    newest: dict[tuple[str, str], int] = {}
    for number, (provider, numbers, listed, _) in enumerate(segments):
        for at in numbers:
            key = (provider.url, provider.code(at))
            first.setdefault(key, (number, listed.get(at) or Listed(key[1], provider.concept(at).display)))
            other = newest.get(key)
            if other is None or age(segments[other].provider.version) < age(provider.version):
                newest[key] = number
    made = []
    for number, segment in enumerate(segments):
        url, code = segment.provider.url, segment.provider.code
        kept = [at for at in segment.members if newest[url, code(at)] == number]
        shown = {at: first[url, code(at)][1] for at in kept if first[url, code(at)][0] != number}
        made.append(segment._replace(members=kept, listed={**segment.listed, **shown}))
    return made
