"""Families of codes by day, with those that they include."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.features import Feature
from fhir_cpt.rules.families import families_of, features, spans

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


@pytest.mark.parametrize(
    ("code", "first"),
    [("G0444", 20111014), ("G0445", 20111108), ("G0446", 20111108), ("G0447", 20111129)],
)
def test_a_screening_is_an_encounter_from_the_day_of_its_code(code: str, first: int) -> None:
    assert "encounters" not in families_of(code, first - 1)
    assert "encounters" in families_of(code, first)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("G0145", True),
        ("G0146", False),
        ("G0147", True),
        ("G0451", False),
        ("G0452", True),
        ("G0464", True),
        ("G0659", True),
        ("G0660", False),
        ("P9100", True),
        ("P9016", False),
        ("Q9987", True),
        ("S3000", False),
        ("S3005", False),
        ("S3600", True),
        ("S3890", True),
        ("S3900", False),
    ],
)
def test_laboratory_tests_are_told_from_the_codes_between_them(code: str, expected: bool) -> None:
    assert ("laboratory" in families_of(code, 20261015)) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("G1027", True),
        ("G1028", False),
        ("G2081", True),
        ("G2167", True),
        ("G9139", True),
        ("G9140", False),
        ("G9143", False),
        ("G9147", False),
        ("G9157", False),
        ("G9187", False),
        ("G9489", True),
        ("G9490", False),
        ("G9684", False),
        ("G9872", True),
        ("G9986", True),
        ("G9987", False),
        ("M0004", True),
        ("M0075", False),
        ("M0201", False),
        ("M0249", False),
        ("M0301", False),
        ("M1003", True),
    ],
)
def test_quality_codes_are_told_from_the_services_between_them(code: str, expected: bool) -> None:
    assert ("quality-codes" in families_of(code, 20261015)) is expected


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [("U0003", 20200414, 20230511), ("U0004", 20200414, 20230511), ("U0005", 20210101, 20230511)],
)
def test_a_test_for_covid_is_a_laboratory_test_while_there_is_the_code(code: str, first: int, last: int) -> None:
    days = (first - 1, first, last, last + 1)
    assert ["laboratory" in families_of(code, day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("99454", True), ("99455", False), ("99456", False), ("99457", True), ("99449", True), ("99450", False)],
)
def test_an_examination_for_disability_is_not_remote_monitoring(code: str, expected: bool) -> None:
    assert ("remote-by-nature" in families_of(code, 20261015)) is expected


@pytest.mark.parametrize("code", ["99450", "99455", "99456"])
def test_an_examination_for_disability_is_a_visit(code: str) -> None:
    assert "management-without-visit" not in families_of(code, 20261015)


@pytest.mark.parametrize(
    ("code", "expected"), [("99472", True), ("99473", False), ("99474", False), ("99475", True), ("99213", True)]
)
def test_a_patient_who_measured_blood_pressure_at_home_was_not_seen(code: str, expected: bool) -> None:
    assert ("seen" in families_of(code, 20261015)) is expected


@pytest.mark.parametrize("family", ["visit", "visits-with-procedures", "post-operative-visit"])
def test_what_edits_look_for_among_evaluations_is_one(family: str) -> None:
    held = [span for span in spans() if span.family == family]
    assert held
    for span in held:
        for code in (span.low, span.high):
            found = {name: features().get(name, 0) for name in families_of(code, span.start)}
            assert any(each & Feature.EVALUATION for each in found.values()), (code, span.start, found)
