"""Families of procedure codes by day, from the YAML files beside this: E/M, mileage and the like.

A family has a title, a source and its codes: ranges with the first and last day on which they belong to it, and those
of the families that it `includes`. Where it has a `feature`, its codes give a claim that feature
(fhir_cpt/claims/features.py), which edits wait for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from fhir_cpt.claims.features import Feature
from fhir_cpt.rules.dated import Row, document, period_of
from terminology.period import Day


class Span(NamedTuple):
    """Codes from `low` to `high` with the same last letter, in the family from `start` to `end`."""

    family: str
    low: str
    high: str
    start: Day
    end: Day


@cache
def _document() -> Mapping[str, Any]:
    """All families of all files, by name. Raises ValueError where two files have the same one."""
    found: dict[str, Any] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            told = document(__package__, entry.name)
            if twice := found.keys() & told.keys():
                raise ValueError(f"{entry.name}: the families {sorted(twice)} are in another file already")
            found.update(told)
    return found


@cache
def spans() -> tuple[Span, ...]:
    """All ranges of all families."""
    found = []
    for family in _document():
        for item in _ranges(family):
            low, _, high = str(item["range"]).partition("-")
            found.append(Span(family, low, high or low, *period_of(item)))
    return tuple(found)


def _ranges(family: str) -> Iterator[Row]:
    """The ranges of a family, those that it includes among them. Raises KeyError for a family that is not there."""
    content = _document()[family]
    yield from content["codes"]
    for other in content.get("includes", ()):
        yield from _ranges(other)


@cache
def features() -> Mapping[str, int]:
    """The feature that each family gives, as an integer; families without one are left out."""
    return {name: int(Feature[item["feature"]]) for name, item in _document().items() if "feature" in item}


@lru_cache(maxsize=65536)
def families_of(code: str, day: Day) -> frozenset[str]:
    """The families that the code belongs to on the day."""
    return frozenset([span.family for span in _holding(code) if span.start <= day <= span.end])


@lru_cache(maxsize=16384)
def _holding(code: str) -> tuple[Span, ...]:
    """The ranges that the code lies in on whatever day: there are many ranges, and a code comes on many days."""
    ending = _ending(code)
    return tuple([span for span in spans() if span.low <= code <= span.high and _ending(span.low) == ending])


def _ending(code: str) -> str:
    last = code[-1:]
    return "" if last.isdigit() else last
