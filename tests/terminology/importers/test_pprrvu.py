from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import FeeScheduleRow
from terminology.errors import SourceRefused
from terminology.importers import pprrvu
from terminology.importers.source import Member

SAMPLE = Path(__file__).parents[2] / "sources" / "pfs" / "PPRRVU2025_Oct.csv"
CSV, TEXT = pprrvu.IMPORTERS


def _text_row(row: FeeScheduleRow) -> str:
    """The row as CMS lays it out in the text."""
    line = [" "] * pprrvu.WIDTH

    def put(first: int, last: int, text: str) -> None:
        line[first - 1 : last] = list(text.rjust(last - first + 1))

    for field, (first, last) in pprrvu._POSITIONS.items():
        value = getattr(row, field)
        if field == "modifier":
            text = value.ljust(2)
        elif field in ("pre", "intra", "post"):
            text = f"{value:.2f}".removeprefix("0")
        elif field == "conversion_factor":
            text = f"{value:.4f}"
        elif isinstance(value, bool):
            text = "NA" if value else ""
        elif isinstance(value, float):
            text = f"{value:.2f}"
        else:
            text = value
        put(first, last, text)
    return "".join(line)


def _text_file(rows: list[FeeScheduleRow]) -> str:
    return "\r\n".join(["HDR A NOTICE OF 2026".ljust(50), *map(_text_row, rows), ""])


def test_each_column_is_found_under_its_stacked_heading():
    (batch,) = CSV.read(Member(SAMPLE))
    assert batch.edition.table == "pfs"
    assert batch.edition.version == "2025q4"
    assert batch.records[0] == FeeScheduleRow(
        code="28120",
        modifier="",
        status="A",
        work_rvu=7.31,
        non_facility_pe_rvu=11.87,
        na_non_facility=False,
        facility_pe_rvu=6.83,
        na_facility=True,
        mp_rvu=0.91,
        non_facility_total=20.09,
        facility_total=15.05,
        pctc="0",
        global_days="090",
        pre=0.10,
        intra=0.69,
        post=0.21,
        multiple_procedure="2",
        bilateral="1",
        assistant="2",
        co_surgeon="1",
        team="0",
        endoscopic_base="",
        conversion_factor=32.3465,
        supervision="09",
        calculation_flag="0",
        imaging_family="99",
        opps_non_facility_pe=0.0,
        opps_facility_pe=0.0,
        opps_mp=0.0,
    )
    assert [(row.code, row.modifier, row.endoscopic_base) for row in batch.records[1:]] == [
        ("74175", "TC", ""),
        ("45380", "53", "45378"),
    ]


def test_the_text_of_an_edition_gives_the_same_records_as_its_csv(file_of):
    (batch,) = CSV.read(Member(SAMPLE))
    source = file_of(_text_file(batch.records), "PPRRVU2025_Oct.txt")
    assert TEXT.recognise(source)
    assert not CSV.recognise(source)
    (again,) = TEXT.read(source)
    assert again.records == batch.records
    assert again.edition == batch.edition


@given(
    st.builds(
        FeeScheduleRow,
        code=st.from_regex(r"[0-9A-Z]{5}", fullmatch=True),
        modifier=st.sampled_from(["", "26", "TC", "53"]),
        status=st.sampled_from("AXEICMRNJPBT"),
        **dict.fromkeys(
            ("work_rvu", "mp_rvu", "opps_mp", "facility_pe_rvu", "non_facility_pe_rvu", "facility_total"),
            st.integers(0, 9999).map(lambda cents: cents / 100),
        ),
        **dict.fromkeys(
            ("opps_facility_pe", "opps_non_facility_pe", "non_facility_total"),
            st.integers(0, 99999).map(lambda cents: cents / 100),
        ),
        **dict.fromkeys(("pre", "intra", "post"), st.integers(0, 99).map(lambda cents: cents / 100)),
        **dict.fromkeys(("pctc", "multiple_procedure", "bilateral", "assistant"), st.sampled_from("0123456789")),
        **dict.fromkeys(("co_surgeon", "team", "calculation_flag"), st.sampled_from("0129")),
        global_days=st.sampled_from(["000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"]),
        endoscopic_base=st.sampled_from(["", "45378"]),
        conversion_factor=st.integers(0, 999999).map(lambda parts: parts / 10000),
        supervision=st.sampled_from(["01", "6A"]),
        imaging_family=st.sampled_from(["88", "99"]),
        pricing_indicator=st.just(""),
    )
)
def test_a_row_of_the_text_is_read_as_it_was_written(row):
    assert pprrvu._record(pprrvu._cut(_text_row(row))) == row


