from __future__ import annotations

import pytest

from terminology.edits import Gpci
from terminology.errors import SourceRefused
from terminology.importers import gpci
from terminology.importers.source import Member

(IMPORTER,) = gpci.IMPORTERS
TITLE = "ADDENDUM E. FINAL CY 2025 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY"
CSV = f"""{TITLE},,,,,,
,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2025 PW GPCI,2025 PE GPCI,2025 MP GPCI
02102,AK,01,FARNORTH*,1.5,1.081,0.592
01112,CA,54,"VALLEY, THE",1.017,1.093,0.662
"MAC Assignments as of November 22, 2023",,,,,,
,,,,,,
*A floor.,,,,,,
**Another floor.,,,,,,
"""
TEXT = "\r\n".join(
    [
        TITLE,
        "",
        "Medicare Admi State  Locality".ljust(150),
        f"{'02102'.ljust(16)}AK      01   {'FARNORTH*'.ljust(89)}{'1.500':>8}{'1.081':>12}{'0.592':>12}",
        f"{'01112'.ljust(16)}CA      54   {'VALLEY, THE'.ljust(89)}{'1.017':>8}{'1.093':>12}{'0.662':>12}",
        "MAC Assignments as of November 22, 2023",
        "",
        "*A floor.",
        "**Another floor.",
        "",
    ]
)
RECORDS = [
    Gpci("02102", "01", "AK", "FARNORTH", 1.5, 1.081, 0.592),
    Gpci("01112", "54", "CA", "VALLEY, THE", 1.017, 1.093, 0.662),
]


@pytest.mark.parametrize("content", [CSV, TEXT])
def test_both_forms_give_the_localities_without_headings_footnotes_and_asterisks(file_of, content):
    source = file_of(content)
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert (batch.records, batch.refused) == (RECORDS, [])
    assert (batch.edition.version, batch.edition.start, batch.edition.end) == ("2025", 20250101, 20251231)


def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of):
    (batch,) = IMPORTER.read(file_of(CSV.replace("02102,AK,", "02102,ALASKA,")))
    assert batch.refused == [(4, "'ALASKA' is not a state")]


def test_a_file_without_localities_is_refused(file_of):
    with pytest.raises(SourceRefused, match="holds no rows"):
        list(IMPORTER.read(file_of(TITLE + ",,,,,,\n")))


@pytest.mark.realdata
def test_the_real_csv_and_text_of_2025_give_the_same_records(shared):
    (csv,) = IMPORTER.read(Member(shared / "data/pfs/GPCI2025.csv"))
    (text,) = IMPORTER.read(Member(shared / "data/pfs/GPCI2025.txt"))
    assert (len(csv.records), csv.refused, text.refused) == (109, [], [])
    assert csv.records == text.records
    assert Gpci("02102", "01", "AK", "ALASKA", 1.5, 1.081, 0.592) in csv.records
