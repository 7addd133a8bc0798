"""The facts of diagnoses: ranges and headings of notes, and the day on which a diagnosis counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_cpt.claims.diagnoses import Diagnoses, covers, external_cause, headings
from terminology import Release, open_release
from terminology.release.build import build


@pytest.mark.parametrize(
    ("target", "code", "expected"),
    [
        ("J36", "J36", True),
        ("E10", "E10.9", True),
        ("E10", "E11.9", False),
        ("E11.0-E11.8", "E11.65", True),
        ("E11.0-E11.8", "E11.9", False),
        ("E11.0-E11.8", "E11.A", False),
        ("O00-O9A", "O24.410", True),
        ("O00-O9A", "P22.0", False),
        ("D06-D07.3", "D06.9", True),
        ("D06-D07.3", "D07.39", True),
        ("D06-D07.3", "D07.4", False),
        ("C76-C80", "C7A.00", True),
    ],
)
def test_a_target_holds_what_is_below_its_ends_and_between_them(target, code, expected):
    assert covers(target, code) is expected


def test_the_headings_of_a_code_are_all_that_it_starts_with():
    assert headings("E11.65") == ("E11.65", "E11.6", "E11")
    assert headings("I10") == ("I10",)


@pytest.mark.parametrize(("code", "expected"), [("V00.01", True), ("Y99.0", True), ("Z00.00", False), ("", False)])
def test_external_causes_are_chapter_20(code, expected):
    assert external_cause(code) is expected


def test_the_excluded_codes_of_a_code_are_those_that_some_note_names(sample_release: Release):
    diagnoses = Diagnoses(sample_release)
    table = sample_release.code_system("http://hl7.org/fhir/sid/icd-10-cm").on(20261015).table
    codes = [table.code(at) for at in range(len(table))]
    facts = {code: diagnoses.facts(code, 20261015) for code in codes}
    for one in codes:
        for two in codes:
            if facts[two].billable:
                excluded = not facts[one].excludes1.isdisjoint(facts[two].prefixes)
                assert excluded is (diagnoses.exclusion(one, two, 20261015) is not None), (one, two)
        assert facts[one].excludes1.isdisjoint(facts[one].prefixes)


@pytest.mark.realdata
def test_notes_of_the_real_tabular_list_keep_known_pairs_apart(shared: Path, tmp_path: Path):
    build([str(shared / "data" / "icd10cm" / "icd10cm_tabular_2026_april.xml.gz")], tmp_path, experimental=True)
    diagnoses = Diagnoses(open_release(tmp_path))
    day = 20260501

    def apart(one: str, two: str) -> bool:
        facts = diagnoses.facts(one, day), diagnoses.facts(two, day)
        return any(not facts[at].excludes1.isdisjoint(facts[1 - at].prefixes) for at in (0, 1))

    assert apart("E10.9", "E11.9")
    assert apart("Z34.00", "O24.410")  # a note of the whole chapter
    assert apart("D72.829", "D72.824")  # a note on the heading of both
    assert not apart("E11.9", "I10")
    assert not apart("E11.65", "E11.9")
    assert diagnoses.billable_below("S83.2", day, 10).total > 10
