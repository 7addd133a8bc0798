from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.release import keys

CODES = st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=1, max_size=8)
SOME = st.sets(st.one_of(CODES, st.text("AB1.", min_size=1, max_size=5)), max_size=30).map(sorted)
ANY_TEXT = st.one_of(CODES, st.text("AB1.", max_size=9), st.text(max_size=9))


@given(CODES)
def test_a_code_is_unpacked_as_it_was_packed(code):
    assert keys.unpack(keys.pack(code)) == code


@given(CODES, CODES)
def test_keys_sort_as_their_codes_do(one, other):
    assert (keys.pack(one) < keys.pack(other)) == (one < other)


@pytest.mark.parametrize("code", ["", "123456789", "é", "A\0", "\0"])
def test_what_is_no_key_is_refused(code):
    with pytest.raises(ValueError):  # noqa: PT011 - the codec words one of them
        keys.pack(code)


@given(SOME, ANY_TEXT)
def test_a_code_is_found_where_it_stands(codes, code):
    packed = [keys.pack(item) for item in codes]
    assert keys.position(packed, code) == (codes.index(code) if code in codes else None)
    assert [keys.position(packed, item) for item in codes] == list(range(len(codes)))


@given(SOME, ANY_TEXT)
def test_a_span_holds_all_codes_with_the_prefix(codes, prefix):
    packed = [keys.pack(item) for item in codes]
    assert [codes[at] for at in keys.span(packed, prefix)] == [item for item in codes if item.startswith(prefix)]
