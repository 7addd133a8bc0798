"""Days and periods. The only place in the project that compares dates of validity.

A day is an integer YYYYMMDD (20240815): it sorts like a date, packs into four bytes, and is what the
agencies' files hold. Periods include their last day: CMS's deletion and termination dates name the
last day on which a row applies.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

Day = int
"""A calendar day as YYYYMMDD."""

FIRST_DAY: Day = 0
"""Sorts before every real day: a period with no known start."""
LAST_DAY: Day = 99991231
"""Sorts after every real day: a period with no known end."""

_LONGEST = 40
"""Characters of the longest dateTime that anybody writes."""
_FHIR_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Period(NamedTuple):
    """From `start` to `end`, both days included."""

    start: Day = FIRST_DAY
    end: Day = LAST_DAY

    def holds(self, day: Day) -> bool:
        """Whether the day lies within the period."""
        return self.start <= day <= self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two periods have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def __str__(self) -> str:
        start = "…" if self.start == FIRST_DAY else show(self.start)
        end = "…" if self.end == LAST_DAY else show(self.end)
        return f"{start} to {end}"


ALWAYS = Period()


def to_date(day: Day) -> dt.date:
    """The day as a `datetime.date`. Raises ValueError for what is no calendar day."""
    return dt.date(day // 10000, day // 100 % 100, day % 100)


def from_date(date: dt.date) -> Day:
    """The `datetime.date` as a day."""
    return date.year * 10000 + date.month * 100 + date.day


def today() -> Day:
    """The current day of this machine's clock in UTC."""
    return from_date(dt.datetime.now(dt.UTC).date())


def show(day: Day) -> str:
    """The day as a FHIR date, `2024-08-15`."""
    return f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}"


def add_days(day: Day, count: int) -> Day:
    """The day `count` days later (earlier when negative), held within 0001-01-01 and 9999-12-31."""
    ordinal = to_date(day).toordinal() + count
    return from_date(dt.date.fromordinal(min(max(ordinal, 1), dt.date.max.toordinal())))


def month_of(day: Day) -> int:
    """The day's month, counted from the year 0: months of following years follow each other."""
    return day // 10000 * 12 + day // 100 % 100 - 1


def add_months(day: Day, count: int) -> Day:
    """The same day of a later month, or that month's last where it has no such day (29 February, a year later: 28)."""
    year, month = divmod(month_of(day) + count, 12)
    if year > 9999:
        return LAST_DAY
    return year * 10000 + (month + 1) * 100 + min(day % 100, monthrange(year, month + 1)[1])


def days_between(first: Day, last: Day) -> int:
    """Days from `first` to `last`: 0 for the same day, negative where `last` is earlier."""
    return to_date(last).toordinal() - to_date(first).toordinal()


@lru_cache(maxsize=4096)  # the days of one batch of claims are few
def parse_fhir(text: str) -> Period:
    """The days that a FHIR date or dateTime names: `2024` is a whole year, `2024-08-15T10:00:00Z` one day.

    The calendar day is taken as written, without moving it to another time zone: a date of service is
    the local day of the service. Raises ValueError for anything else. Source: FHIR R4, datatypes#date.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:_LONGEST]!r}… is not a FHIR date")
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Period:
    found = _FHIR_DATE.fullmatch(text[:10])
    if found is None or (len(text) > 10 and (text[10] != "T" or found[3] is None)):
        raise ValueError(f"{text!r} is not a FHIR date")
    if len(text) > 10:
        dt.datetime.fromisoformat(text)
    year, month, day = int(found[1]), found[2], found[3]
    if day:
        return Period(*(from_date(dt.date(year, int(month), int(day))),) * 2)
    if month:
        return Period(from_date(dt.date(year, int(month), 1)), _month_end(year, int(month)))
    return calendar_year(year)


def parse_compact(text: str) -> Day:
    """A day from `YYYYMMDD`, as CMS's files write it. Raises ValueError where it is none."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a date of the form YYYYMMDD")
    day = int(text)
    to_date(day)
    return day


def parse_ordinal(text: str) -> Day:
    """A day from `YYYYDDD` (year and day of the year), as the add-on code file writes it."""
    if len(text) != 7 or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a date of the form YYYYDDD")
    date = dt.datetime.strptime(text, "%Y%j").date()
    if date.year != int(text[:4]):  # strptime takes day 366 of any year
        raise ValueError(f"{text!r}: the year has no day {text[4:]}")
    return from_date(date)


def calendar_year(year: int) -> Period:
    """1 January to 31 December."""
    return Period(from_date(dt.date(year, 1, 1)), from_date(dt.date(year, 12, 31)))


def quarter(year: int, number: int) -> Period:
    """A calendar quarter; `number` is 1 to 4. Raises ValueError for another number."""
    if number not in (1, 2, 3, 4):
        raise ValueError(f"{number} is not a quarter")
    return Period(from_date(dt.date(year, 3 * number - 2, 1)), _month_end(year, 3 * number))


def fiscal_year(year: int) -> Period:
    """The US federal fiscal year: 1 October of the year before to 30 September."""
    return Period(from_date(dt.date(year - 1, 10, 1)), from_date(dt.date(year, 9, 30)))


def _month_end(year: int, month: int) -> Day:
    following = dt.date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return LAST_DAY if following is None else from_date(following - dt.timedelta(days=1))


class HasPeriod(Protocol):
    """Anything with a first and a last day."""

    @property
    def start(self) -> Day:
        """The first day."""
        ...

    @property
    def end(self) -> Day:
        """The last day."""
        ...


T = TypeVar("T", bound=HasPeriod)


def in_force(rows: Iterable[T], day: Day) -> T | None:
    """The first of the rows whose period holds the day, or None."""
    for row in rows:
        if row.start <= day <= row.end:
            return row
    return None


class Choice(NamedTuple):
    """Which of several editions answers for a day: its place in the sequence, and whether it is out of date for it."""

    at: int
    stale: bool


def choose(periods: Sequence[Period], day: Day) -> Choice | None:
    """Which period answers for the day: the one that holds it, else the latest that started earlier (stale).

    `periods` may be in any order; of several that hold the day the latest to start wins. None where all
    start after the day. Source: DESIGN, Editions.
    """
    earlier = [index for index, period in enumerate(periods) if period.start <= day]
    if not earlier:
        return None
    holding = [index for index in earlier if day <= periods[index].end]
    index = max(holding or earlier, key=lambda at: periods[at].start)
    return Choice(index, not holding)
