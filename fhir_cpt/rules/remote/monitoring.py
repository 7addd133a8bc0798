"""What the codes of remote monitoring ask for on a day, as `monitoring.yaml` has it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal, NamedTuple

from fhir_cpt.rules.dated import document, holds, period_of
from terminology.period import Day

Kind = Literal["device", "treatment", "further", "setup"]


class Asked(NamedTuple):
    """One code: days of data (device) or minutes of a calendar month (treatment, further), at least and at most.

    `series` is physiologic or therapeutic; `group` holds the codes that stand for each other: the supply of a device,
    else the series. `base` is the code that a further code goes with, and `least` then the minutes of each unit.
    """

    code: str
    kind: Kind
    series: str
    group: str
    least: int
    most: int | None
    base: str
    start: Day
    end: Day

    def holds(self, amount: float) -> bool:
        """Whether the days or minutes fit the code."""
        return self.least <= amount and (self.most is None or amount < self.most + 1)


_KINDS: tuple[Kind, ...] = ("device", "treatment", "further", "setup")


@lru_cache(maxsize=4096)
def asked(code: str, day: Day) -> Asked | None:
    """What the code asks for on the day; None where it is no code of remote monitoring then."""
    return next((row for row in _rows() if row.code == code and row.start <= day <= row.end), None)


@lru_cache(maxsize=4096)
def alike(group: str, kind: Kind, day: Day) -> tuple[Asked, ...]:
    """The codes of the day that stand for each other: they count the same service in other amounts."""
    return tuple(row for row in _rows() if row.kind == kind and row.group == group and row.start <= day <= row.end)


@cache
def codes_of(series: str) -> frozenset[str]:
    """All codes of a series, of any day."""
    return frozenset(row.code for row in _rows() if row.series == series)


@lru_cache(maxsize=256)
def interval(of: Literal["device", "episode"], day: Day) -> int:
    """Days: from one device to the next, or without monitoring until another setup starts a new episode."""
    rows = document(__package__, "monitoring.yaml")["frequency"][of]
    return next((int(row["days"]) for row in rows if holds(row, day)), 0)


@cache
def _rows() -> tuple[Asked, ...]:
    return tuple(
        Asked(
            code=row["code"],
            kind=kind,
            series=row["series"],
            group=row.get("supply", row["series"]),
            least=row.get("least", row.get("each", 0)),
            most=row.get("most"),
            base=row.get("base", ""),
            start=period_of(row).start,
            end=period_of(row).end,
        )
        for kind in _KINDS
        for row in document(__package__, "monitoring.yaml")[kind]
    )
