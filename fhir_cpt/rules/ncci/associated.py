"""Modifiers that lift a PTP edit of indicator 1, as `modifiers.yaml` has them."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from fhir_cpt.claims.model import Line
from fhir_cpt.rules.dated import document, period_of
from terminology.period import FIRST_DAY, Day, from_date


class Associated(NamedTuple):
    """A modifier that may lift edits: on which kind of line, from which day, on column 1 from which day.

    `line` is any, em (evaluation and management) or procedure; `anatomic` modifiers name a site.
    """

    line: str
    start: Day
    column1: Day
    anatomic: bool


@cache
def _associated() -> dict[str, Associated]:
    return {
        str(code): Associated(
            group.get("line", "any"),
            period_of(group).start,
            from_date(group["column1"]) if "column1" in group else FIRST_DAY,
            group.get("anatomic", False),
        )
        for group in document(__package__, "modifiers.yaml")["associated"]
        for code in group["codes"]
    }


def is_anatomic(modifier: str) -> bool:
    """Whether the modifier names a side, a finger, a toe, an eyelid or a coronary artery."""
    found = _associated().get(modifier)
    return found is not None and found.anatomic


def lifting(line: Line, column: Literal[1, 2]) -> str | None:
    """The first modifier of the line that lifts an edit of indicator 1 in which it has that column, or None."""
    if not line.modifiers or line.known is None or line.period is None:
        return None
    kind = "em" if line.known.is_em else "procedure"
    for modifier in line.modifiers:
        found = _associated().get(modifier)
        if found is not None and found.line in ("any", kind):
            start = found.start if column == 2 else max(found.start, found.column1)
            if line.period.start >= start:
                return modifier
    return None
