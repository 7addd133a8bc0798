"""The release that is built of all the real files."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest

from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.period import LAST_DAY, quarter
from terminology.release.inventory import describe
from terminology.release.reader import open_release

pytestmark = pytest.mark.realdata

ROWS = {
    ("addon", "2024q3"): 7465,
    ("anesthesia", "2025"): 109,
    ("coverage", "2025-08-01"): 1,
    ("gpci", "2025"): 109,
    ("hcpcs", "2019-01"): 6800,
    ("icd10cm", "2025"): 97584,
    ("icd10cm", "2026-04"): 98186,
    ("locality", "2025"): 109,
    ("mce", "41"): 7946,
    ("mue-dme", "2024q3"): 2928,
    ("mue-hospital", "2024q3"): 14628,
    ("mue-practitioner", "2024q3"): 14677,
    ("oppscap", "2025q4"): 16100,
    ("pfs", "2025q4"): 19090,
    ("pos", "undated"): 52,
    ("ptp-hospital", "2024q3"): 1775818,
    ("ptp-practitioner", "2024q3"): 2546017,
    ("zip5", "2025q4"): 42956,
}


def test_every_row_of_every_table_is_in_the_release(real_release):
    held = {(row.table, row.version): row.rows for row in describe(real_release)}
    assert {key: held.get(key) for key in ROWS} == ROWS
    assert {table for table, _ in held} == {table for table, _ in ROWS} | {"cpt", "icd10cm-notes"}
    assert [version for table, version in held if table == "hcpcs"] == ["2019-01", "2020-10", "2024-10"]


def test_no_row_is_refused(real_build):
    assert {item.name: item.refused for item in real_build.taken if item.refused} == {}


def test_the_files_that_are_left_are_messages_resources_and_lists_of_changes(real_build):
    kinds = Counter(
        next((kind for kind in ("FHIR resource", "X12", "HL7 v2") if kind in item.reason), item.source.name)
        for item in real_build.left
    )
    assert {kind for kind in kinds if "!" not in kind} == {"FHIR resource", "X12", "HL7 v2"}
    assert sorted(kind.split("!")[1] for kind in kinds if "!" in kind) == [
        "Changes_by_ActionCode.prn",
        "Changes_by_HCPCSCode.prn",
        "HCPC2019_Trans_Alpha.xlsx",
        "proc_notes_2019.txt",
    ]


def test_what_is_to_be_known_of_the_build_is_told(real_build):
    assert [note.split(": ")[0] for note in real_build.notes] == ["anesthesia 2025", "locality 2025"]
    caps = [item for item in real_build.taken if "OPPSCAP" in item.name]
    assert [item.editions for item in caps] == [["oppscap 2025q4"]] * 2
    assert all("as the pfs file beside it" in note for item in caps for note in item.notes)


def test_the_release_verifies(real_build):
    assert open_release(real_build.folder.parent).id == real_build.folder.name


def test_an_edit_file_s_rows_are_all_found_among_the_windows(real_release, shared):
    found = real_release.ptp("hospital").on(20240815)
    assert found is not None
    assert (found.edition.period, found.stale) == (quarter(2024, 3), False)
    checked = 0
    with gzip.open(shared / "data/ncci_ptp/ccioph-v302r0-f2.TXT.gz", "rt", encoding="latin-1") as lines:
        for number, line in enumerate(lines):
            cells = line.rstrip("\r\n").split("\t")
            if number < 10 or number % 997:
                continue
            one, two, old, start, end, indicator, rationale = cells
            end_day = LAST_DAY if end == "*" else int(end)
            assert any(
                (row.start, row.end, row.indicator, row.rationale, row.prior_to_1996)
                == (int(start), end_day, int(indicator), rationale, old == "*")
                for row in found.table.windows(one, two)
            ), line
            applied = indicator != "9" and end_day > int(start)
            assert not applied or found.table.edit(one, two, int(start)) is not None
            assert not applied or (0, 1) in found.table.pairs([one, two])
            checked += 1
    assert checked > 400


def test_no_code_is_paired_with_itself_and_indicator_9_never_applies(real_release):
    for setting in ("practitioner", "hospital"):
        found = real_release.ptp(setting).on(20240815)
        assert found is not None
        codes = list(found.table)
        assert not any(found.table.windows(code, code) for code in codes)
        assert all(edit.indicator != 9 for code in codes[::50] for edit in found.table.partners(code, 20240815))


@pytest.mark.parametrize(
    ("system", "day", "code", "version", "stale"),
    [
        (ICD10CM, 20241001, "E11.9", "2025", False),
        (ICD10CM, 20250930, "E119", "2025", False),
        (ICD10CM, 20251001, "E11.9", "2026-04", False),
        (ICD10CM, 20261001, "E11.9", "2026-04", True),
        (HCPCS, 20240815, "J1885", "2024-10", False),
        (PLACE_OF_SERVICE, 20240815, "11", "undated", False),
        (CPT, 20190815, "99213", "2024", False),
        (CPT, 20240815, "0001U", "2024", False),
        (CPT, 20251115, "99213", "2025", False),
        (CPT, 20260101, "99213", "2025", True),
    ],
)
def test_the_edition_of_the_day_answers(real_release, system, day, code, version, stale):
    found = real_release.code_system(system).on(day)
    assert (found.edition.version, found.stale) == (version, stale)
    assert found.table.locate(code) is not None


def test_every_code_of_every_edition_of_hcpcs_is_found_on_any_day(real_release):
    editions = real_release.code_system(HCPCS)
    assert [system.version for system in editions.versions] == ["2019-01", "2020-10", "2024-10"]
    merged = editions.on(20240815).table
    for system in editions.versions:
        assert all(system.code(at) in merged for at in range(len(system)))


def test_no_cpt_concept_has_a_text(real_release):
    (first, *_) = real_release.code_system(CPT).versions
    assert first.content == "fragment"
    concepts = [first.concept(at) for at in range(len(first))]
    assert not any(concept.display or concept.designations or concept.definition for concept in concepts)
    ends = Counter(concept.code[-1] for concept in concepts if len(concept.code) == 5)
    assert set("FTUMA") <= set(ends)
