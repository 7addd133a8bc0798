"""The comparison of answers with the expected files of HL7's terminology cases."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.tx_ecosystem.compare import Comparison

TESTED = "http://hl7.org/fhir/StructureDefinition/tested"
PLAIN = Comparison(extensions=(TESTED,))
UUID = "urn:uuid:2541f290-1d86-4fcd-bf3a-ebdfd6c758df"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1, "b": [1, 2, {"c": "x"}]}, {"b": [{"c": "x"}, 2, 1], "a": 1}),
        ({"a": 1}, {"a": 1.0}),
        ({"$optional-properties$": ["b"], "a": 1, "b": 2}, {"a": 1}),
        ({"$optional-properties$": ["b"], "a": 1}, {"a": 1, "b": "whatever"}),
        ({"$count-arrays$": ["a"], "a": [1, 2]}, {"a": ["x", "y"]}),
        ([{"$optional$": True, "a": 1}, {"b": 2}], [{"b": 2}]),
        ([{"$optional$": "!other", "a": 1}, {"b": 2}], [{"b": 2}]),
        ([{"$optional$": "warning:say so", "a": 1}], []),
        ([{"$optional$": "version:4", "a": 1}], []),
        ({"a": [{"$optional$": True, "b": 1}]}, {}),
        ({"severity": "error", "location": ["x"]}, {"severity": "error", "diagnostics": "words"}),
        ({"resourceType": "X"}, {"resourceType": "X", "text": {"div": "<div/>"}, "meta": {}}),
        ({"a": 1}, {"a": 1, "extension": [{"url": "http://example.org/not-tested"}]}),
        ({"name": "message", "valueString": "b; a"}, {"name": "message", "valueString": "a; b"}),
        ([{"a": "$string$"}, {"a": "x"}], [{"a": "x"}, {"a": "y"}]),
    ],
)
def test_what_the_suite_leaves_open_is_no_difference(expected: Any, actual: Any) -> None:
    assert PLAIN.difference(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "named"),
    [
        ({"a": 1}, {"a": 2}, ".a"),
        ({"a": True}, {"a": 1}, ".a"),
        ({"a": "1"}, {"a": 1}, ".a"),
        ({"a": 1}, {}, ".a is missing"),
        ({"a": 1}, {"a": 1, "b": 2}, ".b is not expected"),
        ({"a": [1, 2]}, {"a": [1]}, "2 is missing"),
        ({"a": [1]}, {"a": [1, 2]}, "2 is not expected"),
        ({"a": [1, 1]}, {"a": [1, 2]}, "missing"),
        ({"$count-arrays$": ["a"], "a": [1]}, {"a": [1, 2]}, ".a"),
        ([{"$optional$": "general", "a": 1}], [{"a": 2}], "not expected"),
        ([{"$optional$": "!general", "a": 1}], [], "missing"),
        ([{"$optional$": "version:5", "a": 1}], [], "missing"),
        ({"a": 1}, {"a": 1, "extension": [{"url": TESTED}]}, ".extension is not expected"),
        ({"a": "Display #2"}, {"a": "Display 2"}, ".a"),
        ({"name": "message", "valueString": "a; b"}, {"name": "message", "valueString": "a; c"}, "valueString"),
    ],
)
def test_every_other_difference_is_told_with_its_place(expected: Any, actual: Any, named: str) -> None:
    assert named in (PLAIN.difference(expected, actual) or "")


@pytest.mark.parametrize(
    ("word", "right", "wrong"),
    [
        ("$uuid$", UUID, "urn:uuid:1"),
        ("$instant$", "2026-11-21T10:00:00Z", "2026-11-21"),
        ("$date$", "2026-11-21", "21 November"),
        ("$id$", "a-1.b", "a b"),
        ("$url$", "https://example.org/x", "example"),
        ("$token$", "Name_1", "two words"),
        ("$semver$", "1.2.3-beta", "1.2"),
        ("$version$", "4.0.1", "5.0.0"),
        ("$choice:a|b$", "b", "c"),
        ("$fragments:one|two$", "TWO and One", "one"),
        ("$external:3:code1|http://x$", "the code1 of http://x", "the code2 of http://x"),
        ("$external:3$", "anything", None),
        ("$$", "anything", None),
    ],
)
def test_control_words_stand_for_values_of_their_kind(word: str, right: str, wrong: str | None) -> None:
    assert PLAIN.difference({"a": word}, {"a": right}) is None
    assert wrong is None or PLAIN.difference({"a": word}, {"a": wrong}) is not None


def test_a_pattern_may_hold_more_than_is_expected_and_no_less() -> None:
    pattern = Comparison(pattern=True)
    assert pattern.difference({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 1, "c": 3}], "d": 4}) is None
    assert pattern.difference({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) is not None


def test_a_loose_comparison_overlooks_punctuation_and_nothing_else() -> None:
    loose = Comparison(loose=True)
    assert loose.difference({"a": "Display #2"}, {"a": "Display 2"}) is None
    assert loose.difference({"a": "Display #2"}, {"a": "Display 3"}) is not None
