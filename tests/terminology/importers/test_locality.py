from __future__ import annotations

import pytest

from terminology.edits import Locality
from terminology.importers import locality
from terminology.importers.source import Member

(IMPORTER,) = locality.IMPORTERS
TITLE = "COUNTIES INCLUDED IN 2025 LOCALITIES. (ALPHABETICALLY)"
CSV = f"""{TITLE},,,,
,,,,
Medicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,Counties
,,,,
2102,1,FARNORTH ,STATEWIDE ,ALL COUNTIES\x20
,,,,
12502,1,INLAND ,OLD TOWN ,"OAK, ELM AND ASH"
12502,99,,REST OF STATE* ,ALL OTHER COUNTIES
12502,99,,REST OF STATE*,ALL OTHER COUNTIES
,,,,
*  Served by two.,,,,
"""


def _line(contractor, number, state, area, counties):
    return f"    {contractor}       {number}    {state.ljust(23)}{area.ljust(98)}{counties}"


TEXT = "\r\n".join(
    [
        TITLE,
        "",
        "Medicare AdmiLocality         State                   Fee Schedule Area",
        "",
        _line("02102", "01", "FARNORTH", "STATEWIDE", "ALL COUNTIES"),
        "",
        _line("12502", "01", "INLAND", "OLD TOWN", "OAK, ELM AND ASH"),
        _line("12502", "99", "", "REST OF STATE*", "ALL OTHER COUNTIES"),
        "",
        "*  Served by two.",
        "",
    ]
)
RECORDS = [
    Locality("02102", "01", "FARNORTH", "STATEWIDE", "ALL COUNTIES"),
    Locality("12502", "01", "INLAND", "OLD TOWN", "OAK, ELM AND ASH"),
    Locality("12502", "99", "INLAND", "REST OF STATE", "ALL OTHER COUNTIES"),
]


@pytest.mark.parametrize("content", [CSV, TEXT])
def test_both_forms_give_each_locality_its_state_and_its_zeros(file_of, content):
    source = file_of(content)
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert (batch.records, batch.refused) == (RECORDS, [])
    assert (batch.edition.version, batch.edition.start, batch.edition.end) == ("2025", 20250101, 20251231)


def test_a_block_that_names_no_state_does_not_take_that_of_the_block_before(file_of):
    (batch,) = IMPORTER.read(file_of(CSV.replace("INLAND", "")))
    assert [row.state for row in batch.records] == ["FARNORTH", "", ""]
    assert "3 localities name no state in this file" in batch.notes


def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of):
    (batch,) = IMPORTER.read(file_of(CSV.replace("2102,1,", "2102,one,", 1)))
    assert batch.refused == [(5, "'one' is not a locality of 2 digits")]


@pytest.mark.realdata
def test_the_real_csv_of_2025_names_all_states_and_the_text_lacks_californias(shared):
    (csv,) = IMPORTER.read(Member(shared / "data/pfs/25LOCCO.csv"))
    (text,) = IMPORTER.read(Member(shared / "data/pfs/25LOCCO.txt"))
    assert (len(csv.records), csv.refused, text.refused) == (109, [], [])
    assert csv.notes == ["1 rows repeat an earlier row"]
    assert text.notes[0] == "29 localities name no state in this file"
    pairs = list(zip(csv.records, text.records, strict=True))
    assert all((one.contractor, one.locality) == (other.contractor, other.locality) for one, other in pairs)
    assert {one.state for one, other in pairs if one.state != other.state} == {"CALIFORNIA"}
