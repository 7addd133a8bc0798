"""Sets of modifiers and places by day, from the YAML files beside this."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from fhir_cpt.rules.dated import document, holds
from terminology.period import Day


@lru_cache(maxsize=4096)
def members(name: str, day: Day) -> frozenset[str]:
    """The modifiers of a set of `sets.yaml`, or the places of one of `places.yaml`, on the day. Raises KeyError."""
    return frozenset(str(code) for group in _sets()[name]["codes"] if holds(group, day) for code in group["codes"])


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
    told: Mapping[str, Any] = document(__package__, name)
    return told


@cache
def _sets() -> Mapping[str, Any]:
    return {**read("sets.yaml"), **read("places.yaml")}
