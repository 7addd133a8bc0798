"""Whether codes are right: in their code system, on the day, in a value set, under the display given.

FHIR: CodeSystem-operation-validate-code, ValueSet-operation-validate-code; the issues are those that HL7's
terminology ecosystem asks of servers (the tx-issue-type code system).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from terminology.errors import CodeSystemUnknown, EditionNotLoaded
from terminology.model import Coding
from terminology.period import Day, Period, show
from terminology.provider import CodeSystemProvider, Located
from terminology.queries.directory import DayDirectory, Resolved
from terminology.queries.lookup import in_other_edition, is_inactive
from terminology.valueset import ValueSet, holds

Severity = Literal["error", "warning", "information"]


class Issue(msgspec.Struct, frozen=True):
    """One thing to say of a code: `kind` is a code of tx-issue-type, `path` the parameter's element at fault."""

    severity: Severity
    code: str
    kind: str
    text: str
    path: str


class Checked(msgspec.Struct, frozen=True):
    """The outcome for one coding. `display` is the preferred one; `unknown_system` a system that is not held."""

    result: bool
    issues: tuple[Issue, ...] = ()
    code: str | None = None
    system: str | None = None
    version: str | None = None
    display: str | None = None
    inactive: bool = False
    normalized: str | None = None
    unknown_system: str | None = None
    resolved: Resolved | None = None

    @property
    def message(self) -> str | None:
        """The errors, else the warnings, as one text."""
        for severity in ("error", "warning"):
            texts = [issue.text for issue in self.issues if issue.severity == severity]
            if texts:
                return "; ".join(texts)
        return None


class Request(msgspec.Struct, frozen=True):
    """How to check: `paths` name the code, system and display where the client gave them."""

    lenient_display: bool = False
    code_path: str = "code"
    system_path: str = "system"
    display_path: str = "display"
    version_path: str = "version"


_PLAIN = Request()


def check(
    directory: DayDirectory,
    coding: Coding,
    version: str | None = None,
    value_set: ValueSet | None = None,
    request: Request = _PLAIN,
) -> Checked:
    """Check one coding, in the value set where one is given. Raises what a value set's definition may raise."""
    issues: list[Issue] = []
    try:
        resolved = directory.resolve(coding.system, version)
    except CodeSystemUnknown:
        text = f"A definition for CodeSystem '{coding.system}' could not be found, so the code cannot be validated"
        issue = Issue("error", "not-found", "not-found", text, request.system_path)
        return Checked(False, (issue,), coding.code, coding.system, unknown_system=coding.system)
    except EditionNotLoaded as error:
        text = (
            f"A definition for CodeSystem '{coding.system}' version '{version}' could not be found, so the code cannot "
            f"be validated. Valid versions: {' or '.join(error.held)}"
        )
        issue = Issue("error", "not-found", "not-found", text, request.version_path)
        return Checked(
            False, (issue,), coding.code, coding.system, version, unknown_system=f"{coding.system}|{version}"
        )
    provider = resolved.provider
    told = resolved.edition.version
    if resolved.alias:
        issues.append(_alias(resolved, request))
    located = provider.locate(coding.code)
    if located is None:
        issues.insert(0, _unknown(directory, resolved, coding.code, request))
        if value_set is not None:
            issues.insert(0, _not_in(value_set, provider, coding.code, request))
        fatal = any(issue.severity == "error" for issue in issues)
        return Checked(not fatal, tuple(issues), coding.code, provider.url, told, resolved=resolved)
    concept = located.concept
    inactive = is_inactive(located, directory.day)
    if located.given_as == "form":
        text = f"The code '{coding.code}' is written '{concept.code}'"
        issues.append(Issue("warning", "business-rule", "code-rule", text, request.code_path))
    elif located.given_as == "case":
        text = f"The code '{coding.code}' differs from '{concept.code}' by case; write it as the code system does"
        issues.append(Issue("information", "business-rule", "code-rule", text, request.code_path))
    if inactive:
        issues.append(_not_in_force(located, directory.day, request))
    elif resolved.stale or resolved.early:
        issues.append(_out_of_date(resolved, directory.day, request))
    if value_set is not None and not holds(value_set, provider, located, directory):
        issues.insert(0, _not_in(value_set, provider, coding.code, request))
    if coding.display is not None and (wrong := _display(located, coding.display, request)):
        issues.append(wrong)
    return Checked(
        not any(issue.severity == "error" for issue in issues),
        tuple(issues),
        coding.code,
        provider.url,
        told,
        concept.display,
        inactive,
        concept.code if concept.code != coding.code else None,
        resolved=resolved,
    )


