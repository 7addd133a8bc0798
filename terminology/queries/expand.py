"""The concepts of a value set, a page at a time. FHIR: ValueSet-operation-expand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from terminology.errors import ExpansionTooCostly
from terminology.model import Concept, Edition
from terminology.period import Day
from terminology.provider import CodeSystemProvider
from terminology.queries.directory import DayDirectory
from terminology.release.manifest import Licence
from terminology.valueset import Segment, ValueSet, members

MOST = 100_000
"""Concepts that an expansion without paging may hold; more must be asked for in pages."""


class Item(NamedTuple):
    """One concept of an expansion."""

    provider: CodeSystemProvider
    concept: Concept
    display: str | None
    inactive: bool


class Expansion(NamedTuple):
    """A page of a value set.

    `total` counts what the whole expansion holds (as far as the licence allows to list it: then `limited`);
    `unclosed` tells that codes exist which no list can hold; `used` are the editions it was made from.
    """

    items: list[Item]
    total: int
    offset: int
    unclosed: bool
    limited: bool
    used: list[tuple[CodeSystemProvider, Edition, bool]]
    licences: list[Licence]


def expand(
    directory: DayDirectory,
    value_set: ValueSet,
    *,
    text: str | None = None,
    offset: int = 0,
    count: int | None = None,
    active_only: bool = False,
) -> Expansion:
    """List the concepts from `offset` on, at most `count`.

    `text` narrows the list to what a person typing it may mean, codes that start with it first. A licence that caps
    expansions ends the list at its cap, whatever the page. Raises ExpansionTooCostly where no count is given and
    the list is longer than `MOST`, and what the value set's definition may raise.
    """
    found = members(value_set, directory, text)
    segments = [_active(segment, directory.day) for segment in found.segments] if active_only else found.segments
    licences = _licences(directory, segments)
    total = sum(len(segment.members) for segment in segments)
    caps = [licence.expansion_cap for licence in licences if licence.expansion_cap is not None]
    limited = bool(caps) and total > min(caps)
    if limited:
        total = min(caps)
    if count is None and total - offset > MOST:
        raise ExpansionTooCostly(
            f"The expansion of {value_set.url} holds {total} concepts, more than {MOST}; ask for pages (count, offset)"
        )
    last = total if count is None else min(total, offset + count)
    items = list(_page(segments, offset, last, directory.day))
    used = {}
    for segment in segments:
        resolved = directory.resolve(segment.provider.url)
        stale = (resolved.stale or resolved.early) and resolved.provider is segment.provider
        edition = resolved.edition if resolved.provider is segment.provider else _own_edition(segment.provider)
        used[segment.provider.url, edition.version] = (segment.provider, edition, stale)
    return Expansion(items, total, offset, found.unclosed, limited, list(used.values()), licences)


def _own_edition(provider: CodeSystemProvider) -> Edition:
    return Edition("", provider.version, *provider.period)


def _active(segment: Segment, day: Day) -> Segment:
    concept = segment.provider.concept
    kept = [at for at in segment.members if _in_force(concept(at), day)]
    return Segment(segment.provider, kept, segment.displays)


def _in_force(concept: Concept, day: Day) -> bool:
    return concept.start <= day <= concept.end and not concept.inactive


def _page(segments: list[Segment], first: int, last: int, day: Day) -> Iterator[Item]:
    start = 0
    for segment in segments:
        end = start + len(segment.members)
        for at in segment.members[max(first - start, 0) : max(last - start, 0)]:
            concept = segment.provider.concept(at)
            display = segment.displays.get(at) or concept.display
            yield Item(segment.provider, concept, display, not _in_force(concept, day))
        start = end


def _licences(directory: DayDirectory, segments: list[Segment]) -> list[Licence]:
    urls = dict.fromkeys(segment.provider.url for segment in segments)
    return [licence for url in urls if (licence := directory.release.licence(url)) is not None]
