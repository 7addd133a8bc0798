"""The short check takes nothing that fhir.resources refuses."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.primitives import PRIMITIVES, is_tight
from fhir_cpt.wire.shapes import accepts
from fhir_cpt.wire.structure import check

from .mutations import (
    KINDS,
    ODD_VALUES,
    SAMPLES,
    VERSIONS,
    changed,
    compact,
    encoded,
    mutated,
    reference_takes,
    sample,
)


@pytest.mark.parametrize(("version", "kind"), SAMPLES)
def test_a_good_resource_takes_the_fast_path(version: FhirVersion, kind: str) -> None:
    for raw in (encoded(sample(version, kind)), compact(sample(version, kind))):
        assert accepts(version, KINDS[kind], raw)
        assert accepts(version, None, raw)
        assert check(version, KINDS[kind], raw) == []
        assert reference_takes(version, raw)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"text":"a b"}', True),
        (b'{"text": "a"}', False),
        (b'{"text":" a"}', False),
        (b'{"text":"a "}', False),
        (b'{"text":"a  b"}', False),
        (b'{"text":"a\\tb"}', False),
        (b'{"text":"a\xc2\xa0b"}', False),
        (b'{"a":1, "b":2}', False),
        (b'{"a" :1}', False),
    ],
)
def test_only_single_blanks_between_other_characters_are_tight(text: bytes, expected: bool) -> None:
    assert is_tight(text) is expected


@pytest.mark.parametrize(("version", "kind"), SAMPLES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_a_shape_accepts_fhir_resources_accepts(version: FhirVersion, kind: str, data: st.DataObject) -> None:
    raw = mutated(sample(version, kind), lambda options: data.draw(st.sampled_from(options)))
    if accepts(version, None, raw):
        assert reference_takes(version, raw)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_value_of_a_primitive_is_accepted_that_fhir_resources_refuses(version: FhirVersion) -> None:
    taken = set()
    for primitive in PRIMITIVES.keys() - {"xhtml"}:
        member = f"value{primitive[0].upper()}{primitive[1:]}"
        for value in ODD_VALUES:
            resource = {"resourceType": "Parameters", "parameter": [{"name": "x", member: value}]}
            for raw in (encoded(resource), compact(resource)):
                if accepts(version, "Parameters", raw):
                    assert reference_takes(version, raw), (primitive, value)
                    taken.add(primitive)
    assert taken == PRIMITIVES.keys() - {"xhtml"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("item.0.quantity.value", 1.25), ("item.0.quantity.value", -3), ("created", "2024"), ("created", "2024-07"),
        ("created", "2024-02-29"), ("created", "2000-02-29"), ("item.0.servicedDate", "2024-12-31"), ("item", []),
        ("total", {}), ("use", "two words"), ("id", "a.b-C"), ("item.0.modifier.0.text", "José — “knee”"),
        ("contained", []), ("extension.0", {"url": "x", "valueBoolean": False}),
        ("provider", {"identifier": {"value": "1"}}),
    ],
)  # fmt: skip
def test_the_fast_path_takes_what_claims_usually_hold(path: str, value: Any) -> None:
    raw = changed("claim", path, value)
    assert accepts("r4", "Claim", raw)
    assert reference_takes("r4", raw)


@pytest.mark.parametrize(
    "text",
    [
        '"entry": [{"resource": {"a": 1e400}}], "entry": [',
        '"entry": [{"resource": {"a": "\\ud800"}}], "entry": [',
        '"entry": [{"resource": {"a": 01}, "resource": {}}], "entry": [',
    ],
)
def test_a_member_given_twice_hides_no_bad_json(text: str) -> None:
    raw = encoded(sample("r4", "bundle")).decode().replace('"entry": [', text, 1)
    assert not accepts("r4", "Bundle", raw.encode())
    assert not accepts("r4", "Bundle", compacted(raw).encode())


@pytest.mark.parametrize(
    "text", ['"resource": {"a": 1e400}, "resource": {', '"resource": {"a": "\\ud800"}, "resource": {']
)
def test_a_resource_given_twice_hides_no_bad_json(text: str) -> None:
    raw = encoded(sample("r4", "bundle")).decode().replace('"resource": {', text, 1)
    assert not accepts("r4", "Bundle", raw.encode())
    assert not accepts("r4", "Bundle", compacted(raw).encode())


def compacted(text: str) -> str:
    """A JSON text, which may be bad, without the blanks between its tokens."""
    return re.sub(r'(?<=[,:]) (?=["\[{0-9tfn-])', "", text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "1", "type": "group"}]}, "item"),
        ({"resourceType": "Parameters", "parameter": [{"name": "x"}]}, "part"),
        (
            {"resourceType": "CodeSystem", "status": "active", "content": "complete", "concept": [{"code": "x"}]},
            "concept",
        ),
    ],
)
def test_a_type_that_holds_itself_is_left_to_fhir_resources_where_it_does(
    version: FhirVersion, resource: dict[str, Any], path: str
) -> None:
    assert accepts(version, None, encoded(resource))
    nested = deepcopy(resource)
    member = next(value for value in nested.values() if isinstance(value, list))[0]
    member[path] = [deepcopy(member)]
    assert not accepts(version, None, encoded(nested))
    assert check(version, None, encoded(nested)) == []
