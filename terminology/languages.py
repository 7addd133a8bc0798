"""The languages that a client wants texts in. Source: FHIR, $expand displayLanguage; RFC 9110, Accept-Language."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from terminology import messages
from terminology.errors import LanguageInvalid

_RANGE = re.compile(r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")


class Languages(msgspec.Struct, frozen=True):
    """Language tags, the preferred first. `text` is how they were written, `echo` how they are told to the client.

    `only` tells that no other language will do (`*;q=0`): then a concept without a text in one of them has no display.
    """

    text: str
    tags: tuple[str, ...]
    echo: str
    only: bool = False
    any: bool = False

    def rank(self, language: str | None) -> int | None:
        """How well a text in the language serves: 0 best; None where it is in none of the languages.

        `de` serves who wants `de-CH`, and the other way round, less well than the language itself.
        """
        if language is None:
            return None
        given = language.lower()
        for at, tag in enumerate(self.tags):
            if given == tag:
                return 2 * at
            if given.startswith(f"{tag}-") or tag.startswith(f"{given}-"):
                return 2 * at + 1
        return None


@lru_cache(maxsize=256)
def parse(text: str) -> Languages:
    """The languages in a parameter or header such as `de-CH, de;q=0.8, *;q=0`. Raises LanguageInvalid."""
    weighted: list[tuple[float, str]] = []
    only = False
    anything = False
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise LanguageInvalid(messages.language_invalid(text))
        tag, weight = found[1].lower(), float(found[2] or 1)
        if tag == "*":
            only, anything = only or weight == 0, anything or weight > 0
        elif weight > 0:
            weighted.append((-weight, tag))
    weighted.sort(key=lambda pair: pair[0])
    parts = [part.strip() for part in text.split(",")]
    echo = (", " if ";" in text else ",").join(parts)
    return Languages(text, tuple(tag for _, tag in weighted), echo, only, anything)
