"""Whether a value set holds a concept, without listing what else it holds. Source: FHIR, ValueSet.compose."""

from __future__ import annotations

from terminology.filters import passes
from terminology.imports import Directory, imported
from terminology.provider import CodeSystemProvider, Located
from terminology.systems import same
from terminology.valueset import Include, Listed, ValueSet
from terminology.versions import matches


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
        if item.codes and same(item.system, provider.url):
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
        if not same(include.system, provider.url):
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
