"""Modifiers that speak of global periods, as `modifiers.yaml` has them."""

from __future__ import annotations

from functools import cache
from typing import Literal

from fhir_cpt.claims.model import Line
from fhir_cpt.rules.dated import document, first_days
from terminology.period import Day

Role = Literal["lifts-visit", "lifts-procedure", "starts-no-period", "no-procedure-of-its-own"]


def first(role: Role, modifiers: tuple[str, ...], day: Day) -> str | None:
    """The first of the modifiers that has the role on the day, or None."""
    starts = _starts()[role]
    for modifier in modifiers:
        start = starts.get(modifier)
        if start is not None and start <= day:
            return modifier
    return None


def lifting(role: Role, line: Line) -> str | None:
    """The first of the line's modifiers that has the role on its day, or None."""
    if not line.modifiers or line.period is None:
        return None
    return first(role, line.modifiers, line.period.start)


@cache
def _starts() -> dict[Role, dict[str, Day]]:
    """For each role its modifiers, with the first day on which they have it."""
    told = document(__package__, "modifiers.yaml")
    return {role: first_days(content["codes"]) for role, content in told.items()}
