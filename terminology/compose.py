"""Which concepts a value set holds, by set algebra over the concepts' numbers. Source: FHIR, ValueSet.compose.

An include is a code system narrowed by codes, filters or other value sets; all its parts must hold. Code systems
that are drawn on in several versions are told apart, unless the value set says that versions match
(the expansion parameter `versionsMatch`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from terminology import messages
from terminology.errors import CodeSystemUnknown, ExpansionTooCostly, ImportsCircular
from terminology.filters import passes, selected
from terminology.provider import CodeSystemProvider, Located
from terminology.valueset import Filter, Include, Listed, ValueSet
from terminology.versions import Rules, age, matches

MOST_IMPORTS = 1000
"""Value sets that one value set may draw on, through however many others."""


class Directory(Protocol):
    """Where an include's systems and value sets are found, and what the request says of versions."""

    @property
    def rules(self) -> Rules:
        """What the request says of versions."""
        ...

    def code_system(self, url: str, version: str | None) -> CodeSystemProvider:
        """The code system in the version, or the one of the day. Raises CodeSystemUnknown, EditionNotLoaded."""
        ...

    def value_set(self, url: str) -> ValueSet:
        """The value set of that canonical. Raises ValueSetUnknown."""
        ...


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


class Members(NamedTuple):
    """The concepts of a value set. `unclosed`: it also holds expressions, which are too many to list."""

    segments: list[Segment]
    unclosed: bool


def imported(value_set: ValueSet, reference: str, directory: Directory) -> ValueSet:
    """The value set that an include refers to, by canonical or as `#id` of a contained one. Raises ValueSetUnknown."""
    if reference.startswith("#") and reference[1:] in value_set.contained:
        return value_set.contained[reference[1:]]
    return directory.value_set(reference)


def check_imports(value_set: ValueSet, directory: Directory) -> None:
    """Check that the value set imports itself nowhere. Raises ImportsCircular, ExpansionTooCostly, ValueSetUnknown."""
    if any(item.value_sets for item in (*value_set.include, *value_set.exclude)):
        _descend(value_set, directory, [], [0])


def _descend(value_set: ValueSet, directory: Directory, path: list[str], count: list[int]) -> None:
    name = value_set.canonical
    if value_set.url and name in path:
        raise ImportsCircular(messages.circular(name, path))
    count[0] += 1
    if count[0] > MOST_IMPORTS:
        raise ExpansionTooCostly(f"{path[0]} draws on more than {MOST_IMPORTS} value sets")
    path.append(name)
    for item in (*value_set.include, *value_set.exclude):
        for reference in item.value_sets:
            _descend(imported(value_set, reference, directory), directory, path, count)
    path.pop()


def versions_match(value_set: ValueSet) -> bool:
    """Whether a code in one version of its system is the same as in another.

    As the value set says; where it does not, yes, unless it includes a code system in several versions.
    """
    stated = value_set.parameters.get("versionsMatch")
    if stated is not None:
        return stated == "true"
    versions: dict[str | None, set[str | None]] = {}
    for item in value_set.include:
        versions.setdefault(item.system, set()).add(item.version)
    return all(len(found) == 1 for found in versions.values())


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


def holds(value_set: ValueSet, provider: CodeSystemProvider, found: Located, directory: Directory) -> bool:
    """Whether the concept, found in that code system, is in the value set. No expansion is made.

    Call `check_imports` first. Raises as `members` does.
    """
    if not any(_in(value_set, item, provider, found, directory) for item in value_set.include):
        return False
    if not value_set.exclude:
        return True
    matching = versions_match(value_set)
    return not any(_in(value_set, item, provider, found, directory, any_version=matching) for item in value_set.exclude)


def listed_as(value_set: ValueSet, provider: CodeSystemProvider, code: str, directory: Directory) -> Listed | None:
    """What the value set says of a code that it lists itself; None where it says nothing."""
    for item in value_set.include:
        if item.system == provider.url and item.codes:
            return next((listed for listed in item.codes if _same(listed.code, code, provider)), None)
        for reference in item.value_sets:
            if listed := listed_as(imported(value_set, reference, directory), provider, code, directory):
                return listed
    return None


def _in(
    value_set: ValueSet,
    include: Include,
    provider: CodeSystemProvider,
    found: Located,
    directory: Directory,
    *,
    any_version: bool = False,
) -> bool:
    if include.system is not None:
        if include.system != provider.url:
            return False
        wanted = None if any_version else directory.rules.wanted(include.system, include.version)
        if any_version and include.version:
            return _in_other_version(include, provider, found, directory)
        if wanted and not matches(wanted, provider.version):
            return False
        if include.codes and not any(_same(item.code, found.concept.code, provider) for item in include.codes):
            return False
        if not all(passes(item, provider, found) for item in include.filters):
            return False
    return all(
        holds(imported(value_set, reference, directory), provider, found, directory) for reference in include.value_sets
    )


def _in_other_version(include: Include, provider: CodeSystemProvider, found: Located, directory: Directory) -> bool:
    """Whether an include of another version of the code system holds the code."""
    wanted = directory.rules.wanted(provider.url, include.version)
    other = directory.code_system(provider.url, wanted)
    located = other.locate(found.concept.code)
    if located is None:
        return False
    if include.codes and not any(_same(item.code, located.concept.code, other) for item in include.codes):
        return False
    return all(passes(item, other, located) for item in include.filters)


def _same(code: str, other: str, provider: CodeSystemProvider) -> bool:
    return code == other or (not provider.case_sensitive and code.casefold() == other.casefold())


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
