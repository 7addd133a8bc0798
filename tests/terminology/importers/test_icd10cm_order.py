from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import SourceRefused
from terminology.importers import icd10cm_order
from terminology.importers.source import Member
from terminology.model import Designation

(IMPORTER,) = icd10cm_order.IMPORTERS


def _line(order, code, billable, short, long):
    return f"{order:05} {code:<7} {billable} {short:<60} {long}"


LINES = [
    _line(1, "A00", 0, "First fever", "First fever"),
    _line(2, "A009", 1, "First fever, unsp", "First fever, unspecified"),
    _line(3, "S12", 0, "Broken neck", "Broken neck"),
    _line(4, "S128XXA", 1, "Broken neck part, init", "Broken neck part, initial encounter"),
    _line(5, "S128", 0, "Broken neck part", "Broken neck part"),
    _line(6, "U07", 0, "Emergency use", "Emergency use"),
]


def _read(file_of, lines=LINES):
    (batch,) = IMPORTER.read(file_of("\r\n".join([*lines, ""]), "icd10cm_order_2025.txt"))
    return batch, {concept.code: concept for concept in batch.records}


def test_each_line_is_a_code_with_its_dot_and_its_long_text(file_of):
    batch, concepts = _read(file_of)
    assert list(concepts) == ["A00", "A00.9", "S12", "S12.8XXA", "S12.8", "U07"]
    assert concepts["A00.9"].display == "First fever, unspecified"
    assert concepts["A00.9"].edition == batch.edition.version == "2025"
    assert [concepts[code].value("billable") for code in ("A00", "A00.9")] == [False, True]


def test_the_short_text_is_a_designation_only_where_it_differs(file_of):
    _, concepts = _read(file_of)
    assert concepts["A00"].designations == ()
    assert concepts["A00.9"].designations == (Designation("First fever, unsp", "en", icd10cm_order.SHORT),)


def test_the_parent_is_the_longest_prefix_that_is_a_code_wherever_it_stands(file_of):
    _, concepts = _read(file_of)
    assert {code: concept.parents for code, concept in concepts.items()} == {
        "A00": (),
        "A00.9": ("A00",),
        "S12": (),
        "S12.8": ("S12",),
        "S12.8XXA": ("S12.8",),
        "U07": (),
    }


@pytest.mark.parametrize(
    "line",
    [
        "00007 A001    2 Short".ljust(76) + " Long",
        "00007 A001  1 Short".ljust(76) + " Long",
        "00007 A001    1 Short only",
        "not a line",
    ],
)
def test_a_line_that_is_not_in_its_columns_is_refused_with_its_number(file_of, line):
    batch, _ = _read(file_of, [*LINES, line])
    assert batch.refused == [(7, "order, code, flag and texts are not in their columns")]


def test_a_code_with_two_texts_is_refused_the_second_time(file_of):
    batch, concepts = _read(file_of, [*LINES, _line(7, "A009", 1, "Else", "Something else")])
    assert batch.refused == [(7, "A00.9 is there twice, and not with the same content")]
    assert concepts["A00.9"].display == "First fever, unspecified"


def test_bytes_that_are_no_text_are_refused(file_of):
    with pytest.raises(SourceRefused):
        list(IMPORTER.read(file_of(LINES[0].encode() + b"\n\xff\xfe\n", "icd10cm_order_2025.txt")))


TEXT = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=60)


@given(st.from_regex(r"[A-Z][0-9][0-9A-Z]([0-9A-Z]{0,4})", fullmatch=True), st.booleans(), TEXT, TEXT)
def test_a_line_is_read_as_it_was_written(code, billable, short, long):
    concept = icd10cm_order._concept(_line(1, code, int(billable), short, long), set(), "2025")
    assert concept.code.replace(".", "") == code
    assert concept.value("billable") is billable
    assert concept.display == long
    assert [item.value for item in concept.designations] == ([short] if short != long else [])


@pytest.mark.realdata
def test_the_real_order_file_of_2025_has_97584_codes_of_which_74260_are_billable(shared):
    source = Member(shared / "data/icd10cm/icd10cm_order_2025.txt.gz")
    assert IMPORTER.recognise(source)
    (batch,) = IMPORTER.read(source)
    assert (len(batch.records), batch.refused) == (97584, [])
    assert sum(concept.value("billable") is True for concept in batch.records) == 74260
    assert (batch.edition.start, batch.edition.end) == (20241001, 20250930)
    assert all(concept.parents or len(concept.code) == 3 for concept in batch.records)
