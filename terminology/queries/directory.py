"""What a question is answered from: a release as it stands on one day, and what the client brought along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from terminology import messages
from terminology.errors import CodeSystemUnknown, EditionNotLoaded, SupplementMissing, ValueSetUnknown
from terminology.memory import MemoryCodeSystem
from terminology.model import Edition
from terminology.period import Day
from terminology.provider import CodeSystemProvider
from terminology.release.reader import Release
from terminology.resources import NOTHING, Resources
from terminology.supplement import Supplemented
from terminology.systems import PREFERRED
from terminology.valueset import ValueSet
from terminology.versions import NO_RULES, Rules, is_wild, matches, newest


class Resolved(NamedTuple):
    """The code system that answers, and how it was chosen.

    `alias` is the URI that was asked for where it is not the preferred one; `stale` tells that the edition ends
    before the day, `early` that every edition starts after it; both only where no version was asked for.
    """

    provider: CodeSystemProvider
    edition: Edition
    alias: str | None = None
    stale: bool = False
    early: bool = False


class DayDirectory:
    """A `terminology.imports.Directory` for one day. Cheap to make; holds no state beside what it is given.

    `brought` are the client's own code systems and value sets, which come before those of the release, `rules` what
    the request says of versions, `supplements` the canonicals of supplements that it asks for. `own` are code systems
    by URL that belong to no release.
    """

    def __init__(
        self,
        release: Release,
        value_sets: Mapping[str, ValueSet],
        day: Day,
        brought: Resources = NOTHING,
        rules: Rules = NO_RULES,
        supplements: Sequence[str] = (),
        own: Mapping[str, MemoryCodeSystem] = MappingProxyType({}),
    ) -> None:
        self.release = release
        self.day = day
        self.rules = rules
        self.brought = brought
        self._value_sets = value_sets
        self._supplements = supplements
        self._kept = own

    def resolve(self, url: str, version: str | None = None) -> Resolved:
        """The code system in the version asked for (which may have wildcards), else in the edition of the day.

        Raises CodeSystemUnknown, EditionNotLoaded.
        """
        found = self._own(url, version) or self._held(url, version)
        if self._supplements and found.provider.content != "supplement":
            laid = [item for item in map(self.supplement, self._supplements) if _supplements(item, found.provider)]
            if laid:
                return found._replace(provider=Supplemented(found.provider, laid))
        return found

    def _own(self, url: str, version: str | None) -> Resolved | None:
        """The code system as the client brought it along."""
        if not self.brought:
            return None
        system = self.brought.code_system(url, version)
        if system is None:
            return None
        return Resolved(system, Edition("", system.version, basis="undated"))

    def _held(self, url: str, version: str | None) -> Resolved:
        """The code system as the release has it."""
        preferred = PREFERRED.get(url, url)
        editions = self.release.code_systems.get(preferred)
        if editions is None and (kept := self._kept.get(preferred)) is not None:
            if version and not matches(version, kept.version):
                raise EditionNotLoaded(url, version, self.versions(url))
            return Resolved(kept, Edition("", kept.version, basis="undated"))
        if editions is None:
            if version and (own := self.brought.versions(url)):
                raise EditionNotLoaded(url, version, own)
            raise CodeSystemUnknown(url)
        alias = url if url != preferred else None
        if version:
            if is_wild(version):
                fitting = newest(held.version for held in editions.versions if matches(version, held.version))
                if fitting is None:
                    raise EditionNotLoaded(url, version, self.versions(url))
                version = fitting
            provider = editions.edition(version)
            return Resolved(provider, provider.edition, alias)
        answering = editions.on(self.day)
        early = answering.stale and not editions.holds(self.day)
        return Resolved(answering.table, answering.edition, alias, answering.stale and not early, early)

    def versions(self, url: str) -> list[str]:
        """The versions held of a code system, oldest first."""
        editions = self.release.code_systems.get(PREFERRED.get(url, url))
        held = [system.version for system in editions.versions] if editions else []
        if (kept := self._kept.get(url)) is not None:
            held = [kept.version]
        return [*self.brought.versions(url), *held]

    def code_system(self, url: str, version: str | None) -> CodeSystemProvider:
        """As `resolve`, the code system alone."""
        return self.resolve(url, version).provider

    def supplement(self, reference: str) -> MemoryCodeSystem:
        """The supplement of that canonical. Raises SupplementMissing."""
        url, _, version = reference.partition("|")
        found = self.brought.code_system(url, version or None)
        if found is None or found.content != "supplement":
            raise SupplementMissing(messages.supplement_missing([reference]))
        return found

    def requiring(self, value_set: ValueSet) -> DayDirectory:
        """The same, with the supplements that the value set requires. Raises SupplementMissing."""
        if not value_set.supplements and not self._supplements:
            return self
        wanted = tuple(dict.fromkeys((*self._supplements, *value_set.supplements)))
        for reference in wanted:
            self.supplement(reference)
        if wanted == tuple(self._supplements):
            return self
        return DayDirectory(self.release, self._value_sets, self.day, self.brought, self.rules, wanted, self._kept)

    def value_set(self, url: str) -> ValueSet:
        """The value set of that canonical URL; without a version after `|`, the newest held.

        Raises ValueSetUnknown.
        """
        canonical, _, version = url.partition("|")
        version = version or self.rules.value_sets.get(canonical, "")
        found = (self.brought and self.brought.value_set(canonical, version or None)) or self._value_sets.get(canonical)
        if not found or (version and not matches(version, found.version)):
            raise ValueSetUnknown(messages.canonical(canonical, version))
        return found


def _supplements(item: MemoryCodeSystem, provider: CodeSystemProvider) -> bool:
    url, _, version = item.supplements.partition("|")
    return PREFERRED.get(url, url) == provider.url and (not version or matches(version, provider.version))
