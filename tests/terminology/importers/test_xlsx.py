"""The shared reader of Excel workbooks."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest

from terminology.errors import SourceRefused
from terminology.importers import xlsx
from terminology.importers.source import Member


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for cells in sheets:
        sheet = book.create_sheet()
        for row in cells:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with a piece of its first sheet's XML replaced."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in part
                part = part.replace(old, new)
            target.writestr(name, part)
    return result.getvalue()


def saved(folder: Path, content: bytes, name: str = "table.xlsx") -> Member:
    (folder / name).write_bytes(content)
    return Member(folder / name)


def test_rows_come_with_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook([["a", 1], [], ["b", None, 2]]))
    assert list(xlsx.rows(source)) == [(1, ("a", 1)), (2, ()), (3, ("b", None, 2))]


def test_a_second_sheet_can_be_asked_for(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook([["first"]], [["second"]]))
    assert list(xlsx.rows(source, sheet=1)) == [(1, ("second",))]


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook([["first"]]))
    with pytest.raises(SourceRefused, match=r"table.xlsx: the workbook has no sheet number 3"):
        list(xlsx.rows(source, sheet=2))


def test_a_workbook_inside_a_zip_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.xlsx", workbook([["x"]]))
    source = Member(tmp_path / "outer.zip", "inner.xlsx")
    assert xlsx.is_workbook(source)
    assert list(xlsx.rows(source)) == [(1, ("x",))]


def test_rows_beyond_a_range_stated_too_small_are_not_lost(tmp_path: Path) -> None:
    content = rewritten(workbook([["a", "b"], ["c", "d"]]), b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"')
    assert list(xlsx.rows(saved(tmp_path, content))) == [(1, ("a", "b")), (2, ("c", "d"))]


def test_a_print_header_that_openpyxl_cannot_parse_makes_no_warning(tmp_path: Path) -> None:
    odd = b"</sheetData><headerFooter><oddHeader>no left, centre or right</oddHeader></headerFooter>"
    source = saved(tmp_path, rewritten(workbook([["a"]]), b"</sheetData>", odd))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(xlsx.rows(source)) == [(1, ("a",))]


def test_an_ordinary_zip_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "files.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("inner.xlsx", workbook([["x"]]))
    source = Member(tmp_path / "files.zip")
    assert not xlsx.is_workbook(source)
    assert xlsx.first_rows(source) == ()


def test_text_is_no_workbook(tmp_path: Path) -> None:
    assert not xlsx.is_workbook(saved(tmp_path, b"a,b\r\n", "table.csv"))


def test_a_workbook_cut_short_is_refused_by_name(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook([["x"]])[:1500])
    with pytest.raises(SourceRefused, match=r"table.xlsx: is not a readable Excel workbook"):
        list(xlsx.rows(source))


def test_the_first_rows_are_those_of_the_file_as_it_is_now(tmp_path: Path) -> None:
    assert xlsx.first_rows(saved(tmp_path, workbook([["old"]]))) == (("old",),)
    assert xlsx.first_rows(saved(tmp_path, workbook([["newer and longer"]]))) == (("newer and longer",),)


def test_no_more_first_rows_are_given_than_recognition_needs(tmp_path: Path) -> None:
    source = saved(tmp_path, workbook([[number] for number in range(xlsx.HEAD_ROWS + 5)]))
    assert len(xlsx.first_rows(source)) == xlsx.HEAD_ROWS


@pytest.mark.parametrize(
    ("cell", "width", "expected"),
    [
        (None, 0, ""),
        ("  A1 ", 0, "A1"),
        (100, 5, "00100"),
        (10021, 5, "10021"),
        (3.0, 0, "3"),
        (0.5, 0, "0.5"),
        (True, 0, "True"),
        (dt.datetime(2024, 7, 1), 0, "20240701"),
        ("00100", 3, "00100"),
    ],
)
def test_a_cell_reads_as_the_text_file_has_it(cell: object, width: int, expected: str) -> None:
    assert xlsx.text(cell, width) == expected
