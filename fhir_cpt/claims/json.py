"""Small readings of FHIR JSON that may hold anything: what has another type than expected is passed over."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from terminology.period import Period, parse_fhir

Json = Mapping[str, Any]
LARGEST = 1e15
"""More than any amount of money or number of units."""
LONGEST = 64
"""Characters of a code or identifier that are looked at."""
LONGEST_SYSTEM = 256
"""Characters of a system's URI that are looked at: up to so many, its codes are remembered."""
LONGEST_NAME = 256
"""Characters of a reference or a name that are looked at."""
_DIGEST = 16
"""Characters of the digest that tells shortened texts apart."""
MOST_NAMES = 100
"""Codings of a concept, and identifiers of a resource, that are looked at: many lines may refer to one and the same."""
Codings = Sequence[tuple[str | None, str, str | None]]
"""System, code and display of codings."""


def dicts(value: Any) -> list[Json]:
    """The objects of an array, an empty one in the place of what is no object; an object counts as an array of one."""
    if isinstance(value, list):
        return [item if isinstance(item, dict) else {} for item in value]
    return [value] if isinstance(value, dict) else []


def strings(value: Any) -> list[str]:
    """The strings of an array, or the one string."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def integers(value: Any) -> tuple[int, ...]:
    """The integers of an array."""
    if type(value) is not list:
        return ()
    if len(value) == 1:  # most often
        return (value[0],) if type(value[0]) is int else ()
    return tuple([item for item in value if type(item) is int])


def number(value: Any) -> float | None:
    """A JSON number; None for anything else, true and false among it.

    One beyond `LARGEST` counts as that: still too much for any edit, and no sum of such numbers overflows.
    """
    kind = type(value)
    if (kind is not float and kind is not int) or value != value:
        return None
    return float(value) if -LARGEST <= value <= LARGEST else math.copysign(LARGEST, value > 0 or -1)


def money(value: Any) -> float | None:
    """The value of a Money or Quantity."""
    if not isinstance(value, dict):
        return None
    found = value.get("value")
    if type(found) is float and -LARGEST <= found <= LARGEST:  # nearly always
        return found
    return number(found)


def codings(concept: Any) -> Codings:
    """System, code and display of the codings of a CodeableConcept that have a code; of the first `MOST_NAMES`."""
    items = concept.get("coding") if isinstance(concept, dict) else None
    if not items:
        return ()
    if type(items) is list and len(items) == 1:  # nearly always
        item = items[0]
        if type(item) is dict and len(item) == 2 and "display" not in item:
            system, code = item.get("system"), item.get("code")
            if type(code) is str and type(system) is str and len(code) <= LONGEST and len(system) <= LONGEST_SYSTEM:
                return _plain(system, code)
        found = _coding(item)
        return () if found is None else (found,)
    several = items[:MOST_NAMES] if isinstance(items, list) else (items,)
    return [found for found in map(_coding, several) if found is not None]


@lru_cache(maxsize=16384)
def _plain(system: str, code: str) -> Codings:
    """The one coding of a concept that has neither a display nor anything else; remembered, since codes recur."""
    code = code.strip()
    return ((system, code, None),) if code else ()


def shortened(text: str, most: int = LONGEST) -> str:
    """The text, cut where it is longer than any code or identifier that we know: what is kept of it must stay small.

    It ends with a digest of the whole then, so that no two long texts become the same.
    """
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{text[: most - _DIGEST - 1]}…{digest}"


def _coding(coding: Any) -> tuple[str | None, str, str | None] | None:
    code = coding.get("code") if isinstance(coding, dict) else None
    if not isinstance(code, str):
        return None
    code = code.strip()
    if not code:
        return None
    if len(code) > LONGEST:
        code = shortened(code)
    system, display = coding.get("system"), coding.get("display")
    return (
        system if isinstance(system, str) else None,
        code,
        display if isinstance(display, str) else None,
    )


def days_of(text: str) -> Period | None:
    """The days that a FHIR date or dateTime names; None where it is none."""
    if len(text) > LONGEST:
        return None
    try:
        return parse_fhir(text)
    except ValueError:
        return None
