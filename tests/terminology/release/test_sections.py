from __future__ import annotations

import struct
from array import array

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import ReleaseMismatch
from terminology.release import sections
from terminology.release.sections import MAGIC, Sections

LIMITS = {"B": 2**8, "H": 2**16, "I": 2**32, "Q": 2**64}
NUMBERS = st.sampled_from("BHIQ").flatmap(
    lambda item: st.lists(st.integers(0, LIMITS[item] - 1), max_size=20).map(lambda found: array(item, found))
)


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.binary(max_size=40), NUMBERS), max_size=6))
def test_sections_are_read_back_as_they_were_written(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("sections") / "file"
    sections.write(path, content)
    file = Sections(path)
    for name, section in content.items():
        if isinstance(section, array):
            assert file.numbers(name).tolist() == section.tolist()
        else:
            assert bytes(file.bytes(name)) == section


def test_sections_are_aligned_to_eight_bytes(tmp_path):
    sections.write(tmp_path / "file", {"odd": b"abc", "numbers": array("Q", [1, 2**64 - 1])})
    raw = (tmp_path / "file").read_bytes()
    assert len(raw) % 8 == 0
    assert raw.index(struct.pack("<QQ", 1, 2**64 - 1)) % 8 == 0


def test_a_section_that_is_not_there_is_named(tmp_path):
    sections.write(tmp_path / "file", {"a": b"a"})
    with pytest.raises(ReleaseMismatch, match="file: has no section 'b'"):
        Sections(tmp_path / "file").bytes("b")


def _file(places: object, content: bytes = b"") -> bytes:
    directory = places if isinstance(places, bytes) else msgspec.json.encode(places)
    return MAGIC + len(directory).to_bytes(8, "little") + directory + content


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "cannot be opened"),
        (b"text", "not a table"),
        (MAGIC, "directory cannot be read"),
        (_file(b"{"), "directory cannot be read"),
        (_file({"a": [0, 9, "B"]}, b"12345678"), "shorter"),
        (_file({"a": [0, 7, "Q"]}, b"12345678"), "places 'a'"),
        (_file({"a": [0, 8, "d"]}, b"12345678"), "places 'a'"),
        (_file({"a": [-8, 8, "B"]}, b"12345678"), "places 'a'"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path, raw, reason):
    (tmp_path / "x.table").write_bytes(raw)
    with pytest.raises(ReleaseMismatch, match=f"x.table.*{reason}"):
        Sections(tmp_path / "x.table")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(ReleaseMismatch, match=r"x\.table: cannot be opened"):
        Sections(tmp_path / "x.table")


@given(st.data())
def test_a_file_cut_short_anywhere_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("sections") / "file"
    sections.write(path, {"a": array("I", range(10)), "b": b"12345678"})
    raw = path.read_bytes()
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(ReleaseMismatch):
        Sections(path)
