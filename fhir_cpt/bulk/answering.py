"""What answers the lines of a chunk: each as the operation answers it when it is posted by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import orjson

from fhir_cpt.bulk.lines import Chunk, NotJson, parse
from fhir_cpt.errors import RequestError, described
from fhir_cpt.wire.http import FHIR_NDJSON
from fhir_cpt.wire.outcome import error

log = logging.getLogger(__name__)

Json = dict[str, Any]
Answering = Callable[[Chunk], bytes]
"""The answers to a chunk's lines, a line each and in their order."""


class Answerer:
    """Answers chunks. Whatever is wrong with a line is said in its place, and names it; the others go on."""

    def __init__(
        self,
        one: Callable[[Any, bytes], bytes],
        most: int,
        media: str = FHIR_NDJSON,
        unread: Callable[[Json], Json] | None = None,
    ) -> None:
        """`one` answers a line (as JSON, and as it came); `most` bytes are the longest line that is taken.

        `media` is the media type of the answers together; `unread` gives the OperationOutcome for a line that could
        not be answered the form of the others, where they are none.
        """
        self.media = media
        self._one = one
        self._most = most
        self._unread = unread

    def __call__(self, chunk: Chunk) -> bytes:
        """The answers, each ended by a line feed."""
        if chunk.too_long:
            text = f"the line is longer than {self._most} bytes"
            return self._said(refused(chunk.first, 1, text, "too-long")) + b"\n"
        return b"".join([self._answer(number, line) + b"\n" for number, line in chunk.numbered()])

    def _answer(self, number: int, line: bytes) -> bytes:
        try:
            return self._one(parse(line), line)
        except NotJson as wrong:
            outcome = refused(number, wrong.column, f"not JSON: {wrong}", "structure")
        except Exception as failure:  # one line's failure is its own
            outcome = _failed(failure, number)
        return self._said(outcome)

    def _said(self, outcome: Json) -> bytes:
        return orjson.dumps(self._unread(outcome) if self._unread else outcome)


def refused(number: int, column: int, why: str, code: str) -> Json:
    """The OperationOutcome for a line that could not be checked: its number and the column from 1, and why."""
    return error(code, f"Line {number}, column {column}: {why}")


def _failed(failure: Exception, number: int) -> Json:
    if isinstance(failure, RequestError) and failure.issues is None:
        return error(failure.code, f"Line {number}, column 1: {failure}", expression=failure.expression)
    known = described(failure)
    if known is None:
        log.error("unforeseen failure in line %d of NDJSON", number, exc_info=failure)
        return refused(number, 1, "Something went wrong here; it has been logged.", "exception")
    outcome = known[1]
    for issue in outcome["issue"]:
        issue["details"]["text"] = f"Line {number}, column 1: {issue['details']['text']}"
    return outcome
