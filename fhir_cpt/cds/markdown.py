"""Plain text put into Markdown, so that nothing in it is read as a mark, a link or HTML."""

from __future__ import annotations

import re

from fhir_cpt.wire.outcome import plain

_MARKS = re.compile(r"[\\`*_\[\]<>~&@$|]|:(?=//)|(?<=www)\.|^[-+#=]|^[0-9]+(?=[.)])", re.IGNORECASE)
"""What has a meaning within a line of CommonMark or GitHub's Markdown (bare links among it), or at its start."""


def escaped(text: str) -> str:
    """The text on one line, for a paragraph of GitHub Flavored Markdown. Source: CommonMark, backslash escapes."""
    return _MARKS.sub(_escape, one_line(text))


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    return f"{mark[:-1]}&#{ord(mark[-1])};" if mark.isdigit() else f"\\{mark}"  # a digit cannot be escaped


def one_line(text: str) -> str:
    """The text with every run of blanks and line ends as one blank, and what is not printable replaced."""
    return plain(" ".join(text.split()))


def shortened(text: str, most: int) -> str:
    """The text on one line, cut after a word where it is longer than `most` characters, with an ellipsis."""
    text = one_line(text)
    if len(text) <= most:
        return text
    start, blank, _ = text[: most - 1].rpartition(" ")
    return f"{start if blank else text[: most - 1]}…"
