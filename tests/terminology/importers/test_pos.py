from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files

import pytest
import yaml

from terminology.importers import pos
from terminology.importers.source import Member

(IMPORTER,) = pos.IMPORTERS
CONTENT = """pos_code,pos_type,pos_name,pos_description
11,Non-Facility,A practice,"Where a doctor sits, and sees people."
27,Non-Facility,The street,Outdoors.
21,Facility,A ward,Indoors.
28,Unassigned,Unassigned,Unassigned
"""


def test_each_code_has_its_name_description_and_site_of_payment(file_of):
    source = file_of(CONTENT)
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    concept = batch.records[0]
    assert (concept.code, concept.display) == ("11", "A practice")
    assert concept.definition == "Where a doctor sits, and sees people."
    assert [item.value("facility") for item in batch.records] == [False, False, True]
    assert (batch.edition.version, batch.edition.basis) == ("undated", "undated")


def test_unassigned_codes_are_left_out_and_counted(file_of):
    (batch,) = IMPORTER.read(file_of(CONTENT))
    assert (len(batch.records), batch.rows_read) == (3, 4)
    assert batch.notes == ["1 codes are unassigned and left out"]


def test_a_code_begins_on_the_day_that_cms_names_and_else_has_no_known_start(file_of):
    (batch,) = IMPORTER.read(file_of(CONTENT))
    assert [(item.code, item.start) for item in batch.records] == [("11", 0), ("27", 20231001), ("21", 0)]


def test_the_version_is_the_one_that_the_user_gives(file_of):
    (batch,) = IMPORTER.read(file_of(CONTENT, version="2024-05"))
    assert {batch.edition.version, batch.records[0].edition} == {"2024-05"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Facility,One,Text", "'1' is not a place of service code of two digits"),
        ("29,Elsewhere,Name,Text", "'Elsewhere' is neither Facility nor Non-Facility"),
        ("29,Facility,,Text", "29 has no name"),
        ("29,Facility,Name", "3 cells where the header names 4"),
        ("11,Facility,Name,Text", "11 is there twice, and not with the same content"),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of, row, reason):
    (batch,) = IMPORTER.read(file_of(CONTENT + row + "\n"))
    assert batch.refused == [(6, reason)]


def test_each_dated_code_names_its_source_and_stands_once():
    rows = yaml.safe_load(files("terminology.importers").joinpath("pos_dates.yaml").read_text("utf-8"))
    assert all(row.keys() == {"code", "start", "source"} for row in rows)
    assert all(re.fullmatch(r"\d\d", row["code"]) and isinstance(row["start"], dt.date) for row in rows)
    assert len({row["code"] for row in rows}) == len(rows)


@pytest.mark.realdata
def test_the_real_list_has_52_codes_in_force(shared):
    (batch,) = IMPORTER.read(Member(shared / "data/lists/pos_codes.csv"))
    assert (len(batch.records), batch.rows_read, batch.refused) == (52, 99, [])
    facility = " ".join(item.code for item in batch.records if item.value("facility"))
    assert facility == "02 06 08 19 21 22 23 24 26 31 34 41 42 51 52 53 56 61"
    assert pos._starts().keys() <= {item.code for item in batch.records}
