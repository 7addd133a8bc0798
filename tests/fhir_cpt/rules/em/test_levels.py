"""The minutes and levels of visits by year, and the families that wait for them."""

from __future__ import annotations

import pytest

from fhir_cpt.rules.em.levels import ladder_of, place_by_decision, place_by_minutes, place_of
from fhir_cpt.rules.families import families_of

_MINUTES_2024 = """
99202 15, 99203 30, 99204 45, 99205 60; 99212 10, 99213 20, 99214 30, 99215 40; 99221 40, 99222 55, 99223 75;
99231 25, 99232 35, 99233 50; 99234 45, 99235 70, 99236 85; 99242 20, 99243 30, 99244 40, 99245 55;
99252 35, 99253 45, 99254 60, 99255 80; 99304 25, 99305 35, 99306 50; 99307 10, 99308 20, 99309 30, 99310 45;
99341 15, 99342 30, 99344 60, 99345 75; 99347 20, 99348 30, 99349 40, 99350 60
"""
"""As spec/claim-edits lists them; ladders end with a semicolon."""
_LADDERS = [[item.split() for item in ladder.split(",")] for ladder in _MINUTES_2024.split(";")]
_LEVELS = [(code, int(minutes), ladder) for ladder in _LADDERS for code, minutes in ladder]
_DAYS = (20201231, 20210101, 20221231, 20230101, 20231231, 20240101, 20241231, 20250101, 20261015)
_CODES = [str(code) for code in (*range(98000, 98017), *range(99201, 99500))]


@pytest.mark.parametrize("day", [20240101, 20261231])
@pytest.mark.parametrize(("code", "minutes", "ladder"), _LEVELS, ids=[code for code, _, _ in _LEVELS])
def test_minutes_of_a_code_must_be_met_or_exceeded(code, minutes, ladder, day):
    rungs = ladder_of(code, day)
    assert [rung.code for rung in rungs] == [other for other, _ in ladder]
    place = place_of(rungs, code)
    assert rungs[place].minutes == minutes
    assert place_by_minutes(rungs, minutes) == place
    assert place_by_minutes(rungs, minutes - 1) == (place - 1 if place else None)


@pytest.mark.parametrize(
    ("code", "day", "minutes"),
    [
        ("99214", 20201231, None),
        ("99214", 20210101, 30),
        ("99223", 20221231, None),
        ("99223", 20230101, 75),
        ("99306", 20231231, 45),
        ("99306", 20240101, 50),
        ("99308", 20231231, 15),
        ("99308", 20240101, 20),
        ("98003", 20241231, None),
        ("98003", 20250101, 60),
    ],
)
def test_minutes_change_with_the_year(code, day, minutes):
    rungs = ladder_of(code, day)
    assert (rungs[place_of(rungs, code)].minutes if rungs else None) == minutes


@pytest.mark.parametrize(
    ("code", "decisions"),
    [
        ("99202", ("straightforward", "low", "moderate", "high")),
        ("99281", ()),
        ("99282", ("straightforward", "low", "moderate", "high")),
        ("99252", ("straightforward", "low", "moderate", "high")),
        ("99341", ("straightforward", "low", "moderate", "high")),
    ],
)
def test_a_ladder_of_four_has_a_code_for_each_level_of_decision_making(code, decisions):
    assert tuple(decision for rung in ladder_of(code, 20261015) for decision in rung.decisions) == decisions


@pytest.mark.parametrize("code", ["99221", "99231", "99234", "99304"])
def test_the_lowest_of_three_codes_stands_for_two_levels(code):
    rungs = ladder_of(code, 20261015)
    places = [place_by_decision(rungs, level) for level in ("straightforward", "low", "moderate", "high")]
    assert places == [0, 0, 1, 2]


@pytest.mark.parametrize("day", _DAYS)
def test_the_families_are_those_of_the_levels(day):
    timed, levelled = set(), set()
    for code in _CODES:
        for rung in ladder_of(code, day):
            if rung.code == code:
                timed |= {code} if rung.minutes is not None else set()
                levelled |= {code} if rung.decisions else set()
    assert {code for code in _CODES if "timed-evaluation" in families_of(code, day)} == timed
    assert {code for code in _CODES if "levelled-evaluation" in families_of(code, day)} == levelled
