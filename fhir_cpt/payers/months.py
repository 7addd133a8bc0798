"""Months between days, as payers count them. Days are integers YYYYMMDD."""

from __future__ import annotations

from calendar import monthrange

from terminology.period import Day


def month_of(day: Day) -> int:
    """The day's month, counted from the year 0: months of following years follow each other."""
    return day // 10000 * 12 + day // 100 % 100 - 1


def months_later(day: Day, months: int) -> Day:
    """The same day of a later month, or that month's last where it has no such day (29 February, a year later: 28)."""
    year, month = divmod(month_of(day) + months, 12)
    if year > 9999:
        return 99991231
    return year * 10000 + (month + 1) * 100 + min(day % 100, monthrange(year, month + 1)[1])
