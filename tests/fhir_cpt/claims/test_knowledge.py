"""What the tables of a day let one conclude of a code, where CPT is not held whole."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.knowledge import Knowledge
from terminology import Release
from terminology.model import CPT
from terminology.release.ptp import PtpReader


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


@pytest.mark.parametrize(
    ("code", "day", "status"),
    [
        ("99213", 20261015, "in-force"),  # on the fee schedule
        ("99443", 20261015, "unlisted"),  # not on the fee schedule of the day
        ("11045", 20260930, "in-force"),  # in the limits of the day
        ("99213", 20150615, "in-force"),  # within the days of its pairs
        ("99443", 20241231, "in-force"),  # the last day of its pairs
        ("99443", 20250101, "unlisted"),  # the day after
        ("99470", 20250615, "undetermined"),  # no pair names it
        ("0001U", 20250615, "in-force"),  # a PLA code, of which no fee schedule speaks
    ],
)
def test_the_tables_of_the_day_speak_for_a_code_or_against_it(
    knowledge: Knowledge, code: str, day: int, status: str
) -> None:
    assert knowledge.code(CPT, code, day, "practitioner").status == status


@pytest.mark.parametrize("setting", ["practitioner", "hospital", "dme", None])
def test_what_is_concluded_does_not_go_by_the_setting(knowledge: Knowledge, setting: object) -> None:
    assert knowledge.code(CPT, "99443", 20241231, setting).status == "in-force"  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["20610", "99213", "99443", "44955", "90833", "90686"])
def test_a_span_is_that_of_all_rows_that_applied_in_either_column(knowledge: Knowledge, code: str) -> None:
    table: PtpReader = next(iter(knowledge.release.ptp("practitioner")))[1]
    rows = [row for other in table for row in (*table.windows(other, code), *table.windows(code, other))]
    applied = [row for row in rows if row.indicator != 9 and row.end > row.start and row.column1 != row.column2]
    expected = (min(row.start for row in applied), max(row.end for row in applied)) if applied else None
    assert table.span(code) == expected


def test_a_code_that_no_row_names_has_no_span(knowledge: Knowledge) -> None:
    assert next(iter(knowledge.release.ptp("practitioner")))[1].span("ZZZZZ") is None
