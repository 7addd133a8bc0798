"""What is known of one code on one day. FHIR: CodeSystem-operation-lookup."""

from __future__ import annotations

from typing import NamedTuple

from terminology.errors import QueryError
from terminology.period import Day
from terminology.provider import Located
from terminology.queries.directory import DayDirectory, Resolved


class CodeNotFound(QueryError):
    """The code is not in the edition that answers; `elsewhere` is the version of one that has it."""

    def __init__(self, code: str, resolved: Resolved, elsewhere: str | None, hint: str | None) -> None:
        provider = resolved.provider
        text = f"Unknown code '{code}' in the CodeSystem '{provider.url}' version '{resolved.edition.version}'"
        if provider.content == "fragment":
            text += " (a fragment: CPT as CMS's public tables show it)"
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
    resolved = directory.resolve(system, version)
    located = resolved.provider.locate(code)
    if located is None:
        raise CodeNotFound(code, resolved, in_other_edition(directory, resolved, code), resolved.provider.hint(code))
    return Answer(resolved, located, is_inactive(located, directory.day))


def is_inactive(located: Located, day: Day) -> bool:
    """Whether the code may not be used on the day."""
    concept = located.concept
    return concept.inactive or not concept.start <= day <= concept.end


def in_other_edition(directory: DayDirectory, resolved: Resolved, code: str) -> str | None:
    """The newest version, other than the one that answered, that has the code."""
    for held in reversed(directory.release.code_system(resolved.provider.url).versions):
        if held.version != resolved.edition.version and held.locate(code) is not None:
            return held.version
    return None
