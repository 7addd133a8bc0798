from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import period
from terminology.period import ALWAYS, FIRST_DAY, LAST_DAY, Choice, Period

DATES = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
YEAR_DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)).map(period.from_date)


@pytest.mark.parametrize(
    ("day", "held"), [(20240630, False), (20240701, True), (20240815, True), (20240930, True), (20241001, False)]
)
def test_a_period_includes_its_first_and_its_last_day(day, held):
    assert Period(20240701, 20240930).holds(day) is held


@given(DATES)
def test_an_open_period_holds_every_day(date):
    assert ALWAYS.holds(period.from_date(date))


@given(DATES)
def test_a_day_and_its_date_are_the_same(date):
    assert period.to_date(period.from_date(date)) == date
    assert period.show(period.from_date(date)) == date.isoformat()


@given(DATES, DATES)
def test_days_sort_as_dates_do_and_are_as_far_apart(one, other):
    first, last = period.from_date(one), period.from_date(other)
    assert (first < last) == (one < other)
    assert period.days_between(first, last) == (other - one).days


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(-9999, 9999))
def test_days_are_added_over_months_and_years(date, count):
    assert period.add_days(period.from_date(date), count) == period.from_date(date + dt.timedelta(days=count))


@pytest.mark.parametrize(("day", "count", "expected"), [(LAST_DAY, 1, LAST_DAY), (10101, -1, 10101)])
def test_no_day_is_added_beyond_the_calendar(day, count, expected):
    assert period.add_days(day, count) == expected


@pytest.mark.parametrize("day", [FIRST_DAY, 20240230, 20241301, 20240100])
def test_what_is_no_calendar_day_is_no_date(day):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library words it
        period.to_date(day)


@given(YEAR_DAYS, YEAR_DAYS, YEAR_DAYS, YEAR_DAYS)
def test_periods_overlap_where_one_day_lies_in_both(a, b, c, d):
    one, other = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    shared = {day for day in (a, b, c, d) if one.holds(day) and other.holds(day)}
    assert one.overlaps(other) is other.overlaps(one) is bool(shared)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", Period(20240101, 20241231)),
        ("2024-02", Period(20240201, 20240229)),
        ("2023-12", Period(20231201, 20231231)),
        ("9999-12", Period(99991201, LAST_DAY)),
        ("2024-08-15", Period(20240815, 20240815)),
        ("2024-08-15T23:59:59-10:00", Period(20240815, 20240815)),
        ("2024-08-15T10:00:00Z", Period(20240815, 20240815)),
        ("2024-08-15T10:00:00.123+02:00", Period(20240815, 20240815)),
    ],
)
def test_a_fhir_date_names_all_its_days_as_written(text, expected):
    assert period.parse_fhir(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-8", "2024-13", "2024-02-30", "20240815", "2024-08-15 10:00", "2024-08-15Tnoon", "2024-08T10:00Z"],
)
def test_what_is_no_fhir_date_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library words some of them
        period.parse_fhir(text)


@given(st.text(max_size=12))
def test_any_text_is_a_fhir_date_or_refused(text):
    try:
        found = period.parse_fhir(text)
    except ValueError:
        return
    assert period.show(found.start).startswith(text[:4])


@given(DATES)
def test_compact_and_ordinal_days_are_read_back(date):
    assert period.parse_compact(f"{date.year:04}{date.month:02}{date.day:02}") == period.from_date(date)
    assert period.parse_ordinal(f"{date.year:04}{date.timetuple().tm_yday:03}") == period.from_date(date)


@pytest.mark.parametrize("text", ["", "2024081", "202408155", "20240230", "2024-8-1", "２0240815", "2024O815"])
def test_a_compact_day_is_eight_digits_that_are_a_day(text):
    with pytest.raises(ValueError):  # noqa: PT011
        period.parse_compact(text)


@pytest.mark.parametrize("text", ["", "2023366", "2024000", "2024367", "20241", "2024-01"])
def test_an_ordinal_day_is_a_day_of_its_year(text):
    with pytest.raises(ValueError):  # noqa: PT011
        period.parse_ordinal(text)


def test_the_last_day_of_a_leap_year_is_an_ordinal_day():
    assert period.parse_ordinal("2024366") == 20241231


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, (20240101, 20240331)), (2, (20240401, 20240630)), (3, (20240701, 20240930)), (4, (20241001, 20241231))],
)
def test_a_quarter_is_three_months(number, expected):
    assert period.quarter(2024, number) == expected


@pytest.mark.parametrize("number", [0, 5])
def test_there_are_four_quarters(number):
    with pytest.raises(ValueError, match="not a quarter"):
        period.quarter(2024, number)


def test_a_fiscal_year_starts_in_october_of_the_year_before():
    assert period.fiscal_year(2025) == (20241001, 20250930)
    assert period.calendar_year(2025) == (20250101, 20251231)


def test_an_open_end_is_shown_as_dots():
    assert str(Period(20240701, LAST_DAY)) == "2024-07-01 to …"
    assert str(ALWAYS) == "… to …"


def test_the_first_row_in_force_is_found_or_none():
    rows = [Period(20240101, 20240331), Period(20240301, 20240630)]
    assert period.in_force(rows, 20240315) is rows[0]
    assert period.in_force(rows, 20240630) is rows[1]
    assert period.in_force(rows, 20240701) is None


QUARTERS = [period.quarter(2024, 1), period.quarter(2024, 3)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (20231231, None),
        (20240101, Choice(0, False)),
        (20240331, Choice(0, False)),
        (20240401, Choice(0, True)),
        (20240630, Choice(0, True)),
        (20240701, Choice(1, False)),
        (20240930, Choice(1, False)),
        (20241001, Choice(1, True)),
    ],
)
def test_the_period_that_holds_the_day_answers_else_the_latest_before_it(day, expected):
    assert period.choose(QUARTERS, day) == expected


def test_of_two_periods_that_hold_the_day_the_later_to_start_answers():
    assert period.choose([Period(20251001, 20260930), Period(20260401, 20260930)], 20260401) == Choice(1, False)


def test_today_is_a_day():
    assert period.to_date(period.today()).year >= 2024
