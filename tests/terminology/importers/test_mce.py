from __future__ import annotations

from collections import Counter

import pytest

from terminology.edits import DiagnosisEdit
from terminology.errors import EditionUnknown
from terminology.importers import mce
from terminology.importers.source import Member

(IMPORTER,) = mce.IMPORTERS
HEADER = "icd_code,icd_description,icd_conflict_group,icd_conflict_rule\n"


@pytest.mark.parametrize(
    ("rule", "edit"),
    [
        ("Perinatal/Newborn (Age 0 Only)", DiagnosisEdit("A33", "age", low=0, high=0, group="Perinatal/Newborn")),
        ("Maternity (Ages 9-64)", DiagnosisEdit("A33", "age", low=9, high=64, group="Maternity")),
        ("Adult (Ages 15-124)", DiagnosisEdit("A33", "age", low=15, high=124, group="Adult")),
        ("Female Only", DiagnosisEdit("A33", "sex", sex="female")),
        ("Male Only", DiagnosisEdit("A33", "sex", sex="male")),
        ("Manifestation (Not Allowed as Principal Diagnosis)", DiagnosisEdit("A33", "manifestation")),
    ],
)
def test_a_rule_is_read_from_its_words(file_of, rule, edit):
    source = file_of(f'{HEADER}A33,"Words, invented",Any,{rule}\n', "mce_v41.csv")
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert batch.records == [edit]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A34,x,Age,Toddlers", "'Toddlers' is no rule on age, sex or manifestation"),
        ("A34,x,Age,Backwards (Ages 9-3)", "'Backwards (Ages 9-3)' is not a range of ages"),
        ("34,x,Sex,Male Only", "'34' is not an ICD-10-CM code"),
        ("A34,x,Sex", "3 cells where the header names 4"),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of, row, reason):
    (batch,) = IMPORTER.read(file_of(f"{HEADER}A33,x,Sex,Male Only\n{row}\n", "mce_v41.csv"))
    assert batch.refused == [(3, reason)]


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("mce_icd10_code_edits_v41.csv", "", ("41", 20231001, 20240930)),
        ("MCE V43.1.csv", "", ("43", 20251001, 20260930)),
        ("mce_v41.csv", "42", ("42", 20241001, 20250930)),
        ("mce.csv", "v42.1", ("42", 20241001, 20250930)),
    ],
)
def test_the_version_of_the_editor_tells_its_fiscal_year(file_of, name, version, expected):
    (batch,) = IMPORTER.read(file_of(f"{HEADER}A33,x,Sex,Male Only\n", name, version))
    assert (batch.edition.version, batch.edition.start, batch.edition.end) == expected


@pytest.mark.parametrize(("name", "version"), [("mce.csv", ""), ("mce_v41.csv", "2024")])
def test_a_file_without_a_version_asks_for_it(file_of, name, version):
    with pytest.raises(EditionUnknown, match="FILE@41"):
        list(IMPORTER.read(file_of(f"{HEADER}A33,x,Sex,Male Only\n", name, version)))


@pytest.mark.realdata
def test_the_real_file_of_v41_is_taken_whole(shared):
    (batch,) = IMPORTER.read(Member(shared / "data/lists/mce_icd10_code_edits_v41.csv"))
    assert batch.refused == []
    assert Counter(edit.kind for edit in batch.records) == {"sex": 3960, "age": 3564, "manifestation": 422}
    assert Counter((edit.low, edit.high) for edit in batch.records if edit.kind == "age") == {
        (9, 64): 2543,
        (15, 124): 854,
        (0, 17): 125,
        (0, 0): 42,
    }
