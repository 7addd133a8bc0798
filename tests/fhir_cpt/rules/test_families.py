"""Families of codes by day, with those that they include."""

from __future__ import annotations

import pytest

from fhir_cpt.rules.families import families_of

OF_VISITS = {"visit", "visits-with-procedures", "post-operative-visit"}


@pytest.mark.parametrize(
    ("code", "day", "families"),
    [
        ("99213", 20261015, OF_VISITS),
        ("99318", 20221231, OF_VISITS),
        ("99318", 20230101, set()),
        ("99335", 20221231, OF_VISITS),
        ("99335", 20230101, set()),
        ("98003", 20241231, set()),
        ("98003", 20250101, OF_VISITS),
        ("99291", 20211231, {"visits-with-procedures", "post-operative-visit"}),
        ("99291", 20220101, OF_VISITS),
        ("99460", 20261015, {"visit"}),
        ("99495", 20261015, {"post-operative-visit"}),
        ("G0463", 20261015, {"visit", "visits-with-procedures"}),
        ("92005", 20261015, set()),
    ],
)
def test_what_counts_as_a_visit_differs_by_edit_and_day(code: str, day: int, families: set[str]) -> None:
    assert families_of(code, day) & OF_VISITS == families


@pytest.mark.parametrize(
    ("code", "families"),
    [
        ("99213", {"timed-evaluation", "levelled-evaluation"}),
        ("99284", {"levelled-evaluation"}),
        ("99239", {"timed-evaluation"}),
    ],
)
def test_a_level_goes_by_minutes_by_decision_making_or_by_either(code: str, families: set[str]) -> None:
    assert families_of(code, 20261015) & {"timed-evaluation", "levelled-evaluation"} == families


@pytest.mark.parametrize("code", ["99213", "98003", "92014", "G0245", "G0463", "98966"])
def test_what_is_an_evaluation_may_carry_its_modifiers(code: str) -> None:
    assert "encounters" in families_of(code, 20261015)
