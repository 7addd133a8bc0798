"""Under which keys patients are found, and what never is one."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.resources import Resources
from fhir_cpt.history.keys import MOST, Keys

Json = dict[str, Any]
MRN = {"system": "https://hospital.example/mrn", "value": "123"}
V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def keys(reference: Any, owner: Json | None = None, **more: Any) -> tuple[bytes, ...]:
    return Keys("salt" * 8, **more).patient(reference, owner or {}, Resources())


def typed(code: str) -> Json:
    return {**MRN, "type": {"coding": [{"system": V2, "code": code}]}}


@pytest.mark.parametrize(
    "reference",
    [
        {"identifier": MRN},
        {"identifier": {**MRN, "value": " 123 "}},
        {"identifier": {**MRN, "use": "official"}},
        {"identifier": typed("MR")},
        {"reference": "Patient/1", "identifier": MRN},
    ],
)
def test_one_identifier_is_one_key_however_it_is_given(reference: Json) -> None:
    assert keys(reference) == keys({"identifier": MRN}) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"identifier": MRN}, {"identifier": {**MRN, "value": "124"}}),
        ({"identifier": MRN}, {"identifier": {**MRN, "system": "https://clinic.example/mrn"}}),
        ({"reference": "https://a.example/Patient/1"}, {"reference": "https://b.example/Patient/1"}),
        ({"identifier": {**MRN, "value": "x" * 300}}, {"identifier": {**MRN, "value": "x" * 299 + "y"}}),
    ],
)
def test_two_patients_have_two_keys(one: Json, other: Json) -> None:
    assert set(keys(one)).isdisjoint(keys(other))
    assert keys(one)
    assert keys(other)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/123"},
        {"reference": "#patient"},
        {"reference": "urn:uuid:0f5cb1f8-7ae3-4e4b-8b6b-0f0b8a1d0b5e"},
        {"reference": "https://a.example/Person/123"},
        {"reference": "https://a.example/Patient/1?x=2"},
        {"display": "Ann Example"},
        {"display": "urn:x|123"},
        {"identifier": {"value": "123"}},
        {"identifier": {"system": "mrn", "value": "123"}},
        {"identifier": {"system": "https://hospital.example/mrn"}},
        {"identifier": {**MRN, "value": "  "}},
        {"identifier": {**MRN, "value": 123}},
        {"identifier": {**MRN, "value": "x" * 1000}},
        {"identifier": {**MRN, "use": "temp"}},
        {"identifier": {**MRN, "use": "old"}},
        {"identifier": typed("MB")},
        {"identifier": typed("SN")},
        {"identifier": {"system": "urn:x:y|1", "value": "2"}},
        {"reference": 7},
        "Patient/1",
        None,
    ],
)
def test_what_two_patients_may_share_is_no_key(reference: Any) -> None:
    assert keys(reference) == ()


def test_relative_references_count_within_a_namespace_and_are_the_absolute_ones() -> None:
    within = keys({"reference": "Patient/1/_history/3"}, namespace="https://a.example/fhir/")
    assert within == keys({"reference": "https://a.example/fhir/Patient/1"}) != ()


def test_the_patients_own_identifiers_are_keys_too() -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [MRN, typed("MB"), {**MRN, "value": "9"}]}
    found = keys({"reference": "#p"}, {"contained": [patient]})
    assert len(found) == 2
    assert keys({"identifier": MRN})[0] in found


def test_another_salt_gives_other_keys() -> None:
    reference = {"identifier": MRN}
    assert set(keys(reference)).isdisjoint(Keys("other salt").patient(reference, {}, Resources()))


def test_a_key_tells_nothing_of_the_patient_and_a_patient_is_no_document() -> None:
    made = Keys("salt" * 8)
    (key,) = keys({"identifier": MRN})
    assert len(key) == 32
    assert b"123" not in key
    assert made.document("claim", "https://hospital.example/mrn|123") != key
    assert made.identified("https://hospital.example/mrn|123") == key


def test_no_more_keys_are_made_than_are_looked_at() -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{**MRN, "value": str(at)} for at in range(5000)]}
    assert len(keys({"reference": "#p"}, {"contained": [patient]})) == MOST
