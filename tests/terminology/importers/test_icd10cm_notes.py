from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.importers.icd10cm_notes import targets

CODES = {"E08", "E09", "E11", "E12", "E08.44", "E09.44", "E11.44", "E08.00", "E11.01", "E08.51", "E08.52", "E13"} | {
    "I69",
    "I69.023",
    "I69.923",
    "I69.02",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fever (A05.-)", ("A05",)),
        ("a fever (Z22-)", ("Z22",)),
        ("a cough (J00-J22)", ("J00-J22",)),
        ("pain (R10.1-R10.4-)", ("R10.1-R10.4",)),
        ("sugar (E08.3-, E09.3-)", ("E08.3", "E09.3")),
        ("many (J00-J06; J20-J22)", ("J00-J06", "J20-J22")),
        ("years (M05.00 to M05.8A)", ("M05.00-M05.8A",)),
        ("salt (E87.8}", ("E87.8",)),
        ("two (acute) kinds (B20), (B97.35)", ("B20", "B97.35")),
        ("a pregnancy (O9A.2-)", ("O9A.2",)),
        ("an overflow (QA0.0-)", ("QA0.0",)),
        ("the same (A05) again (A05)", ("A05",)),
        ("no code at all", ()),
        ("an abbreviation (LAC), an enzyme (G6PD)", ()),
        ("want of vitamin B12 (E53.8)", ("E53.8",)),
        ("conditions classified to A74.-", ("A74",)),
        ("burns in S06.1- to S06.6-, elsewhere", ("S06.1-S06.6",)),
        ("code, if applicable, for codes G31.0-G31.83, to identify:", ()),
    ],
)
def test_a_note_names_codes_and_ranges_as_written(text, expected):
    assert targets(text, CODES) == (expected, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sugar (E08-E13 with .44)", ("E08.44", "E09.44", "E11.44")),
        ("sugar (E08, E09, E11, E13 with final characters .00 or .01)", ("E08.00", "E11.01")),
        ("sugar (E08-E13, with .51-.52)", ("E08.51", "E08.52")),
        ("speech (I69. with final characters -23)", ("I69.023", "I69.923")),
    ],
)
def test_codes_that_end_alike_are_spelled_out_as_far_as_they_exist(text, expected):
    assert targets(text, CODES) == (expected, False)


@pytest.mark.parametrize(
    "text",
    [
        "drug (T36-T50 with fifth or sixth character 5)",
        "fracture (S02.- with 7th character B)",
        "sugar - see categories E08-E10 with ketoacidosis",
        "sugar (E08-E13 with .77)",
    ],
)
def test_a_target_under_another_condition_is_left_out_and_told(text):
    assert targets(text, CODES) == ((), True)


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text):
    found, _ = targets(text, CODES)
    assert all(found)
