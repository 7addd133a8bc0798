"""diagnosis-age and diagnosis-sex."""

from __future__ import annotations

import pytest

from fhir_cpt.rules.diagnosis import EDITS
from fhir_cpt.rules.diagnosis.age import years


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (20081015, 20261014, 17),
        (20081015, 20261015, 18),
        (20080229, 20260228, 17),
        (20080229, 20260301, 18),
        (20261015, 20261015, 0),
        (20261016, 20261015, -1),
    ],
)
def test_an_age_is_in_whole_years(birth, day, age):
    assert years(birth, day) == age


def test_the_age_is_that_of_the_day_of_each_line(said):
    lines = [{"code": "99213", "date": "2026-10-14"}, {"code": "99213", "date": "2026-10-15"}]
    (finding,) = said("diagnosis-age", lines=lines, dx=["Z00.129"], patient={"birth": "2008-10-15"})
    assert finding.lines == (1,)
    assert finding.evidence == (("diagnosis", "Z00.129"), ("for", "0-17 years"))
    assert finding.edition is not None
    assert finding.edition.table == "mce"


def test_a_missing_birth_date_is_said_once_for_all_diagnoses(said):
    (finding,) = said("diagnosis-age", dx=["Z00.129", "Z00.110", "I10"])
    assert (finding.state, finding.missing) == ("no-data", "Patient.birthDate")
    assert "Z00.129, Z00.110" in finding.text


@pytest.mark.parametrize(("sex", "findings"), [("female", 1), ("male", 0), ("other", 0), ("unknown", 0)])
def test_only_the_other_of_the_two_sexes_conflicts(said, sex, findings):
    assert len(said("diagnosis-sex", dx=["C61"], patient={"sex": sex})) == findings


def test_the_edit_on_sex_is_the_only_one_that_a_pack_must_name():
    assert [edit.id for edit in EDITS if edit.opt_in] == ["diagnosis-sex"]
