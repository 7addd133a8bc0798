"""Members: files, members of archives, gzip, and what happens when they are damaged."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from terminology.errors import SourceRefused
from terminology.importers.source import HEAD, Member, Refusals

CONTENT = b"".join(b"rose %d\r\n" % (number * 7919 % 100003) for number in range(20000))


@pytest.fixture(params=["plain", "gzip", "in zip", "gzip in zip"])
def member(request: pytest.FixtureRequest, tmp_path: Path) -> Member:
    path = tmp_path / "file"
    content = gzip.compress(CONTENT) if "gzip" in request.param else CONTENT
    if "zip" not in request.param.split():
        path.write_bytes(content)
        return Member(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return Member(path, "a.txt")


def test_the_content_is_the_same_however_it_is_packed(member: Member) -> None:
    assert member.read() == CONTENT
    assert member.head == CONTENT[:HEAD]
    assert list(member.lines()) == list(enumerate(CONTENT.decode().split("\r\n")[:-1], 1))


def test_a_gzip_file_cut_short_is_refused_by_name_while_its_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.gz"
    packed = gzip.compress(CONTENT)
    path.write_bytes(packed[: len(packed) - 100])
    for read in (Member(path).read, lambda: list(Member(path).lines())):
        with pytest.raises(SourceRefused, match=r"^rows\.gz: is damaged: "):
            read()


def test_a_member_that_is_damaged_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", CONTENT)
    path.write_bytes(path.read_bytes().replace(b"rose 7919\r", b"rose 7918\r"))
    with pytest.raises(SourceRefused, match=r"^a\.zip!a\.txt: .*Bad CRC-32"):
        Member(path, "a.txt").read()


@pytest.mark.parametrize("member", ["", "missing.txt"])
def test_a_file_that_is_no_archive_or_not_there_is_refused(tmp_path: Path, member: str) -> None:
    path = tmp_path / "a.zip"
    if member:
        path.write_bytes(b"no archive")
    with pytest.raises(SourceRefused, match="cannot be read"):
        Member(path, member).read()


def test_lines_in_another_encoding_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_bytes(b"caf\xe9\r\n")
    assert list(Member(path).lines()) == [(1, "café")]
    with pytest.raises(SourceRefused, match=r"^rows\.txt: is not utf-8 text"):
        list(Member(path).lines("utf-8"))


def test_the_eleventh_refused_row_refuses_the_file() -> None:
    refusals = Refusals("rows.txt")
    for line in range(10):
        refusals.refuse(line, "no rose")
    assert len(refusals.rows) == 10
    with pytest.raises(SourceRefused, match=r"rows\.txt: more than 10 rows .* line 0: no rose"):
        refusals.refuse(10, "no rose")
