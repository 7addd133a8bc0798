"""Post-coordinated CPT expressions: `99213:25`, `99213:25:95` — a code and its modifiers, in any order.

Source: the FHIR page on CPT (terminology.hl7.org, CPT code system): the separator is a colon; an expression has no
display of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SEPARATOR = ":"
_WRONG = re.compile(r"(\w{5})([-.,\s/]\s*\w{2})+")


class Expression(NamedTuple):
    """A code and the modifiers that change it, upper case, in the order given."""

    code: str
    modifiers: tuple[str, ...]

    def __str__(self) -> str:
        return SEPARATOR.join((self.code, *self.modifiers))


def parse(text: str) -> Expression | None:
    """The expression that the text writes, or None where it has no colon or an empty part."""
    code, *modifiers = text.upper().split(SEPARATOR)
    if not modifiers or not code or not all(modifiers):
        return None
    return Expression(code, tuple(modifiers))


def meant(text: str) -> str | None:
    """The right form of a code and modifiers written with another separator (`99213-25`), or None."""
    if _WRONG.fullmatch(text.strip()) is None:
        return None
    return SEPARATOR.join(re.split(r"[-.,\s/]+", text.strip().upper()))
