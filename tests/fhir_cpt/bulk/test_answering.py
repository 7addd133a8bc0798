from __future__ import annotations

import logging
from typing import Any

import orjson
import pytest

from fhir_cpt.bulk.answering import Answerer
from fhir_cpt.bulk.lines import Chunk
from fhir_cpt.errors import RequestError
from terminology.errors import ImportsCircular


def one(resource: Any, line: bytes) -> bytes:
    if isinstance(resource, Exception):
        raise resource
    return b"[" + line + b"]"


def answers(chunk: Chunk, failure: Exception | None = None) -> list[Any]:
    def failing(resource: Any, line: bytes) -> bytes:
        return one(failure if failure and resource == 0 else resource, line)

    return [orjson.loads(line) for line in Answerer(failing, 9)(chunk).splitlines()]


def text(outcome: Any) -> str:
    return str(outcome["issue"][0]["details"]["text"])


def test_a_line_is_answered_with_what_it_says_and_how_it_came() -> None:
    assert answers(Chunk(4, [b"1", b"", b"2"])) == [[1], [2]]


@pytest.mark.parametrize(
    ("failure", "told", "code"),
    [
        (RequestError(400, "invalid", "No.", "payer"), "Line 5, column 1: No.", "invalid"),
        (ImportsCircular("There is none."), "Line 5, column 1: There is none.", "processing"),
        (RecursionError(), "Line 5, column 1: The body is nested too deeply", "too-costly"),
        (KeyError("Jane Doe"), "Line 5, column 1: Something went wrong here; it has been logged.", "exception"),
    ],
    ids=lambda item: type(item).__name__ if isinstance(item, Exception) else "",
)
def test_a_failure_is_told_in_the_place_of_its_line_alone(failure: Exception, told: str, code: str) -> None:
    before, outcome, after = answers(Chunk(4, [b"1", b"0", b"2"]), failure)
    assert (before, after) == ([1], [2])
    assert text(outcome) == told
    assert outcome["issue"][0]["code"] == code


def test_a_failure_keeps_the_parameters_that_it_names() -> None:
    [outcome] = answers(Chunk(1, [b"0"]), RequestError(400, "invalid", "No.", "payer"))
    assert outcome["issue"][0]["expression"] == ["payer"]


def test_a_fault_of_our_own_is_logged_with_the_line_s_number(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answers(Chunk(7, [b"0"]), KeyError("x"))
    assert "line 7" in caplog.text


def test_a_line_that_is_too_long_is_refused_with_the_bound() -> None:
    [outcome] = answers(Chunk(3, [], too_long=True))
    assert text(outcome) == "Line 3, column 1: the line is longer than 9 bytes"
    assert outcome["issue"][0]["code"] == "too-long"
