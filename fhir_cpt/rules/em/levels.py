"""The levels of visits by day, as `levels.yaml` has them: minutes, and medical decision making."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from fhir_cpt.rules.dated import document, holds
from terminology.period import Day


class Rung(NamedTuple):
    """One code of a ladder: the least minutes it needs (None: it has no time), the decision making it stands for."""

    code: str
    minutes: float | None
    decisions: tuple[str, ...]


Ladder = tuple[Rung, ...]
"""Codes for one kind of visit, the lowest level first."""


@lru_cache(maxsize=4096)
def ladder_of(code: str, day: Day) -> Ladder:
    """The ladder that the code belongs to on the day; empty where it belongs to none."""
    for ladder in document(__package__, "levels.yaml")["ladders"]:
        default = ladder.get("start")
        rungs = [item for item in ladder["rungs"] if holds({"start": default, **item}, day)]
        if any(item["code"] == code for item in rungs):
            return tuple(Rung(item["code"], item.get("minutes"), tuple(item.get("decisions", ()))) for item in rungs)
    return ()


def place_of(ladder: Ladder, code: str) -> int:
    """The place of the code in its ladder, from 0, the lowest. Raises ValueError where it is not on the ladder."""
    return [rung.code for rung in ladder].index(code)


def place_by_minutes(ladder: Ladder, minutes: float) -> int | None:
    """The highest place whose least minutes are met; None where they are too few for any."""
    met = [at for at, rung in enumerate(ladder) if rung.minutes is not None and rung.minutes <= minutes]
    return met[-1] if met else None


def place_by_decision(ladder: Ladder, decision: str) -> int | None:
    """The place that stands for the level of decision making; None where the ladder goes by time alone."""
    return next((at for at, rung in enumerate(ladder) if decision in rung.decisions), None)
