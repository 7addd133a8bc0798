from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import SourceRefused
from terminology.importers import cells
from terminology.importers.source import REFUSAL_LIMIT
from terminology.model import Edition

EDITION = Edition("t", "1")


def _take(source, rows):
    return cells.take(
        source, EDITION, enumerate(rows, 1), lambda text: (text[0], cells.number(text[1:])), lambda r: r[0]
    )


def test_a_row_is_numbered_by_the_line_on_which_it_starts(file_of):
    source = file_of('a,b\r\n"two\r\nlines",1\r\n x ,2\r\n')
    assert list(cells.csv_rows(source)) == [(1, ["a", "b"]), (2, ["two\r\nlines", "1"]), (4, ["x", "2"])]


def test_a_byte_order_mark_is_no_part_of_the_first_cell(file_of):
    assert next(cells.csv_rows(file_of(b"\xef\xbb\xbfcode,x\n")))[1] == ["code", "x"]


def test_a_cell_may_be_longer_than_the_limit_of_the_csv_module(file_of):
    long = "x" * 200_000
    assert next(cells.csv_rows(file_of(f'"{long}",1\n')))[1] == [long, "1"]


@pytest.mark.parametrize("content", [b"a\n\xff\xfe\n", b'a\n"open\n', b'a\n"x"y\n'])
def test_what_is_no_csv_is_refused_with_its_name(file_of, content):
    with pytest.raises(SourceRefused, match=r"file\.csv: cannot be read from line"):
        list(cells.csv_rows(file_of(content)))


def test_a_refused_row_is_named_with_its_line_and_the_rest_is_taken(file_of):
    batch = _take(file_of(""), ["a1", "bx", "c2"])
    assert (batch.records, batch.rows_read, batch.refused) == ([("a", 1), ("c", 2)], 3, [(2, "'x' is not a number")])


def test_a_row_that_repeats_another_is_counted_and_not_kept(file_of):
    batch = _take(file_of(""), ["a1", "a1"])
    assert (len(batch.records), batch.refused, batch.notes) == (1, [], ["1 rows repeat an earlier row"])


def test_a_row_that_contradicts_another_is_refused(file_of):
    batch = _take(file_of(""), ["a1", "a2"])
    assert batch.records == [("a", 1)]
    assert batch.refused == [(2, "a is there twice, and not with the same content")]


def test_a_file_with_too_many_refused_rows_is_refused_whole(file_of):
    with pytest.raises(SourceRefused, match="line 1: 'x' is not a number"):
        _take(file_of(""), ["ax"] * (REFUSAL_LIMIT + 1))


def test_a_file_without_rows_is_refused(file_of):
    with pytest.raises(SourceRefused, match="holds no rows"):
        _take(file_of(""), [])


def test_a_header_that_lacks_a_column_is_refused_by_name(file_of):
    with pytest.raises(SourceRefused, match="names no column other"):
        list(cells.headed(file_of("code,name\n1,2\n"), ["code", "other"]))


def test_a_row_of_another_width_than_its_header_is_no_row():
    with pytest.raises(ValueError, match="1 cells where the header names 2"):
        cells.whole({"code": "1", "": "1 cells where the header names 2"})


@pytest.mark.parametrize(("text", "value"), [("1.50", 1.5), (".07", 0.07), ("$1,234.50 ", 1234.5), ("0", 0.0)])
def test_a_number_is_read_as_the_agencies_write_it(text, value):
    assert cells.number(text) == value


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e5", "1.2.3", "--1", "٣", "$"])
def test_other_text_is_no_number(text):
    with pytest.raises(ValueError, match="is not a number"):
        cells.number(text)


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_every_amount_survives_being_written_with_thousands(amount):
    assert cells.number(f"{amount:,.2f}") == float(amount)


@pytest.mark.parametrize(
    ("text", "code"), [("A009", "A00.9"), ("A00.9", "A00.9"), ("S128XXA", "S12.8XXA"), ("QA0", "QA0")]
)
def test_a_diagnosis_has_its_dot(text, code):
    assert cells.diagnosis(text) == code


@pytest.mark.parametrize("text", ["", "A0", "LAC", "A00.", "A00.12345", "a00", "123"])
def test_other_text_is_no_diagnosis(text):
    with pytest.raises(ValueError, match="is not an ICD-10-CM code"):
        cells.diagnosis(text)


@given(st.integers(0, 99_999))
def test_a_contractor_gets_back_the_zeros_that_a_spreadsheet_lost(value):
    assert cells.contractor(str(value)) == f"{value:05}"


@pytest.mark.parametrize("text", ["", "123", "1a", "-1"])
def test_other_text_is_no_locality(text):
    with pytest.raises(ValueError, match="locality of 2 digits"):
        cells.locality(text)
