"""A release as it stands on one day: which edition of a code system answers, which value sets there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from terminology.errors import CodeSystemUnknown, ValueSetUnknown
from terminology.model import Edition
from terminology.period import Day
from terminology.provider import CodeSystemProvider
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.reader import Release
from terminology.systems import PREFERRED
from terminology.valueset import ValueSet


class Resolved(NamedTuple):
    """The code system that answers, and how it was chosen.

    `alias` is the URI that was asked for where it is not the preferred one; `stale` tells that the edition ends
    before the day, `early` that every edition starts after it; both only where no version was asked for.
    """

    provider: CompiledCodeSystem
    edition: Edition
    alias: str | None = None
    stale: bool = False
    early: bool = False


class DayDirectory:
    """A `terminology.valueset.Directory` for one day. Cheap to make; holds no state beside the day."""

    def __init__(self, release: Release, value_sets: Mapping[str, ValueSet], day: Day) -> None:
        self.release = release
        self.day = day
        self._value_sets = value_sets

    def resolve(self, url: str, version: str | None = None) -> Resolved:
        """The code system in the version asked for, else in the edition that answers for the day.

        Raises CodeSystemUnknown, EditionNotLoaded.
        """
        preferred = PREFERRED.get(url, url)
        editions = self.release.code_systems.get(preferred)
        if editions is None:
            raise CodeSystemUnknown(url)
        alias = url if url != preferred else None
        if version:
            provider = editions.edition(version)
            return Resolved(provider, provider.edition, alias)
        answering = editions.on(self.day)
        early = answering.stale and not editions.holds(self.day)
        return Resolved(answering.table, answering.edition, alias, answering.stale and not early, early)

    def code_system(self, url: str, version: str | None = None) -> CodeSystemProvider:
        """As `resolve`, the code system alone."""
        return self.resolve(url, version).provider

    def value_set(self, url: str) -> ValueSet:
        """The value set of that canonical URL; a version after `|` must be none or its own.

        Raises ValueSetUnknown.
        """
        canonical, _, version = url.partition("|")
        found = self._value_sets.get(canonical)
        if found is None or (version and found.version != version):
            raise ValueSetUnknown(url)
        return found
