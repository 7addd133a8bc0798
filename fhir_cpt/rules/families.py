"""Families of procedure codes by day, from `families.yaml`: E/M, mileage and the like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from terminology.period import FIRST_DAY, LAST_DAY, Day, from_date


class Span(NamedTuple):
    """Codes from `low` to `high` with the same last letter, in the family from `start` to `end`."""

    family: str
    low: str
    high: str
    start: Day
    end: Day


@cache
def spans() -> tuple[Span, ...]:
    """All ranges of all families."""
    document: Mapping[str, Any] = yaml.safe_load((files(__package__) / "families.yaml").read_text("utf-8"))
    found = []
    for family, content in document.items():
        for item in content["codes"]:
            low, high = item["range"].split("-")
            found.append(Span(family, low, high, _day(item.get("start"), FIRST_DAY), _day(item.get("end"), LAST_DAY)))
    return tuple(found)


@lru_cache(maxsize=65536)
def families_of(code: str, day: Day) -> frozenset[str]:
    """The families that the code belongs to on the day."""
    return frozenset(
        span.family
        for span in spans()
        if span.low <= code <= span.high and _ending(span.low) == _ending(code) and span.start <= day <= span.end
    )


def _ending(code: str) -> str:
    return "" if code[-1].isdigit() else code[-1]


def _day(value: dt.date | None, default: Day) -> Day:
    return default if value is None else from_date(value)
