"""Whether a code is right: in its code system, on the day, under the display given.

FHIR: CodeSystem-operation-validate-code; the issues are those that HL7's terminology ecosystem asks of servers
(the tx-issue-type code system). Membership in value sets is checked in `terminology.queries.membership`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from terminology import messages
from terminology.errors import CodeSystemUnknown, EditionNotLoaded
from terminology.issues import Issue
from terminology.languages import Languages
from terminology.messages import canonical
from terminology.model import Coding
from terminology.period import Day, Period, show
from terminology.provider import Located
from terminology.queries.directory import DayDirectory, Resolved
from terminology.queries.displays import check_display, preferred, texts
from terminology.queries.lookup import in_other_edition
from terminology.standing import status
from terminology.valueset import Listed, ValueSet


class Checked(msgspec.Struct, frozen=True):
    """The outcome for one coding, or for a concept of several.

    `display` is the preferred one; `status` the concept's, where it is deprecated or inactive for a reason;
    `normalized` the code as its system writes it. `unknown` are systems of codings that are not held, `caused_by` those
    for want of which nothing can be said. `member` tells that the coding is in the value set, `undecided` that this
    cannot be told.
    """

    result: bool
    issues: tuple[Issue, ...] = ()
    code: str | None = None
    system: str | None = None
    version: str | None = None
    display: str | None = None
    inactive: bool = False
    status: str | None = None
    normalized: str | None = None
    unknown: tuple[str, ...] = ()
    caused_by: tuple[str, ...] = ()
    member: bool = False
    undecided: bool = False

    @property
    def message(self) -> str | None:
        """What the issues say to people, as one text."""
        return "; ".join([issue.text for issue in self.issues if issue.told]) or None


class Request(msgspec.Struct, frozen=True):
    """How to check.

    `root` is the FHIRPath of the coding where the client gave one, empty where it gave code and system by
    themselves. `abstract` False refuses codes that only group others, `active_only` inactive ones.
    `membership_only` asks nothing but whether the code is in the value set. `of_many` marks one coding of several.
    """

    root: str = ""
    lenient_display: bool = False
    languages: Languages | None = None
    abstract: bool | None = None
    active_only: bool = False
    membership_only: bool = False
    of_many: bool = False

    def at(self, element: str) -> str:
        """The path of an element of the coding."""
        return f"{self.root}.{element}" if self.root else element

    @property
    def whole(self) -> str:
        """The path of the coding as a whole."""
        return self.root or "code"


PLAIN = Request()


def check(directory: DayDirectory, coding: Coding, version: str | None = None, request: Request = PLAIN) -> Checked:
    """Check one coding in its code system."""
    try:
        resolved = directory.resolve(coding.system, directory.rules.wanted(coding.system, version))
    except (CodeSystemUnknown, EditionNotLoaded) as error:
        issue = not_held(error, directory, request)
        missing = canonical(coding.system, getattr(error, "version", None))
        return Checked(False, (issue,), coding.code, coding.system, version, caused_by=(missing,))
    provider = resolved.provider
    if provider.content == "supplement":
        name = canonical(provider.url, provider.version)
        issue = messages.supplement_as_system(name, request.at("system"))
        return Checked(False, (issue,), coding.code, coding.system, caused_by=(coding.system,))
    issues: list[Issue] = []
    check_version(directory, resolved, request, issues)
    located = provider.locate(coding.code)
    if located is None:
        issues.append(unknown_code(directory, resolved, coding.code, request))
        return answer(directory, coding, resolved, None, issues, request)
    check_concept(directory, coding, resolved, located, None, issues, request)
    return answer(directory, coding, resolved, located, issues, request)


def not_held(error: CodeSystemUnknown | EditionNotLoaded, directory: DayDirectory, request: Request) -> Issue:
    """The issue for a code system that is not held, or not in the version wanted."""
    if isinstance(error, EditionNotLoaded):
        return messages.unknown_version(
            error.system, error.version, directory.versions(error.system), request.at("system")
        )
    return messages.unknown_system(error.system, request.at("system"))


def check_version(directory: DayDirectory, resolved: Resolved, request: Request, issues: list[Issue]) -> None:
    """Say where the version that answers is not the one that the request demands."""
    provider = resolved.provider
    if directory.rules.checked and (wanted := directory.rules.refuses(provider.url, provider.version)):
        path = request.at("version")
        issues.append(messages.version_not_allowed(provider.url, provider.version, wanted, path))


def check_concept(
    directory: DayDirectory,
    coding: Coding,
    resolved: Resolved,
    located: Located,
    listed: Listed | None,
    issues: list[Issue],
    request: Request,
    value_set: ValueSet | None = None,
) -> None:
    """Say what there is to say of a code that was found: its form, standing, day and display."""
    provider, concept = resolved.provider, located.concept
    if resolved.alias:
        issues.append(_alias(resolved, request))
    if located.given_as == "form":
        text = f"The code '{coding.code}' is written '{concept.code}'"
        issues.append(Issue("warning", "business-rule", "code-rule", text, request.at("code")))
    elif located.given_as == "case":
        system = canonical(provider.url, resolved.edition.version)
        issues.append(messages.case_differs(coding.code, concept.code, system, request.at("code")))
    if not concept.start <= directory.day <= concept.end:
        issues.append(_not_in_force(located, directory.day, request))
    elif concept.inactive:
        issues.append(messages.inactive(concept.code, status(concept, provider.status_properties), request.whole))
    elif status(concept, provider.status_properties) == "deprecated":
        issues.append(messages.deprecated(concept.code, request.whole))
    if resolved.stale or resolved.early:
        issues.append(_out_of_date(resolved, directory.day, request))
    if request.abstract is False and concept.abstract:
        issues.append(messages.abstract(provider.url, concept.code, request.at("code")))
    if coding.display is not None:
        code = f"{provider.url}#{concept.code}"
        found = list(texts(concept, provider, listed, value_set.language if value_set else None))
        lenient = request.lenient_display
        wrong = check_display(coding.display, code, found, request.languages, request.at("display"), lenient=lenient)
        if wrong:
            issues.append(wrong)
    if (caveat := provider.standing.caveat(value_set.standing if value_set else None)) is not None:
        issues.append(messages.standing("CodeSystem", caveat, canonical(provider.url, provider.version)))


def answer(
    directory: DayDirectory,
    coding: Coding,
    resolved: Resolved,
    located: Located | None,
    issues: Sequence[Issue],
    request: Request,
    listed: Listed | None = None,
    *,
    member: bool = False,
) -> Checked:
    """The outcome for a coding whose code system is held."""
    told = resolved.edition.version or None
    result = not any(issue.severity == "error" for issue in issues)
    if located is None:
        return Checked(result, tuple(issues), coding.code, resolved.provider.url, told, member=member)
    concept = located.concept
    display: str | None = concept.display
    if request.languages is not None or listed is not None:
        found = list(texts(concept, resolved.provider, listed))
        shown = preferred(found, request.languages)
        display = shown.value if shown else concept.display
    standing = status(concept, resolved.provider.status_properties)
    return Checked(
        result,
        tuple(issues),
        coding.code,
        resolved.provider.url,
        told,
        display,
        concept.inactive or not concept.start <= directory.day <= concept.end,
        standing if standing == "deprecated" or (concept.inactive and standing != "inactive") else None,
        concept.code if concept.code != coding.code else None,
        member=member,
    )


def _alias(resolved: Resolved, request: Request) -> Issue:
    text = f"'{resolved.alias}' is another name for '{resolved.provider.url}', which is preferred"
    return Issue("warning", "business-rule", "code-rule", text, request.at("system"))


def unknown_code(directory: DayDirectory, resolved: Resolved, code: str, request: Request) -> Issue:
    """The issue for a code that the code system does not have, as far as is known."""
    provider, version = resolved.provider, resolved.edition.version
    issue = messages.unknown_code(code, provider.url, version, request.at("code"))
    if hint := provider.hint(code):
        return msgspec.structs.replace(issue, text=f"{issue.text}. {hint}")
    if other := in_other_edition(directory, resolved, code):
        return msgspec.structs.replace(issue, text=f"{issue.text}; it is in version {other}")
    if provider.content == "fragment":
        return messages.unknown_in_fragment(code, provider.url, version, request.at("code"))
    return issue


def _not_in_force(located: Located, day: Day, request: Request) -> Issue:
    concept = located.concept
    held = Period(concept.start, concept.end)
    text = f"The code '{concept.code}' is not in force on {show(day)}: it holds {held}"
    if successor := concept.value("cross-reference"):
        text += f"; see {successor}"
    return Issue("error", "business-rule", "code-rule", text, request.at("code"))


def _out_of_date(resolved: Resolved, day: Day, request: Request) -> Issue:
    edition = resolved.edition
    when = "ends before" if resolved.stale else "starts after"
    text = f"The edition that answers, {edition.version} ({edition.period}), {when} {show(day)}"
    return Issue("information", "informational", "process-note", text, request.at("code"), told=False)
