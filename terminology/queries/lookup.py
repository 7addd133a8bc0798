"""What is known of one code on one day. FHIR: CodeSystem-operation-lookup."""

from __future__ import annotations

from typing import NamedTuple

from terminology import messages
from terminology.errors import QueryError
from terminology.period import Day
from terminology.provider import Located
from terminology.queries.directory import DayDirectory, Resolved


class CodeNotFound(QueryError):
    """The code is not in the edition that answers; `elsewhere` is the version of one that has it."""

    def __init__(self, code: str, resolved: Resolved, elsewhere: str | None, hint: str | None) -> None:
        provider = resolved.provider
        text = messages.unknown_code(code, provider.url, resolved.edition.version, "").text
        if provider.content == "fragment":
            text += " (a fragment: not all of its codes are held)"
        if elsewhere:
            text += f"; it is in version {elsewhere}"
        super().__init__(f"{text}. {hint}" if hint else text)
        self.code = code
        self.elsewhere = elsewhere
        self.hint = hint


class Answer(NamedTuple):
    """A code that was found: the code system that answered, the concept, and whether it is in force on the day."""

    resolved: Resolved
    located: Located
    inactive: bool


def lookup(directory: DayDirectory, system: str, code: str, version: str | None = None) -> Answer:
    """Find a code. Raises CodeSystemUnknown, EditionNotLoaded, CodeNotFound."""
    resolved = directory.resolve(system, directory.rules.wanted(system, version))
    located = resolved.provider.locate(code)
    if located is None:
        raise CodeNotFound(code, resolved, in_other_edition(directory, resolved, code), resolved.provider.hint(code))
    return Answer(resolved, located, is_inactive(located, directory.day))


def is_inactive(located: Located, day: Day) -> bool:
    """Whether the code may not be used on the day."""
    concept = located.concept
    return concept.inactive or not concept.start <= day <= concept.end


def in_other_edition(directory: DayDirectory, resolved: Resolved, code: str) -> str | None:
    """The newest version in the release, other than the one that answered, that has the code."""
    editions = directory.release.code_systems.get(resolved.provider.url)
    if editions is None or not resolved.edition.table:
        return None
    for held in reversed(editions.versions):
        if held.version != resolved.edition.version and held.locate(code) is not None:
            return held.version
    return None
