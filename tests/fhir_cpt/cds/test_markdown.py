"""Texts in Markdown read as they are."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fhir_cpt.cds.markdown import escaped, one_line, shortened

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TEXTS = st.text(alphabet=st.sampled_from("ab 1.)(*_`~#>+-=|[]!<>&;:/\\\"'@$w\n\r\t"), max_size=30) | st.text(
    max_size=20
)


def read(text: str) -> str:
    """What a reader of the Markdown sees; fails where it is anything but one paragraph of text."""
    found = re.fullmatch(r"(?:<p>([^<>]*)</p>)?\n?", RENDERER.render(text))
    assert found is not None, RENDERER.render(text)
    return html.unescape(found[1] or "")


@given(TEXTS)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert read(escaped(text)) == one_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "# 99213",
        "1. first",
        "- minus",
        "a <b>bold</b> word",
        "[a link](http://x.example)",
        "![i](x)",
        "**bold** and _slanted_",
        "`code`",
        "&lt;",
        "a | b",
        "~~gone~~",
    ],
)
def test_marks_are_read_as_characters(text: str) -> None:
    assert read(escaped(text)) == text


@pytest.mark.parametrize("text", ["see http://x.example", "see WWW.x.example", "me@x.example"])
def test_bare_links_are_broken_up(text: str) -> None:
    assert not re.search(r"(?<!\\)://|www\.|(?<!\\)@", escaped(text), re.IGNORECASE)


@given(st.text(max_size=60), st.integers(2, 30))
def test_a_shortened_text_is_no_longer_than_asked_and_a_start_of_the_text(text: str, most: int) -> None:
    found = shortened(text, most)
    assert len(found) <= most
    whole = one_line(text)
    assert found == whole if len(whole) <= most else whole.startswith(found.removesuffix("…"))
