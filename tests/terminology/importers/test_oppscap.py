from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import OppsCap
from terminology.errors import EditionUnknown
from terminology.importers import oppscap
from terminology.importers.source import Member

CSV, TEXT = oppscap.IMPORTERS
CSV_CONTENT = """HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE
0633T,TC,C,01112,05,150.69,1150.70
74175,,A,04412,15,260.97,260.97
,,,,,,
"""
TEXT_CONTENT = "0633TTC C 01112  05   150.69   1150.70\r\n74175   A 04412  15   260.97    260.97\r\n"
RECORDS = [
    OppsCap("0633T", "TC", "C", "01112", "05", 150.69, 1150.70),
    OppsCap("74175", "", "A", "04412", "15", 260.97, 260.97),
]


def _line(row: OppsCap) -> str:
    return (
        f"{row.code}{row.modifier:2} {row.status} {row.contractor}  {row.locality}"
        f"{row.facility_price:9.2f}{row.non_facility_price:10.2f}"
    )


@pytest.mark.parametrize(("importer", "other", "content"), [(CSV, TEXT, CSV_CONTENT), (TEXT, CSV, TEXT_CONTENT)])
def test_both_forms_give_the_same_prices(file_of, importer, other, content):
    source = file_of(content, "OPPSCAP_Oct.csv", "2025q4")
    assert importer.recognise(source)
    assert not other.recognise(source)
    (batch,) = importer.read(source)
    assert (batch.records, batch.refused) == (RECORDS, [])
    assert (batch.edition.table, batch.edition.version) == ("oppscap", "2025q4")


def test_the_files_name_no_year_and_ask_for_it(file_of):
    with pytest.raises(EditionUnknown) as raised:
        list(CSV.read(file_of(CSV_CONTENT, "OPPSCAP_Oct.csv")))
    assert raised.value.companion == "pfs"


PRICE = st.integers(0, 99_999_999).map(lambda cents: cents / 100)


@given(
    st.builds(
        OppsCap,
        code=st.from_regex(r"[0-9A-Z]{5}", fullmatch=True),
        modifier=st.sampled_from(["", "TC"]),
        status=st.sampled_from("AC"),
        contractor=st.from_regex(r"[0-9]{5}", fullmatch=True),
        locality=st.from_regex(r"[0-9]{2}", fullmatch=True),
        facility_price=PRICE,
        non_facility_price=PRICE,
    )
)
def test_a_line_of_the_text_is_read_as_it_was_written(row):
    assert oppscap._from_line(_line(row)) == row


@pytest.mark.realdata
def test_the_real_csv_and_text_of_october_2025_give_the_same_records(shared):
    (csv,) = CSV.read(Member(shared / "data/pfs/OPPSCAP_Oct.csv", version="2025q4"))
    (text,) = TEXT.read(Member(shared / "data/pfs/OPPSCAP_Oct.txt", version="2025q4"))
    assert (len(csv.records), csv.refused, text.refused) == (16100, [], [])
    assert csv.records == text.records
