"""Language preferences: parameters and headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import LanguageInvalid
from terminology.languages import parse


@pytest.mark.parametrize(
    ("text", "tags", "only", "anything", "echo"),
    [
        ("de", ("de",), False, False, "de"),
        ("en, en-AU", ("en", "en-au"), False, False, "en,en-AU"),
        ("de;q=0.3,fr;q=0.8", ("fr", "de"), False, False, "de;q=0.3, fr;q=0.8"),
        ("de,*; q=0", ("de",), True, False, "de, *; q=0"),
        ("de,*", ("de",), False, True, "de,*"),
        ("fr;q=0,de", ("de",), False, False, "fr;q=0, de"),
    ],
)
def test_languages_are_read_in_the_order_of_their_weight(
    text: str, tags: tuple[str, ...], only: bool, anything: bool, echo: str
) -> None:
    found = parse(text)
    assert (found.tags, found.only, found.any, found.echo, found.text) == (tags, only, anything, echo, text)


@pytest.mark.parametrize("text", ["-", "de_DE", "de;q=2", "", "de,,fr", "123456789", "de;x=1"])
def test_what_is_no_list_of_languages_is_refused_by_name(text: str) -> None:
    with pytest.raises(LanguageInvalid) as error:
        parse(text)
    assert error.value.issue is not None
    assert error.value.issue.text == f"Invalid displayLanguage: '{text}'"


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).text == text
    except LanguageInvalid:
        assert text not in ("de", "en")


def test_a_dialect_serves_its_language_less_well_than_the_language_itself() -> None:
    wanted = parse("de,fr-CA")
    ranks = [wanted.rank(language) for language in ("de", "de-CH", "fr-CA", "fr", "en", None)]
    assert ranks == [0, 1, 2, 3, None, None]
    assert wanted.rank("den") is None
