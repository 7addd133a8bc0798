"""The concepts of a value set, a page at a time. FHIR: ValueSet-operation-expand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from terminology import messages
from terminology.compose import Members, Segment, Used, members
from terminology.errors import (
    CodeSystemUnknown,
    EditionNotLoaded,
    ExpansionTooCostly,
    QueryError,
    ValueSetUnknown,
    VersionRefused,
)
from terminology.imports import check_imports
from terminology.languages import Languages
from terminology.model import Concept, Edition
from terminology.period import Day
from terminology.provider import CodeSystemProvider
from terminology.queries.directory import DayDirectory
from terminology.release.manifest import Licence
from terminology.valueset import Listed, ValueSet

MOST = 1000
"""Concepts that an expansion without paging may hold where the caller says nothing else."""
DEEPEST = 100
"""Levels of concepts below one another that are shown; what goes deeper is listed side by side."""
LARGEST_PAGE = 100_000
"""Concepts that a page may hold."""


class Item:
    """One concept of an expansion; `below` are those shown below it, `listed` is what the value set says of it."""

    __slots__ = ("at", "below", "concept", "inactive", "listed", "provider")

    def __init__(
        self, provider: CodeSystemProvider, at: int, concept: Concept, listed: Listed | None, inactive: bool
    ) -> None:
        self.provider = provider
        self.at = at
        self.concept = concept
        self.listed = listed
        self.inactive = inactive
        self.below: list[Item] = []


class Wanted(msgspec.Struct, frozen=True):
    """What of a value set is wanted: the parameters of the operation.

    `text` narrows the list to what a person typing it may mean. Without `count` all is wanted, from `offset` on;
    `most` is how many concepts may be listed then. `nested` shows concepts below their parents, where the whole is
    listed and nothing is excluded from it.
    """

    text: str | None = None
    offset: int | None = None
    count: int | None = None
    active_only: bool = False
    nested: bool = True
    most: int = MOST
    languages: Languages | None = None

    @property
    def paged(self) -> bool:
        """Whether a part is wanted."""
        return self.count is not None or bool(self.offset)


class Expansion(NamedTuple):
    """A page of a value set.

    `total` counts what the whole expansion holds (as far as the licence allows to list it: then `limited`);
    `unclosed` tells that codes exist which no list can hold; `versioned` that the version must be told with each code.
    `editions` are the release's editions that were used, with whether they are out of date for the day.
    """

    items: list[Item]
    total: int
    unclosed: bool
    limited: bool
    versioned: bool
    used: Used
    editions: list[tuple[CodeSystemProvider, Edition, bool]]
    licences: list[Licence]


def expand(directory: DayDirectory, value_set: ValueSet, wanted: Wanted) -> Expansion:
    """List the concepts that are wanted; with a text, those whose codes start with it first.

    A licence that caps expansions ends the list at its cap, whatever the page. Raises ExpansionTooCostly where no count
    is given and the list is longer than `most`, or a page than `LARGEST_PAGE`, and what the definition may raise.
    """
    try:
        check_imports(value_set, directory)
    except ValueSetUnknown as error:
        url, _, version = error.url.partition("|")
        raise ValueSetUnknown(error.url, messages.unknown_import(url, version)) from None
    directory = directory.requiring(value_set)
    used = Used()
    found = _members(value_set, directory, used, wanted.text)
    for provider in used.systems.values():
        if (demanded := directory.rules.refuses(provider.url, provider.version)) is not None:
            raise VersionRefused(messages.version_not_allowed(provider.url, provider.version, demanded, ""))
    active_only = wanted.active_only or value_set.inactive is False
    segments = [_active(segment, directory.day) for segment in found.segments] if active_only else found.segments
    licences = _licences(directory, segments)
    total = sum(len(segment.members) for segment in segments)
    caps = [licence.expansion_cap for licence in licences if licence.expansion_cap is not None]
    limited = bool(caps) and total > min(caps)
    if limited:
        total = min(caps)
    offset = wanted.offset or 0
    if wanted.count is None and total - offset > wanted.most:
        raise ExpansionTooCostly(messages.too_costly(value_set.canonical, wanted.most))
    last = total if wanted.count is None else min(total, offset + wanted.count)
    if last - offset > LARGEST_PAGE:
        raise ExpansionTooCostly(messages.too_costly(value_set.canonical, LARGEST_PAGE))
    items = list(_page(segments, offset, last, directory.day))
    if wanted.nested and not wanted.paged and wanted.text is None and not value_set.exclude:
        items = _nested(items, segments)
    versioned = _versioned(value_set)
    editions = _editions(directory, used)
    return Expansion(items, total, found.unclosed, limited, versioned, used, editions, licences)


def _members(value_set: ValueSet, directory: DayDirectory, used: Used, text: str | None) -> Members:
    try:
        return members(value_set, directory, used, text)
    except EditionNotLoaded as error:
        held = directory.versions(error.system)
        raise EditionNotLoaded(
            error.system, error.version, held, messages.cannot_expand(error.system, error.version, held)
        ) from None
    except CodeSystemUnknown as error:
        raise CodeSystemUnknown(error.system, messages.cannot_expand(error.system, None, ())) from None


def _versioned(value_set: ValueSet) -> bool:
    """Whether the value set names several versions of one code system among its includes and excludes."""
    named: dict[str | None, set[str | None]] = {}
    for item in (*value_set.include, *value_set.exclude):
        if item.system is not None:
            named.setdefault(item.system, set()).add(item.version)
    return any(len(versions) > 1 for versions in named.values())


def _editions(directory: DayDirectory, used: Used) -> list[tuple[CodeSystemProvider, Edition, bool]]:
    found = []
    for provider in used.systems.values():
        try:
            resolved = directory.resolve(provider.url)
        except QueryError:
            resolved = None
        if resolved is not None and resolved.provider is provider:
            found.append((provider, resolved.edition, resolved.stale or resolved.early))
        else:
            found.append((provider, Edition("", provider.version, *provider.period), False))
    return found


def _active(segment: Segment, day: Day) -> Segment:
    concept = segment.provider.concept
    return segment._replace(members=[at for at in segment.members if _in_force(concept(at), day)])


def _in_force(concept: Concept, day: Day) -> bool:
    return concept.start <= day <= concept.end and not concept.inactive


def _page(segments: Sequence[Segment], first: int, last: int, day: Day) -> Iterator[Item]:
    start = 0
    for segment in segments:
        provider, listed = segment.provider, segment.listed
        end = start + len(segment.members)
        for at in segment.members[max(first - start, 0) : max(last - start, 0)]:
            concept = provider.concept(at)
            yield Item(provider, at, concept, listed.get(at), not _in_force(concept, day))
        start = end


def _nested(items: list[Item], segments: Sequence[Segment]) -> list[Item]:
    """The items, each below its parent where that is among them too; what is listed one by one stays at the top."""
    loose = {id(segment.provider) for segment in segments if not segment.nested}
    at = {(id(item.provider), item.at): item for item in items}
    top = []
    for item in items:
        above = None
        if id(item.provider) not in loose:
            parents = item.provider.parents(item.at)
            above = next((at[key] for one in parents if (key := (id(item.provider), one)) in at), None)
        if above is None or above is item:
            top.append(item)
        else:
            above.below.append(item)
    if _shown(top) == len(items):
        return top
    for item in items:
        item.below = []
    return items


def _shown(items: list[Item]) -> int:
    """How many items are shown: fewer than there are where parents go in a circle, or deeper than `DEEPEST`."""
    count, left = 0, [(item, 1) for item in items]
    while left:
        item, depth = left.pop()
        count += 1
        if depth < DEEPEST:
            left.extend((below, depth + 1) for below in item.below)
    return count


def _licences(directory: DayDirectory, segments: Sequence[Segment]) -> list[Licence]:
    urls = dict.fromkeys(segment.provider.url for segment in segments)
    return [licence for url in urls if (licence := directory.release.licence(url)) is not None]
