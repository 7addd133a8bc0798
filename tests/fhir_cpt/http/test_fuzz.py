"""Anything at all, sent to every operation: the answer is a resource of the version, and no fault of the server's."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.operations.call import Operation
from fhir_cpt.operations.registry import OPERATIONS
from fhir_cpt.operations.resources import RESOURCES
from terminology.model import CPT, HCPCS, ICD10CM

from .client import Client

FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CALLS = [(operation, kind) for operation in OPERATIONS for kind in operation.types]

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [CPT, HCPCS, ICD10CM, "99213", "99213:25", "A0425", "E11.65", "2026", "2026-10-15", "true", "en", ""]
    ),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "system", "display", "version", "resourceType", "value", "text"])
            | texts,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ELEMENTS = [
    *claim({"lines": ["99213"]}),
    "entry",
    "contained",
    "supportingInfo",
    "related",
    "careTeam",
    "code",
    "subject",
]
ITEM = [
    *claim({"lines": ["99213"]})["item"][0],
    "modifier",
    "quantity",
    "servicedPeriod",
    "detail",
    "factor",
    "revenue",
]


@st.composite
def claims(draw: st.DrawFn) -> Any:
    """A good claim, some elements of which and of its lines hold something else."""
    made = claim({"date": "2026-10-15", "lines": ["20610", "99213", "J1030"], "dx": ["M17.11", "E11.65"]})
    made.update(draw(st.dictionaries(st.sampled_from(ELEMENTS), values, max_size=3)))
    lines = made["item"] if isinstance(made["item"], list) else []
    for line in lines:
        if isinstance(line, dict):
            line.update(draw(st.dictionaries(st.sampled_from(ITEM), values, max_size=2)))
    made["resourceType"] = draw(st.sampled_from(["Claim", "Claim", "ChargeItem", "Bundle"]))
    return made


def names(operation: Operation) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(operation.known)) | st.text(max_size=5)


def parameters(operation: Operation) -> st.SearchStrategy[Any]:
    """A Parameters resource with parameters that the operation may know, of types that it may expect."""
    kinds = st.sampled_from(
        [
            "valueString",
            "valueCode",
            "valueUri",
            "valueCoding",
            "valueCodeableConcept",
            "valueBoolean",
            "valueInteger",
            "valueDate",
            "resource",
            "part",
            "value",
        ]
    )
    item = st.builds(lambda name, kind, value: {"name": name, kind: value}, names(operation), kinds, values | claims())
    return st.builds(
        lambda items: {"resourceType": "Parameters", "parameter": items}, st.lists(item | values, max_size=4)
    )


@pytest.mark.parametrize(("operation", "kind"), CALLS, ids=lambda item: getattr(item, "name", item))
@FEW
@given(data=st.data())
def test_any_json_is_answered(client: Client, operation: Operation, kind: str, data: st.DataObject) -> None:
    body = data.draw(values | parameters(operation) | claims(), "body")
    found = client.post(f"{kind}/${operation.name}", body)
    assert found.status < 500, found.texts


@pytest.mark.parametrize(
    ("operation", "kind"), [call for call in CALLS if call[0].safe], ids=lambda item: getattr(item, "name", item)
)
@FEW
@given(data=st.data())
def test_any_query_is_answered(client: Client, operation: Operation, kind: str, data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(names(operation), texts), max_size=5), "pairs")
    query = data.draw(st.just(urlencode(pairs)) | st.binary(max_size=20).map(quote), "query")
    found = client.request("GET", f"{kind}/${operation.name}?{query}")
    assert found.status < 500, found.texts


@pytest.mark.parametrize("kind", [resource.type for resource in RESOURCES])
@FEW
@given(data=st.data())
def test_any_search_is_answered(client: Client, kind: str, data: st.DataObject) -> None:
    name = st.sampled_from([*RESOURCES[0].search, "_count", "_offset", "title:contains", "_format"]) | st.text(
        max_size=5
    )
    pairs = data.draw(st.lists(st.tuples(name, texts), max_size=4), "pairs")
    assert client.request("GET", f"{kind}?{urlencode(pairs)}").status < 500


@FEW
@given(claims())
def test_a_spoilt_claim_is_never_too_spoilt_to_be_reported_on(client: Client, resource: Any) -> None:
    if resource["resourceType"] == "Bundle":
        resource = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {**resource, "resourceType": "Claim"}}],
        }
    found = client.post("Claim/$validate?report=all&payer=medicare-part-b", resource)
    assert found.status == 200, found.texts
    assert found.issues[-1]["code"] == "informational"


@FEW
@given(st.lists(values, max_size=4), values)
def test_any_batch_is_answered(client: Client, resources: list[Any], url: Any) -> None:
    entries = [
        {"request": {"method": method, "url": url if isinstance(url, str) else path}, "resource": resource}
        for resource in resources
        for method, path in (("POST", "Claim/$validate"), ("GET", f"CodeSystem/$lookup?code={resource}"))
    ]
    found = client.post("", {"resourceType": "Bundle", "type": "batch", "entry": [*entries, *resources]})
    assert found.status < 500
    statuses = [entry["response"]["status"] for entry in found.resource.get("entry", ())]
    assert len(statuses) == len(entries) + len(resources) or found.status >= 400
    assert not [status for status in statuses if status.startswith("5")]


@FEW
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]), st.text(max_size=20))
def test_any_path_is_answered(client: Client, method: str, path: str) -> None:
    found = client.http.request(method, f"/{client.version}/{quote(path)}", content=b"" if method == "GET" else b"{}")
    assert found.status_code < 500
    if method != "HEAD":
        assert found.json()["resourceType"]
