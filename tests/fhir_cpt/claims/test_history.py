"""The prior lines of a patient, and those of late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims.history import History, PriorLine
from terminology.model import CPT
from terminology.period import from_date

DAYS = st.dates().map(from_date)


def line(day: int) -> PriorLine:
    return PriorLine(CPT, "99213", (), day, day)


@given(st.lists(DAYS), st.lists(DAYS, min_size=1))
def test_the_lines_since_a_day_are_told_from_the_last_on(days: list[int], asked: list[int]) -> None:
    history = History(map(line, days))
    for day in asked:
        wanted = sorted([start for start in days if start >= day], reverse=True)
        assert [found.start for found in history.since(day)] == wanted


def test_the_day_itself_counts_and_the_day_before_does_not() -> None:
    history = History([line(20261014), line(20261015)])
    assert [found.start for found in history.since(20261015)] == [20261015]
