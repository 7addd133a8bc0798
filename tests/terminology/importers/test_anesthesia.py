from __future__ import annotations

import msgspec
import pytest

from terminology.edits import AnesthesiaFactor
from terminology.errors import EditionUnknown
from terminology.importers import anesthesia
from terminology.importers.source import Member

CSV, TEXT = anesthesia.IMPORTERS
CSV_CONTENT = """Contractor,Locality,Locality Name,National Anes CF of 20.3178
02102 ,01 ,FARNORTH*,27.86\x20
01182 ,18 ,VALLEY (EAST/WEST),21.22\x20
,,,
"""
TEXT_CONTENT = "\r\n".join(
    [
        f"02102       01    {'FARNORTH'.ljust(55)}2786",
        f"01182       18    {'VALLEY (EAST/WEST)'.ljust(55)}2122",
        "\x1a",
    ]
)
RECORDS = [
    AnesthesiaFactor("02102", "01", "FARNORTH", 27.86),
    AnesthesiaFactor("01182", "18", "VALLEY (EAST/WEST)", 21.22),
]


@pytest.mark.parametrize(("importer", "other", "content"), [(CSV, TEXT, CSV_CONTENT), (TEXT, CSV, TEXT_CONTENT)])
def test_both_forms_give_the_same_factors_in_dollars(file_of, importer, other, content):
    source = file_of(content, "ANES2025.csv")
    assert importer.recognise(source)
    assert not other.recognise(source)
    (batch,) = importer.read(source)
    assert (batch.records, batch.refused) == (RECORDS, [])
    assert (batch.edition.version, batch.edition.start, batch.edition.end) == ("2025", 20250101, 20251231)


@pytest.mark.parametrize(
    ("importer", "content", "expected"),
    [
        (CSV, CSV_CONTENT.replace("27.86", "cheap"), (2, "'cheap' is not a number")),
        (CSV, CSV_CONTENT.replace("27.86", "27.86,x"), (2, "5 cells instead of 4")),
        (TEXT, TEXT_CONTENT.replace("2786", "  27"), (1, "not a contractor, a locality, a name and a factor")),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of, importer, content, expected):
    (batch,) = importer.read(file_of(content, "ANES2025.csv"))
    ((line, reason),) = batch.refused
    assert (line, reason.startswith(expected[1])) == (expected[0], True)


def test_a_file_whose_name_has_no_year_asks_for_it(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "anes.csv").write_text(CSV_CONTENT)
    with pytest.raises(EditionUnknown):
        list(CSV.read(Member(folder / "anes.csv")))


@pytest.mark.realdata
def test_the_real_text_of_2025_cuts_names_at_40_characters_and_else_equals_the_csv(shared):
    (csv,) = CSV.read(Member(shared / "data/pfs/ANES2025.csv"))
    (text,) = TEXT.read(Member(shared / "data/pfs/ANES2025.txt"))
    assert (len(csv.records), csv.refused, text.refused) == (109, [], [])
    assert [msgspec.structs.replace(row, name=row.name[:40].strip()) for row in csv.records] == text.records
