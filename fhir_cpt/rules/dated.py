"""Facts that change by day: the YAML files beside the rules that use them.

A row has the first and the last day on which it holds, `start` and `end`; one that is not given is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from terminology.period import FIRST_DAY, LAST_DAY, Day, Period, from_date

Row = Mapping[str, Any]


@cache
def document(package: str, name: str) -> Any:
    """The content of a YAML file of the package. Read once: not to be changed."""
    return yaml.safe_load((files(package) / name).read_text("utf-8"))


def period_of(row: Row) -> Period:
    """The days on which the row holds."""
    start, end = row.get("start"), row.get("end")
    return Period(from_date(start) if start else FIRST_DAY, from_date(end) if end else LAST_DAY)


def holds(row: Row, day: Day) -> bool:
    """Whether the row holds on the day."""
    return period_of(row).holds(day)


def first_days(groups: Iterable[Row]) -> dict[str, Day]:
    """Code → its first day, for groups of `codes` that hold from the same day."""
    return {str(code): period_of(group).start for group in groups for code in group["codes"]}
