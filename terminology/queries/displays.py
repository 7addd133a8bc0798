"""The texts of a concept: which one to show in which language, and whether a given one is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from terminology import messages
from terminology.issues import Issue, Severity
from terminology.languages import Languages
from terminology.model import Concept, Designation
from terminology.provider import CodeSystemProvider
from terminology.standing import is_outdated
from terminology.valueset import Listed

_SHOWN = frozenset({"display", "preferredForLanguage"})
"""Codes of designation uses that mean: to be shown, like a display."""


class Text(NamedTuple):
    """A text of a concept. `shown` tells whether it may stand as the display, `outdated` that it once might.

    `designation` is where it comes from, None for the display itself.
    """

    value: str
    language: str | None
    shown: bool = True
    outdated: bool = False
    designation: Designation | None = None


def texts(
    concept: Concept, provider: CodeSystemProvider, listed: Listed | None = None, language: str | None = None
) -> Iterator[Text]:
    """The concept's texts: those that a value set (in `language`) gives it first, then those of its code system."""
    if listed is not None and listed.display:
        yield Text(listed.display, language or provider.language)
    if concept.display and (listed is None or listed.display != concept.display):
        yield Text(concept.display, provider.language)
    for item in concept.designations if listed is None else (*concept.designations, *listed.designations):
        shown = item.use is None or item.use.code in _SHOWN
        yield Text(item.value, item.language, shown, bool(item.extensions) and is_outdated(item.extensions), item)


def preferred(found: Sequence[Text], languages: Languages | None) -> Text | None:
    """The text to show: the best in the languages wanted, else the first unless no other language will do."""
    default = found[0] if found and found[0].designation is None else None
    if languages is None or not languages.tags:
        return default
    ranked = [
        (rank, at)
        for at, text in enumerate(found)
        if text.shown and not text.outdated and (rank := languages.rank(text.language)) is not None
    ]
    if ranked:
        return found[min(ranked)[1]]
    return None if languages.only and default is not None and default.language is not None else default


def check_display(
    given: str, code: str, found: Sequence[Text], languages: Languages | None, path: str, *, lenient: bool
) -> Issue | None:
    """What is wrong with a display, None where nothing is, or where the concept has no text to compare it with.

    `code` is the code with its system, as messages have it. Letters' case does not matter.
    """
    if not found:
        return None
    wanted = given.casefold()
    if languages is None and any(text.value.casefold() == wanted and not text.outdated for text in found):
        return None
    severity: Severity = "warning" if lenient else "error"
    asked = languages.text if languages else "--"
    fitting = [text for text in found if _fits(text, languages)]
    current = [text for text in fitting if not text.outdated]
    if any(text.value.casefold() == wanted for text in current):
        return None
    choices = [text for text in current if text.shown] or current
    valid = list(dict.fromkeys(_shown(text) for text in choices))
    squeezed = " ".join(wanted.split())
    if any(" ".join(text.value.casefold().split()) == squeezed for text in current):
        return messages.wrong_display(given, code, valid, asked, path, severity=severity, spaces=True)
    if any(text.value.casefold() == wanted for text in fitting):
        plain = [text.value for text in choices]
        return messages.outdated_display(given, code.rpartition("#")[2], plain, path)
    if valid:
        return messages.wrong_display(given, code, valid, asked, path, severity=severity, spaces=False)
    if any(text.value.casefold() == wanted and not text.outdated for text in found):
        return messages.display_of_default_language(given, code, asked, path)
    return messages.no_display_in_language(given, code, asked, found[0].value, path, severity)


def _fits(text: Text, languages: Languages | None) -> bool:
    if languages is None or languages.any or text.language is None:
        return True
    return languages.rank(text.language) is not None


def _shown(text: Text) -> str:
    return f"'{text.value}' ({text.language})" if text.language else f"'{text.value}'"
