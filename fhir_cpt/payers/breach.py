"""What one requirement of a rule says of lines that do not meet it, before it is put in the pack's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.model import Line


class Breach(NamedTuple):
    """Lines that do not meet a requirement, the one at fault first; or, with `missing`, that it cannot be told.

    `text` is the sentence where the pack has none of its own; `limit` and `found` are what was asked for and what is
    there, for evidence and for the pack's message.
    """

    lines: tuple[Line, ...]
    text: str
    expression: tuple[str, ...]
    limit: str = ""
    found: str = ""
    age: str = ""
    fix: Fix | None = None
    missing: str | None = None


def either(names: Iterable[str], word: str = "or") -> str:
    """Names for people: `A`, `A or B`, `A, B or C`."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def amount(units: float) -> str:
    """A number of units for people: `4`, `0.5`."""
    return str(int(units)) if units == int(units) else str(units)
