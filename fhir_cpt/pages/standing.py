"""Whether a code may be used on a day, as far as is known: what every page says of a code in one word."""

from __future__ import annotations

from typing import Literal

from terminology.model import Concept
from terminology.period import ALWAYS, Day
from terminology.provider import Content

State = Literal["in", "out", "unknown"]
"""In force; not in force; or not known, because no dates are held that speak for the day."""


def state_of(concept: Concept, content: Content, day: Day, *, early: bool = False) -> State:
    """Whether the concept may be used on the day.

    `content` tells how much of the code system is held: a fragment without dates proves nothing. `early` tells that
    every edition starts after the day.
    """
    if concept.inactive or not concept.period.holds(day):
        return "out"
    undated = concept.period == ALWAYS
    return "unknown" if undated and (content == "fragment" or early) else "in"
