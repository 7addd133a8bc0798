from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.bulk.lines import BOM, MOST_LINES, Chunk, Chunker, NotJson, parse

MOST = 12
PIECES = [b"{}", b"\n", b"\r\n", b" ", b"\xef\xbb\xbf", b"x" * 5, b"x" * MOST, b'{"a": 1}', b"\xff", b"\x00"]
streams = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


def chunked(parts: list[bytes], most: int = MOST) -> list[Chunk]:
    chunker = Chunker(most)
    return [chunk for part in parts for chunk in chunker.feed(part)] + list(chunker.close())


def flat(chunks: list[Chunk]) -> list[tuple[int, bytes | None]]:
    """Every line with its number; None for one that is too long."""
    return [
        (number, line)
        for chunk in chunks
        for number, line in ([(chunk.first, None)] if chunk.too_long else enumerate(chunk.lines, start=chunk.first))
    ]


@given(stream=streams, cuts=st.lists(st.integers(min_value=0, max_value=300), max_size=20))
def test_however_a_stream_is_cut_its_lines_are_the_same(stream: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    parts = [stream[start:end] for start, end in pairwise(places)]
    assert flat(chunked(parts)) == flat(chunked([stream]))


@given(stream=streams)
def test_the_lines_are_those_of_the_stream_and_none_is_lost(stream: bytes) -> None:
    wanted = stream.split(b"\n")
    if not wanted[-1]:
        wanted.pop()
    found = flat(chunked([stream]))
    assert [number for number, _ in found] == list(range(1, len(wanted) + 1))
    for (number, line), whole in zip(found, wanted, strict=True):
        own = whole.removeprefix(BOM) if number == 1 else whole
        assert line == (own if len(whole) <= MOST else None)


@given(stream=streams)
def test_no_more_is_held_than_the_longest_line(stream: bytes) -> None:
    chunker = Chunker(MOST)
    for at in range(len(stream)):
        list(chunker.feed(stream[at : at + 1]))
        assert sum(map(len, chunker._held)) <= MOST


def test_a_line_is_given_out_as_soon_as_it_ends() -> None:
    chunker = Chunker(MOST)
    assert list(chunker.feed(b"{}\n[")) == [Chunk(1, [b"{}"])]
    assert list(chunker.feed(b"]\n")) == [Chunk(2, [b"[]"])]
    assert list(chunker.close()) == []


def test_a_line_too_long_stands_by_itself_between_the_others() -> None:
    assert chunked([b"a\n" + b"x" * 13 + b"\nb\n"]) == [Chunk(1, [b"a"]), Chunk(2, [], True), Chunk(3, [b"b"])]


def test_a_last_line_needs_no_line_feed() -> None:
    assert chunked([b"a\nb"]) == [Chunk(1, [b"a"]), Chunk(2, [b"b"])]
    assert chunked([b"a\n" + b"x" * 13]) == [Chunk(1, [b"a"]), Chunk(2, [], True)]


def test_a_chunk_of_short_lines_is_cut() -> None:
    chunks = chunked([b"1\n" * (2 * MOST_LINES + 1)])
    assert [(chunk.first, len(chunk.lines)) for chunk in chunks] == [
        (1, MOST_LINES),
        (MOST_LINES + 1, MOST_LINES),
        (2 * MOST_LINES + 1, 1),
    ]


def test_blank_lines_count_and_are_not_answered() -> None:
    [chunk] = chunked([b"\n{}\n \t\r\n[]\r\n"])
    assert list(chunk.numbered()) == [(2, b"{}"), (4, b"[]\r")]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (b"{oops", 1, 2),
        (b'{"a": 1,}', 1, 8),
        (b'{\n"a": x}', 2, 6),
        (b'{"a": "\xff"}', 1, 8),
        ('{"é": "'.encode() + b'\xff"}', 1, 8),
        (b'{\n"\xff": 1}', 2, 2),
    ],
)
def test_what_is_not_json_is_told_with_its_place(text: bytes, line: int, column: int) -> None:
    with pytest.raises(NotJson) as raised:
        parse(text)
    assert (raised.value.line, raised.value.column) == (line, column)


def place(text: bytes) -> tuple[int, int] | None:
    """Where the text is not JSON."""
    try:
        parse(text)
    except NotJson as wrong:
        return wrong.line, wrong.column
    return None


@given(text=st.binary(max_size=30).filter(lambda text: place(text) is not None))
def test_any_bytes_are_json_or_told_where_they_are_not(text: bytes) -> None:
    line, column = place(text) or (0, 0)
    assert 1 <= line <= text.count(b"\n") + 1
    assert 0 <= column <= len(text) + 1