def check_all(
    directory: DayDirectory,
    codings: Sequence[Coding],
    value_set: ValueSet | None,
    requests: Sequence[Request],
    versions: Sequence[str | None],
) -> Checked:
    """Check a CodeableConcept: right where every coding is right in its system, and one is in the value set."""
    results = [
        check(directory, coding, version, None, request)
        for coding, version, request in zip(codings, versions, requests, strict=True)
    ]
    issues = [issue for result in results for issue in result.issues]
    chosen = next((result for result in results if result.result), results[0])
    if value_set is not None:
        member = next((result for result in results if _member(directory, result, value_set)), None)
        if member is None:
            shown = ", ".join(f"'{coding.system}#{coding.code}'" for coding in codings)
            text = f"No valid coding was found for the value set '{_canonical(value_set)}' ({shown})"
            issues.insert(0, Issue("error", "code-invalid", "not-in-vs", text, "codeableConcept"))
        else:
            chosen = member
    return msgspec.structs.replace(
        chosen,
        result=not any(issue.severity == "error" for issue in issues),
        issues=tuple(issues),
        unknown_system=next((result.unknown_system for result in results if result.unknown_system), None),
    )


def _member(directory: DayDirectory, result: Checked, value_set: ValueSet) -> bool:
    if result.resolved is None or result.code is None:
        return False
    located = result.resolved.provider.locate(result.code)
    return located is not None and holds(value_set, result.resolved.provider, located, directory)


def _alias(resolved: Resolved, request: Request) -> Issue:
    text = f"'{resolved.alias}' is another name for '{resolved.provider.url}', which is preferred"
    return Issue("warning", "business-rule", "code-rule", text, request.system_path)


def _unknown(directory: DayDirectory, resolved: Resolved, code: str, request: Request) -> Issue:
    provider = resolved.provider
    text = f"Unknown code '{code}' in the CodeSystem '{provider.url}' version '{resolved.edition.version}'"
    severity: Severity = "error"
    if hint := provider.hint(code):
        text = f"{text}. {hint}"
    elif other := in_other_edition(directory, resolved, code):
        text = f"{text}; it is in version {other}"
    elif provider.content == "fragment":
        severity = "warning"
        text += " - note that the code system is labeled as a fragment, so the code may be valid in some other fragment"
    return Issue(severity, "code-invalid", "invalid-code", text, request.code_path)


def _not_in_force(located: Located, day: Day, request: Request) -> Issue:
    concept = located.concept
    held = Period(concept.start, concept.end)
    text = f"The code '{concept.code}' is not in force on {show(day)}: it holds {held}"
    if successor := concept.value("cross-reference"):
        text += f"; see {successor}"
    return Issue("error", "business-rule", "code-rule", text, request.code_path)


def _out_of_date(resolved: Resolved, day: Day, request: Request) -> Issue:
    edition = resolved.edition
    when = "ends before" if resolved.stale else "starts after"
    text = f"The edition that answers, {edition.version} ({edition.period}), {when} {show(day)}"
    return Issue("information", "informational", "process-note", text, request.code_path)


def _not_in(value_set: ValueSet, provider: CodeSystemProvider, code: str, request: Request) -> Issue:
    text = f"The provided code '{provider.url}#{code}' was not found in the value set '{_canonical(value_set)}'"
    return Issue("error", "code-invalid", "not-in-vs", text, request.code_path)


def _display(located: Located, display: str, request: Request) -> Issue | None:
    """What is wrong with the display: it is none of the concept's texts. Nothing to compare with: nothing wrong."""
    concept = located.concept
    known = [text for text in (concept.display, *(item.value for item in concept.designations)) if text]
    wanted = _folded(display)
    if not known or any(_folded(text) == wanted for text in known):
        return None
    text = f"Wrong Display Name '{display}' for {concept.code}. Valid display is '{concept.display}'"
    severity: Severity = "warning" if request.lenient_display else "error"
    return Issue(severity, "invalid", "invalid-display", text, request.display_path)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _canonical(value_set: ValueSet) -> str:
    return f"{value_set.url}|{value_set.version}" if value_set.version else value_set.url
