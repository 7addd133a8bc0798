from __future__ import annotations

import pytest

from terminology.edits import Mue
from terminology.errors import CodeSystemUnknown, EditionNotLoaded
from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE, Concept, Edition
from terminology.release.reader import Editions


def answers(editions, *days):
    """Version and staleness for each day, or None."""
    return [(found.edition.version, found.stale) if (found := editions.on(day)) else None for day in days]


SNAPSHOTS = Editions(
    [
        (Edition("mue-dme", "2024q3", 20240701, 20240930), "third"),
        (Edition("mue-dme", "2024q1", 20240101, 20240331), "first"),
    ]
)


def test_a_snapshot_answers_for_its_period_and_later_days_until_the_next():
    days = (20231231, 20240101, 20240331, 20240401, 20240630, 20240701, 20240930, 20241001)
    assert answers(SNAPSHOTS, *days) == [
        None,
        ("2024q1", False),
        ("2024q1", False),
        ("2024q1", True),
        ("2024q1", True),
        ("2024q3", False),
        ("2024q3", False),
        ("2024q3", True),
    ]


def test_editions_stand_oldest_first_however_they_were_given():
    assert [table for _, table in SNAPSHOTS] == ["first", "third"]
    assert [table for _, table in SNAPSHOTS.newest_first] == ["third", "first"]
    found = SNAPSHOTS.on(20240815)
    assert found is not None
    assert found.table == "third"


def test_rows_that_carry_their_dates_are_answered_by_the_newest_edition_for_any_day():
    editions = Editions(
        [
            (Edition("hcpcs", "2024-10", 20241001, 20241231, "rows"), "new"),
            (Edition("hcpcs", "2019-01", 20190101, 20191231, "rows"), "old"),
        ]
    )
    assert answers(editions, 20180101, 20190601, 20240930, 20241231, 20250101) == [
        ("2024-10", False),
        ("2024-10", False),
        ("2024-10", False),
        ("2024-10", False),
        ("2024-10", True),
    ]


def test_a_table_without_dates_answers_for_any_day_and_is_never_stale():
    editions = Editions([(Edition("pos", "undated", basis="undated"), "all")])
    assert answers(editions, 19000101, 20240815, 99991231) == [("undated", False)] * 3


def test_no_editions_answer_for_no_day():
    editions = Editions([])
    assert not editions
    assert answers(editions, 20240815) == [None]
    assert SNAPSHOTS


def test_an_update_within_a_fiscal_year_takes_over_on_its_first_day(batch, compiled):
    year = {"start": 20251001, "end": 20260930}
    base = batch("icd10cm", [Concept("I10", "base")], "2026", **year)
    update = batch("icd10cm", [Concept("I10", "update")], "2026-04", **year)
    editions = compiled(base, update).code_system(ICD10CM)
    days = (20251001, 20260331, 20260401, 20260930, 20261001)
    assert answers(editions, *days) == [
        ("2026", False),
        ("2026", False),
        ("2026-04", False),
        ("2026-04", False),
        ("2026-04", True),
    ]


def test_an_update_alone_answers_for_its_whole_fiscal_year(batch, compiled):
    update = batch("icd10cm", [Concept("I10")], "2026-04", start=20251001, end=20260930)
    editions = compiled(update).code_system(ICD10CM)
    assert answers(editions, 20251001, 20260930, 20261001) == [
        ("2026-04", False),
        ("2026-04", False),
        ("2026-04", True),
    ]


def test_before_the_first_edition_the_earliest_answers_and_says_that_none_holds_the_day(batch, compiled):
    editions = compiled(batch("icd10cm", [Concept("I10")], "2025", start=20241001, end=20250930)).code_system(ICD10CM)
    assert answers(editions, 20240930, 20241001) == [("2025", True), ("2025", False)]
    assert [editions.holds(day) for day in (20240930, 20241001, 20251001)] == [False, True, True]


def test_a_fragment_of_cpt_answers_for_days_before_its_first_year_without_being_stale(batch, compiled):
    release = compiled(batch("mue-dme", [Mue("99213", 1, 3, "")], "2024q3", start=20240701, end=20240930))
    editions = release.code_system(CPT)
    assert answers(editions, 20200101, 20240101, 20241231, 20250101) == [
        ("2024", False),
        ("2024", False),
        ("2024", False),
        ("2024", True),
    ]
    assert [system.content for system in editions.versions] == ["fragment"]


@pytest.fixture
def two_of_hcpcs(batch, compiled):
    """HCPCS in two editions: A2 is in the older alone, A3 in the newer alone."""
    old = [Concept("A1", "old", 20100101), Concept("A2", "gone", 20100101)]
    new = [Concept("A1", "new", 20100101), Concept("A3", "come", 20240101)]
    return compiled(
        batch("hcpcs", old, "2019-01", start=20190101, end=20190331, basis="rows"),
        batch("hcpcs", new, "2024-10", start=20241001, end=20241231, basis="rows"),
    ).code_system(HCPCS)


@pytest.mark.parametrize("day", [20180101, 20190201, 20241001, 20260101])
def test_a_code_that_only_an_older_edition_lists_is_found_on_any_day(two_of_hcpcs, day):
    table = two_of_hcpcs.on(day).table
    assert [table.concept(at).display for at in range(len(table))] == ["new", "gone", "come"]


def test_a_version_that_is_pinned_answers_by_itself(two_of_hcpcs):
    pinned = two_of_hcpcs.edition("2019-01")
    assert [pinned.code(at) for at in range(len(pinned))] == ["A1", "A2"]
    assert pinned.locate("A3") is None
    assert [system.version for system in two_of_hcpcs.versions] == ["2019-01", "2024-10"]


def test_a_version_that_is_not_held_is_refused_with_those_that_are(two_of_hcpcs):
    with pytest.raises(EditionNotLoaded, match=r"Version 2020-10 of .* is not loaded; held: 2019-01, 2024-10"):
        two_of_hcpcs.edition("2020-10")


def test_one_edition_alone_is_its_own_table(batch, compiled):
    release = compiled(batch("hcpcs", [Concept("A1")], "2024-10", start=20241001, end=20241231, basis="rows"))
    (only,) = release.code_system(HCPCS).versions
    assert [only.code(at) for at in range(len(only))] == ["A1"]
    assert release.editions() == [only.edition]


def test_tables_that_are_not_loaded_are_empty_and_systems_are_refused(batch, compiled):
    release = compiled(batch("pos", [Concept("11")], "undated", basis="undated"))
    for editions in (
        release.ptp("dme"),
        release.ptp("hospital"),
        release.mue("practitioner"),
        release.add_ons,
        release.fee_schedule,
        release.diagnosis_edits,
        release.diagnosis_notes,
        release.coverage,
        release.table("zip5"),
    ):
        assert not editions
        assert editions.on(20240815) is None
    assert list(release.code_systems) == [PLACE_OF_SERVICE]
    with pytest.raises(CodeSystemUnknown, match=r"http://hl7.org/fhir/sid/icd-10-cm is not known here"):
        release.code_system(ICD10CM)


def test_a_keyed_table_answers_by_its_setting(batch, compiled):
    rows = {name: [Mue("99213", units, 3, "")] for units, name in enumerate(("practitioner", "hospital", "dme"), 1)}
    batches = [batch(f"mue-{name}", records, "2024q3", start=20240701, end=20240930) for name, records in rows.items()]
    release = compiled(*batches)
    for name, records in rows.items():
        found = release.mue(name).on(20240815)
        assert found is not None
        assert list(found.table.get("99213")) == records
        assert release.table(f"mue-{name}").on(20240815) is not None
