"""Whether codes are in a value set. FHIR: ValueSet-operation-validate-code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from terminology import messages
from terminology.errors import CodeSystemUnknown, EditionNotLoaded, QueryError, ValueSetUnknown
from terminology.holding import holds, listed_as
from terminology.imports import check_imports, imported
from terminology.issues import Issue
from terminology.messages import canonical
from terminology.model import Coding
from terminology.provider import Located
from terminology.queries.directory import DayDirectory, Resolved
from terminology.queries.displays import check_display, texts
from terminology.queries.validate import (
    PLAIN,
    Checked,
    Request,
    answer,
    check_concept,
    check_version,
    not_held,
    unknown_code,
)
from terminology.standing import is_outdated
from terminology.systems import same
from terminology.valueset import Include, Listed, ValueSet
from terminology.versions import age, matches


class _Choice(NamedTuple):
    """A code system that the value set draws on: the version its include names, what the request makes of it."""

    included: str | None
    wanted: str | None
    resolved: Resolved


class _Candidate(NamedTuple):
    resolved: Resolved
    located: Located
    listed: Listed | None


def check_member(
    directory: DayDirectory,
    coding: Coding,
    version: str | None,
    value_set: ValueSet,
    request: Request = PLAIN,
) -> Checked:
    """Check one coding in a value set. Raises what a definition may raise: FilterInvalid, ImportsCircular …"""
    try:
        check_imports(value_set, directory)
        directory = directory.requiring(value_set)
        if not coding.system:
            issues = [_not_in(value_set, coding, version, request), messages.no_system(request.whole)]
            return Checked(False, tuple(issues), coding.code)
        named = list(dict.fromkeys(item.version for item in _drawing_on(value_set, coding.system, directory)))
        if not named:
            return _outside(directory, coding, version, value_set, request)
        return _inside(directory, coding, version, value_set, named, request)
    except ValueSetUnknown as error:
        if error.url == value_set.canonical:
            raise
        issue = error.issue or Issue("error", "not-found", "not-found", str(error))
        return Checked(False, (issue,), coding.code, coding.system or None, undecided=True)


def _drawing_on(value_set: ValueSet, system: str, directory: DayDirectory) -> Iterator[Include]:
    """The includes of the value set, and of those that it imports, that draw on the code system."""
    for item in value_set.include:
        if same(item.system, system):
            yield item
        for reference in item.value_sets:
            other = imported(value_set, reference, directory)
            if item.system is None:
                yield from _drawing_on(other, system, directory)


def _inside(
    directory: DayDirectory,
    coding: Coding,
    version: str | None,
    value_set: ValueSet,
    named: Sequence[str | None],
    request: Request,
) -> Checked:
    """The value set draws on the coding's code system, in the versions named."""
    issues: list[Issue] = []
    caused_by: list[str] = []
    choices: list[_Choice] = []
    for included in named:
        wanted = directory.rules.wanted(coding.system, included)
        try:
            choices.append(_Choice(included, wanted, _resolve(directory, coding.system, wanted, version)))
        except (CodeSystemUnknown, EditionNotLoaded) as error:
            if version and wanted and not matches(wanted, version):
                path = request.at("version")
                issues.append(messages.version_mismatch(coding.system, wanted, included, wanted, version, path))
            issues.append(not_held(error, directory, request))
            caused_by.append(canonical(coding.system, getattr(error, "version", None)))
    if not choices:
        if request.membership_only:
            issues = [_not_in(value_set, coding, version, request)]
        return _undecided(directory, coding, version, issues, caused_by, request)
    if len(choices) > 1:
        choices.sort(key=lambda choice: age(choice.resolved.provider.version), reverse=True)
    fitting = [item for item in choices if not version or matches(version, item.resolved.provider.version)]
    if fitting:
        issues, caused_by = [], []
    elif version:
        issues += _mismatch(directory, choices[0], coding, version, caused_by, request)
    made = _judge(
        directory, coding, version, value_set, [item.resolved for item in fitting or choices], issues, request
    )
    return msgspec.structs.replace(made, caused_by=tuple(caused_by)) if caused_by else made


def _undecided(
    directory: DayDirectory,
    coding: Coding,
    version: str | None,
    issues: Sequence[Issue],
    caused_by: Sequence[str],
    request: Request,
) -> Checked:
    """Nothing that the value set draws on is held; the display is told where the code is known all the same."""
    made = Checked(False, tuple(issues), coding.code, coding.system, version)
    try:
        resolved = directory.resolve(coding.system, directory.rules.wanted(coding.system, version))
        made = answer(directory, coding, resolved, resolved.provider.locate(coding.code), issues, request)
    except (CodeSystemUnknown, EditionNotLoaded):
        pass
    return msgspec.structs.replace(made, caused_by=tuple(caused_by), undecided=True)


def _resolve(directory: DayDirectory, system: str, wanted: str | None, version: str | None) -> Resolved:
    """The code system as an include draws on it: in the coding's own version, where the include admits that."""
    if version and (wanted is None or matches(wanted, version)):
        try:
            return directory.resolve(system, version)
        except EditionNotLoaded:
            pass
    return directory.resolve(system, wanted)


def _mismatch(
    directory: DayDirectory, choice: _Choice, coding: Coding, version: str, caused_by: list[str], request: Request
) -> Iterator[Issue]:
    """The coding names another version than the value set; that version may not even be held."""
    used = choice.resolved.provider.version
    yield messages.version_mismatch(coding.system, choice.wanted, choice.included, used, version, request.at("version"))
    try:
        directory.resolve(coding.system, version)
    except EditionNotLoaded as error:
        caused_by.append(canonical(coding.system, version))
        yield not_held(error, directory, request)


