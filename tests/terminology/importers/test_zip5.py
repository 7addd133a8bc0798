from __future__ import annotations

import pytest

from terminology.edits import ZipLocality
from terminology.importers import zip5
from terminology.importers.source import Member

(IMPORTER,) = zip5.IMPORTERS


def _line(start, flag="0", edition="20254"):
    return f"{start}Z9   {flag} A".ljust(75) + edition


CONTENT = "\r\n".join([_line("AK995010210201 "), _line("AK995020210201R", "1"), _line("WY831280360221B"), ""])


def test_each_zip_code_has_its_locality_and_its_rural_indicator(file_of):
    source = file_of(CONTENT)
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert batch.records == [
        ZipLocality("99501", "AK", "02102", "01", "", plus_four=False),
        ZipLocality("99502", "AK", "02102", "01", "R", plus_four=True),
        ZipLocality("83128", "WY", "03602", "21", "B", plus_four=False),
    ]
    assert (batch.edition.version, batch.edition.start, batch.edition.end) == ("2025q4", 20251001, 20251231)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_line("AK995030210201 ", edition="20261"), "of quarter 20261, while the first row is of 20254"),
        (_line("AK995030210201Q"), "the fields are not in their columns"),
        (_line("AK995010210299 "), "99501 is there twice, and not with the same content"),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_line(file_of, line, reason):
    (batch,) = IMPORTER.read(file_of(CONTENT + line + "\r\n"))
    assert batch.refused == [(4, reason)]
    assert len(batch.records) == 3


@pytest.mark.realdata
def test_the_real_file_of_october_2025_is_taken_whole(shared):
    source = Member(shared / "data/pfs/ZIP5_OCT2025.txt.gz")
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert (len(batch.records), batch.refused) == (42956, [])
    assert sum(row.plus_four for row in batch.records) == 580
    assert {row.rural for row in batch.records} == {"", "R", "B"}
