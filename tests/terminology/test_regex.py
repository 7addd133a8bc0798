"""Regular expressions from clients."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.regex import LONGEST, whole_match


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[A-Z]{2}[0-9]+", "AB12", True),
        ("[A-Z]{2}[0-9]+", "xAB12", False),
        ("[A-Z]{2}[0-9]+", "AB12x", False),
        ("a|ab", "ab", True),
        ("", "", True),
        (r"\d+\.\d", "12.3", True),
    ],
)
def test_an_expression_matches_the_whole_text(pattern: str, text: str, fits: bool) -> None:
    assert whole_match(pattern)(text) is fits


@pytest.mark.parametrize("pattern", ["(a+)+", "((a+)+)+", "(a|aa)+", "(a|a?)+", "([a-z]+)*", "(.*)*x?"])
def test_a_hostile_expression_is_matched_in_linear_time(pattern: str) -> None:
    match = whole_match(pattern)
    assert match("a" * 5000) is True
    assert match("a" * 5000 + "!" * 3) is pattern.startswith("(.")


@pytest.mark.parametrize("pattern", ["(", "(a)\\1", "(?=a)", "a{2000}{2000}", "a" * (LONGEST + 1), "[z-a]"])
def test_what_cannot_be_matched_safely_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        whole_match(pattern)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_an_expression_or_refused(pattern: str, text: str) -> None:
    try:
        match = whole_match(pattern)
    except ValueError:
        return
    assert match(text) in (True, False)
