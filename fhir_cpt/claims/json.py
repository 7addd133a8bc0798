"""Small readings of FHIR JSON that may hold anything: what has another type than expected is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from terminology.period import Period, parse_fhir

Json = Mapping[str, Any]


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


def number(value: Any) -> float | None:
    """A JSON number; None for anything else, true and false among it."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def money(value: Any) -> float | None:
    """The value of a Money or Quantity."""
    return number(value.get("value")) if isinstance(value, dict) else None


def codings(concept: Any) -> list[tuple[str | None, str, str | None]]:
    """System, code and display of every coding of a CodeableConcept that has a code."""
    if not isinstance(concept, dict):
        return []
    found = []
    for coding in dicts(concept.get("coding")):
        code = coding.get("code")
        if isinstance(code, str) and code.strip():
            system, display = coding.get("system"), coding.get("display")
            found.append(
                (
                    system if isinstance(system, str) else None,
                    code.strip(),
                    display if isinstance(display, str) else None,
                )
            )
    return found


@lru_cache(maxsize=4096)
def days_of(text: str) -> Period | None:
    """The days that a FHIR date or dateTime names; None where it is none."""
    try:
        return parse_fhir(text)
    except ValueError:
        return None


def references(resource: Json, *elements: str) -> Iterator[tuple[str, Json]]:
    """The Reference objects of the elements, with the element's name and place: `provider`, `payor[0]`."""
    for element in elements:
        value = resource.get(element)
        if isinstance(value, dict):
            yield element, value
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if isinstance(item, dict):
                    yield f"{element}[{at}]", item
