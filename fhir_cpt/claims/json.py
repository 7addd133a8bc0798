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
_LOWEST = -LARGEST
_REMEMBERED_PLACES = 32
"""Elements of an array whose FHIRPaths are kept at hand."""
_OBJECTS = {dict}


def dicts(value: Any) -> Sequence[Json]:
    """The objects of an array, an empty one in the place of what is no object; an object counts as an array of one."""
    if isinstance(value, list):
        if {*map(type, value)} == _OBJECTS:  # nearly always
            return value
        return [item if isinstance(item, dict) else {} for item in value]
    return [value] if isinstance(value, dict) else []


def strings(value: Any) -> list[str]:
    """The strings of an array, or the one string."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def integers(value: Any) -> tuple[int, ...]:
    """The integers of an array, true and false not among them."""
    if value.__class__ is not list:
        return ()
    for item in value:
        if item.__class__ is not int:
            return tuple([item for item in value if item.__class__ is int])
    return tuple(value)


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
    try:
        found = value["value"]
    except (TypeError, KeyError):
        return None
    kind = found.__class__
    if (kind is float or kind is int) and _LOWEST <= found <= LARGEST:  # nearly always
        return float(found)
    return number(found)


def places(path: str, count: int) -> Sequence[str]:
    """The FHIRPaths of the elements of an array, at least so many: `Claim.item[0]`, `Claim.item[1]` …"""
    return _first_places(path) if count <= _REMEMBERED_PLACES else [f"{path}[{at}]" for at in range(count)]


@lru_cache(maxsize=64)
def _first_places(path: str) -> tuple[str, ...]:
    return tuple([f"{path}[{at}]" for at in range(_REMEMBERED_PLACES)])


def shortened(text: str, most: int = LONGEST) -> str:
    """The text, cut where it is longer than any code or identifier that we know: what is kept of it must stay small.

    It ends with a digest of the whole then, so that no two long texts become the same.
    """
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{text[: most - _DIGEST - 1]}…{digest}"


def days_of(text: str) -> Period | None:
    """The days that a FHIR date or dateTime names; None where it is none."""
    try:
        return parse_fhir(text)
    except ValueError:
        return None
