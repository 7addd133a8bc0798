"""What of a client's resource is repeated in an answer."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.wire.copied import copied_concept, copied_money, copied_reference, is_id


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"reference": "Patient/1", "display": "A name"}, {"reference": "Patient/1", "display": "A name"}),
        ({"reference": "#p", "display": "A name"}, {"display": "A name"}),
        ({"reference": "#p"}, None),
        ({"reference": "Patient/1 2"}, None),
        ({"reference": ["Patient/1"], "display": "\x00"}, None),
        ({"identifier": {"system": "urn:x", "value": "7"}}, {"identifier": {"system": "urn:x", "value": "7"}}),
        ({"identifier": {"system": "a b", "value": "7"}}, {"identifier": {"value": "7"}}),
        ({"identifier": {"system": "urn:x"}, "colour": "red"}, None),
        ("Patient/1", None),
        (None, None),
    ],
)
def test_a_reference_is_repeated_as_far_as_it_means_something_elsewhere(given: Any, taken: Any) -> None:
    assert copied_reference(given) == taken


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (
            {"coding": [{"system": "urn:x", "code": "a", "colour": "red"}]},
            {"coding": [{"system": "urn:x", "code": "a"}]},
        ),
        ({"coding": [{"code": " a"}, 7], "text": "words"}, {"text": "words"}),
        ({"coding": {"code": "a"}}, {"coding": [{"code": "a"}]}),
        ({"coding": []}, None),
        ([], None),
    ],
)
def test_of_a_concept_codes_and_text_are_repeated(given: Any, taken: Any) -> None:
    assert copied_concept(given) == taken


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"value": 1.5, "currency": "USD"}, {"value": 1.5, "currency": "USD"}),
        ({"value": 0, "currency": "dollars"}, {"value": 0}),
        ({"value": True}, None),
        ({"value": "1"}, None),
        ({}, None),
    ],
)
def test_an_amount_is_repeated_and_none_made_up(given: Any, taken: Any) -> None:
    assert copied_money(given) == taken


@pytest.mark.parametrize(
    ("value", "valid"), [("a-1.B", True), ("", False), ("a b", False), ("x" * 65, False), (7, False)]
)
def test_an_id_is_told_from_what_is_none(value: Any, valid: bool) -> None:
    assert is_id(value) is valid
