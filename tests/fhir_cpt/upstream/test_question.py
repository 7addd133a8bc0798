"""What may be asked of an upstream, and what never leaves the house."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.upstream.question import Question, question
from terminology.model import CPT

SNOMED = "http://snomed.info/sct"
HELD = frozenset({CPT})
Pairs = list[tuple[str, str]]


def asked(kind: str, operation: str, query: Pairs, posted: Any = None, *, of_set: bool = False) -> Question | None:
    return question("r4", kind, operation, urlencode(query).encode(), posted, HELD, of_set=of_set)


def posted(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(items)}


def items(found: Question | None) -> list[dict[str, Any]]:
    assert found is not None
    return list(orjson.loads(found.body)["parameter"])


def test_a_query_becomes_typed_parameters() -> None:
    found = asked("CodeSystem", "lookup", [("system", SNOMED), ("code", "1"), ("property", "parent"), ("date", "2026")])
    assert items(found) == [
        {"name": "code", "valueCode": "1"},
        {"name": "date", "valueDateTime": "2026"},
        {"name": "property", "valueCode": "parent"},
        {"name": "system", "valueUri": SNOMED},
    ]
    assert found is not None
    assert (found.subject, found.path, found.pinned) == (SNOMED, "CodeSystem/$lookup", False)


def test_the_same_question_is_the_same_bytes_however_it_is_sent() -> None:
    by_query = asked("CodeSystem", "validate-code", [("url", SNOMED), ("code", "1"), ("abstract", "true")])
    by_body = asked(
        "CodeSystem",
        "validate-code",
        [],
        posted(
            {"valueBoolean": True, "name": "abstract"},
            {"name": "code", "valueCode": "1"},
            {"name": "system", "valueUri": SNOMED},
        ),
    )
    assert by_query == by_body


def test_a_coding_in_a_query_and_numbers_are_read() -> None:
    assert items(asked("CodeSystem", "lookup", [("coding", f"{SNOMED}|1")])) == [
        {"name": "coding", "valueCoding": {"system": SNOMED, "code": "1"}}
    ]
    found = asked("ValueSet", "expand", [("url", "http://x.example/vs"), ("count", "5")], of_set=True)
    assert {"name": "count", "valueInteger": 5} in items(found)


@pytest.mark.parametrize(
    ("items", "pinned"),
    [
        ([{"name": "version", "valueString": "2024"}], True),
        ([{"name": "version", "valueString": "http://snomed.info/sct/11000172109/version/20240915"}], True),
        ([{"name": "version", "valueString": "2024.x"}], False),
        ([{"name": "version", "valueString": "2024.X.1"}], False),
        ([{"name": "version", "valueString": "*"}], False),
        ([{"name": "coding", "valueCoding": {"system": SNOMED, "code": "1", "version": "2024"}}], True),
        ([{"name": "coding", "valueCoding": {"system": SNOMED, "code": "1"}}], False),
    ],
)
def test_a_question_tells_whether_it_names_one_version(items: list[dict[str, Any]], pinned: bool) -> None:
    found = asked("CodeSystem", "validate-code", [("url", SNOMED)], posted(*items))
    assert found is not None
    assert found.pinned is pinned


def test_nothing_but_terminology_is_passed_on() -> None:
    concept = {
        "text": "Mrs Example's left knee",
        "extension": [{"url": "http://x.example", "valueString": "Mrs Example"}],
        "coding": [
            {
                "system": SNOMED,
                "code": "1",
                "id": "mrs-example",
                "extension": [{"url": "http://x.example", "valueString": "Mrs Example"}],
            }
        ],
    }
    found = asked(
        "CodeSystem",
        "validate-code",
        [("_patient", "Mrs Example"), ("cache-id", "Mrs Example")],
        posted(
            {"name": "codeableConcept", "valueCodeableConcept": concept, "extension": [{"valueString": "Mrs Example"}]},
            {"name": "note", "valueString": "Mrs Example"},
        ),
    )
    assert items(found) == [
        {"name": "codeableConcept", "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "1"}]}}
    ]


@pytest.mark.parametrize("name", ["valueSet", "tx-resource"])
def test_a_resource_that_is_not_terminology_stops_the_question(name: str) -> None:
    good = {"name": "url", "valueUri": "http://x.example/vs"}
    for resource in ({"resourceType": "Patient"}, {"resourceType": "Bundle"}, {}, "text", None):
        bad = {"name": name, "resource": resource}
        assert asked("ValueSet", "validate-code", [], posted(good, bad), of_set=True) is None
    fine = {"name": name, "resource": {"resourceType": "ValueSet", "url": "http://x.example/vs"}}
    assert fine in items(asked("ValueSet", "validate-code", [], posted(good, fine), of_set=True))


@pytest.mark.parametrize(
    ("kind", "operation", "query"),
    [
        ("CodeSystem", "lookup", [("system", CPT), ("code", "99999")]),
        ("CodeSystem", "lookup", [("system", f"{CPT}|1999"), ("code", "99999")]),
        ("CodeSystem", "subsumes", [("codingA", f"{SNOMED}|1"), ("codingB", f"{CPT}|2")]),
        ("CodeSystem", "validate-code", [("code", "1")]),
        ("Claim", "validate", []),
        ("ValueSet", "validate-code", [("url", "http://x.example/vs"), ("code", "1"), ("system", SNOMED)]),
        ("CodeSystem", "validate-code", [("url", SNOMED), ("code", "1"), ("abstract", "perhaps")]),
    ],
)
def test_what_is_held_here_or_is_not_terminology_is_not_asked(kind: str, operation: str, query: Pairs) -> None:
    assert asked(kind, operation, query) is None


def test_a_concept_with_one_coding_of_ours_stays_here() -> None:
    concept = {"coding": [{"system": SNOMED, "code": "1"}, {"system": CPT, "code": "99213"}]}
    item = {"name": "codeableConcept", "valueCodeableConcept": concept}
    assert asked("CodeSystem", "validate-code", [], posted(item)) is None


def test_a_value_set_that_is_not_known_is_asked_about_whatever_it_draws_on() -> None:
    query = [("url", "http://x.example/vs|2"), ("system", CPT), ("code", "99213")]
    found = asked("ValueSet", "validate-code", query, of_set=True)
    assert found is not None
    assert found.subject == "http://x.example/vs|2"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coding", "code", "x"]), inner),
    max_leaves=5,
)


@given(
    st.sampled_from([("CodeSystem", "lookup"), ("CodeSystem", "subsumes"), ("ValueSet", "expand")]),
    st.lists(
        st.tuples(st.sampled_from(["system", "code", "coding", "count", "activeOnly", "codeableConcept", "x"]), _JSON)
    ),
    st.booleans(),
)
def test_any_parameters_make_a_question_or_none(
    operation: tuple[str, str], given: list[tuple[str, Any]], of_set: bool
) -> None:
    body = posted(*({"name": name, "valueX": value} for name, value in given))
    found = asked(*operation, [], body, of_set=of_set)
    if found is not None:
        assert orjson.loads(found.body)["resourceType"] == "Parameters"