def _with_pricing_indicator() -> str:
    """The sample as in 2026: PRIC IND stands between TEAM SURG and ENDO BASE."""
    lines = []
    added = {7: "PRIC", 8: "IND", 9: "1", 10: "2", 11: "3"}
    for at, line in enumerate(SAMPLE.read_text().splitlines()):
        cells = line.split(",")
        lines.append(",".join([*cells[:23], added.get(at, ""), *cells[23:]]))
    return "\r\n".join([*lines, ""]).replace("2025 National", "2026 National").replace("October", "January")


def test_the_column_that_2026_adds_is_read_and_moves_no_other(file_of):
    (before,) = CSV.read(Member(SAMPLE))
    (batch,) = CSV.read(file_of(_with_pricing_indicator(), "PPRRVU2026_Jan_nonQPP.csv"))
    assert (batch.edition.table, batch.edition.version) == ("pfs", "2026q1")
    assert [row.pricing_indicator for row in batch.records] == ["1", "2", "3"]
    assert [row.conversion_factor for row in batch.records] == [row.conversion_factor for row in before.records]
    assert [row.endoscopic_base for row in batch.records] == ["", "", "45378"]


def test_the_file_for_qualifying_participants_fills_a_table_of_its_own(file_of):
    (batch,) = CSV.read(file_of(_with_pricing_indicator(), "PPRRVU2026_Jan_QPP.csv"))
    assert (batch.edition.table, batch.edition.version) == ("pfs-qpp", "2026q1")


def test_a_csv_without_one_of_the_columns_is_refused_by_its_heading(file_of):
    source = file_of(SAMPLE.read_text().replace(",GLOB,", ",,"))
    with pytest.raises(SourceRefused, match="name no column GLOB DAYS"):
        next(CSV.read(source))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("\n74175,TC", "\n7417,TC", "'7417' is not a procedure code"),
        ("\n74175,TC", "\n74175,T", "'T' is not a modifier"),
        ("\n74175,TC,invented,A,,0.00", "\n74175,TC,invented,A,,free", "'free' is not a number"),
        ("6.50,NA,6.50,NA", "6.50,NA,6.50,N", "'N' stands where NA or nothing is expected"),
        ("\n74175,TC,", "\n74175,TC,,", "32 cells where the headings name 31"),
        ("\n45380,53", "\n74175,TC", "74175 TC is there twice, and not with the same content"),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_reason(file_of, old, new, reason):
    text = SAMPLE.read_bytes().decode()
    assert old in text
    (batch,) = CSV.read(file_of(text.replace(old, new)))
    assert [why for _, why in batch.refused] == [reason]
    assert batch.refused[0][0] in (11, 12)
    assert len(batch.records) == 2


def test_a_line_of_the_text_of_another_width_is_refused(file_of):
    (batch,) = CSV.read(Member(SAMPLE))
    source = file_of(_text_file(batch.records) + "28120\r\n", "PPRRVU2025_Oct.txt")
    assert next(TEXT.read(source)).refused == [(5, "5 characters wide instead of 171")]


@pytest.mark.realdata
def test_the_real_csv_and_text_of_october_2025_give_the_same_records(shared):
    (csv,) = CSV.read(Member(shared / "data/pfs/PPRRVU2025_Oct.csv"))
    (text,) = TEXT.read(Member(shared / "data/pfs/PPRRVU2025_Oct.txt.gz"))
    assert csv.edition == text.edition
    assert (len(csv.records), csv.refused, text.refused) == (19090, [], [])
    assert csv.records == text.records
    assert Counter(row.modifier for row in csv.records) == {"": 16851, "26": 1127, "TC": 1108, "53": 4}
    assert {row.conversion_factor for row in csv.records} == {32.3465}
