"""Days, periods and numbers as people read them."""

from __future__ import annotations

from terminology.period import FIRST_DAY, LAST_DAY, Day, Period, show


def day_text(day: Day) -> str:
    """A day, or a dash for an open end."""
    return "–" if day in (FIRST_DAY, LAST_DAY) else show(day)


def period_text(period: Period) -> str:
    """From when to when, both days included: `since 2007-01-01`, `until 2026-09-30`, `always`."""
    if period.start == FIRST_DAY and period.end == LAST_DAY:
        return "always"
    if period.start == FIRST_DAY:
        return f"until {show(period.end)}"
    return f"since {show(period.start)}" if period.end == LAST_DAY else f"{show(period.start)} to {show(period.end)}"


def number_text(value: int) -> str:
    """A whole number with its thousands set off."""
    return f"{value:,}"