def _judge(
    directory: DayDirectory,
    coding: Coding,
    version: str | None,
    value_set: ValueSet,
    systems: Sequence[Resolved],
    issues: list[Issue],
    request: Request,
) -> Checked:
    """The code systems to look into are known, the newest first."""
    found = [(resolved, resolved.provider.locate(coding.code)) for resolved in systems]
    have = [(resolved, located) for resolved, located in found if located is not None]
    members = [
        _Candidate(resolved, located, listed_as(value_set, resolved.provider, located.concept.code, directory))
        for resolved, located in have
        if holds(value_set, resolved.provider, located, directory)
    ]
    resolved = systems[0]
    check_version(directory, resolved, request, issues)
    if not have:
        return _not_found(directory, coding, version, value_set, resolved, issues, request)
    if not members:
        resolved, located = have[0]
        issues.insert(0, _not_in(value_set, coding, version, request))
        if not request.membership_only:
            check_concept(directory, coding, resolved, located, None, issues, request)
        return answer(directory, coding, resolved, located, issues, request)
    chosen = _best(members, coding, request)
    concept = chosen.located.concept
    unwanted = concept.inactive and (request.active_only or value_set.inactive is False)
    if unwanted:
        issues.append(messages.not_active(concept.code, request.at("code")))
    member = not (unwanted or (concept.abstract and request.abstract is False))
    if not member:
        issues.append(_not_in(value_set, coding, version, request))
    if not request.membership_only:
        check_concept(directory, coding, chosen.resolved, chosen.located, chosen.listed, issues, request, value_set)
        if chosen.listed and is_outdated(chosen.listed.extensions):
            url = chosen.resolved.provider.url
            path = request.at("code")
            issues.append(messages.deprecated_in_value_set(concept.code, url, value_set.canonical, path))
        issues += _caveats(value_set, directory)
    return answer(directory, coding, chosen.resolved, chosen.located, issues, request, chosen.listed, member=member)


def _not_found(
    directory: DayDirectory,
    coding: Coding,
    version: str | None,
    value_set: ValueSet,
    resolved: Resolved,
    issues: list[Issue],
    request: Request,
) -> Checked:
    """No version of the code system has the code; in a fragment that is taken whole it may be all the same."""
    unknown = unknown_code(directory, resolved, coding.code, request)
    whole = any(item.whole for item in _drawing_on(value_set, resolved.provider.url, directory))
    maybe = unknown.severity == "warning" and whole
    if not maybe:
        issues.insert(0, _not_in(value_set, coding, version, request))
    if not request.membership_only:
        issues.append(unknown)
    return answer(directory, coding, resolved, None, issues, request, member=maybe)


def _best(members: Sequence[_Candidate], coding: Coding, request: Request) -> _Candidate:
    """The newest version, unless the display given is wrong there and right in another."""
    if coding.display is None or len(members) == 1:
        return members[0]
    for one in members:
        found = list(texts(one.located.concept, one.resolved.provider, one.listed))
        if check_display(coding.display, "", found, request.languages, "", lenient=False) is None:
            return one
    return members[0]


def _outside(
    directory: DayDirectory, coding: Coding, version: str | None, value_set: ValueSet, request: Request
) -> Checked:
    """The value set does not draw on the coding's code system at all; what can be said of the code is said."""
    issues = [_not_in(value_set, coding, version, request)]
    if request.membership_only:
        return Checked(False, tuple(issues), coding.code, coding.system)
    path = request.at("system")
    try:
        resolved = directory.resolve(coding.system, directory.rules.wanted(coding.system, version))
    except (CodeSystemUnknown, EditionNotLoaded) as error:
        if _is_value_set(directory, coding.system):
            issues.append(messages.system_is_value_set(coding.system, path))
            return Checked(False, tuple(issues), coding.code, coding.system)
        if ":" not in coding.system:
            issues.append(messages.system_relative(path))
        if version and not directory.versions(coding.system):
            issues.append(messages.unknown_version(coding.system, version, (), path))
        else:
            issues.append(not_held(error, directory, request))
        return Checked(False, tuple(issues), coding.code, coding.system, unknown=(coding.system,))
    located = resolved.provider.locate(coding.code)
    check_version(directory, resolved, request, issues)
    if located is None:
        issues.append(unknown_code(directory, resolved, coding.code, request))
    else:
        check_concept(directory, coding, resolved, located, None, issues, request)
    return answer(directory, coding, resolved, located, issues, request)


def _is_value_set(directory: DayDirectory, url: str) -> bool:
    try:
        directory.value_set(url)
    except QueryError:
        return False
    return True


def _not_in(value_set: ValueSet, coding: Coding, version: str | None, request: Request) -> Issue:
    code = f"{canonical(coding.system, version)}#{coding.code}"
    if coding.display:
        code += f" ('{coding.display}')"
    return messages.not_in_value_set(code, value_set.canonical, request.at("code"), of_many=request.of_many)


def _caveats(value_set: ValueSet, directory: DayDirectory) -> Iterator[Issue]:
    """What there is to say of the standing of the value set and of those that it imports."""
    if (caveat := value_set.standing.caveat(value_set.standing)) is not None:
        yield messages.standing("ValueSet", caveat, value_set.canonical)
    for item in value_set.include:
        for reference in item.value_sets:
            yield from _caveats(imported(value_set, reference, directory), directory)
