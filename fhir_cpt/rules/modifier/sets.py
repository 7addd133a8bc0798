"""Sets of modifiers and places by day, from the YAML files beside this."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from terminology.period import FIRST_DAY, LAST_DAY, Day, from_date


@lru_cache(maxsize=4096)
def members(name: str, day: Day) -> frozenset[str]:
    """The modifiers of a set of `sets.yaml`, or the places of one of `places.yaml`, on the day. Raises KeyError."""
    return frozenset(
        str(code)
        for group in _sets()[name]["codes"]
        if _day(group.get("start"), FIRST_DAY) <= day <= _day(group.get("end"), LAST_DAY)
        for code in group["codes"]
    )


@cache
def trips() -> frozenset[str]:
    """The two-letter modifiers that tell where an ambulance came from and where it went."""
    letters = read("trips.yaml")
    return frozenset(f"{origin}{target}" for origin in letters["origins"] for target in letters["destinations"])


@cache
def pairs() -> frozenset[str]:
    """All pairs of the letters of trips, those that are no trip among them: what was meant as one."""
    letters = read("trips.yaml")["destinations"]
    return frozenset(f"{one}{two}" for one in letters for two in letters)


def read(name: str) -> Mapping[str, Any]:
    """The content of a YAML file beside this."""
    document: Mapping[str, Any] = yaml.safe_load((files(__package__) / name).read_text("utf-8"))
    return document


@cache
def _sets() -> Mapping[str, Any]:
    return {**read("sets.yaml"), **read("places.yaml")}


def _day(value: Any, default: Day) -> Day:
    return default if value is None else from_date(value)
