"""fhirpy, unchanged, against a running server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from terminology.model import CPT, HCPCS

ASKED = {"system": HCPCS, "code": "A0425", "date": "2026-10-15"}
CHECKED = {"url": HCPCS, "code": "A0425", "date": "2026-10-15"}
EXPANDED = {"url": f"{CPT}/vs", "filter": "9921", "count": 5}


@pytest.fixture(params=["r4", "r5"])
def base(request: pytest.FixtureRequest, server: str) -> str:
    return f"{server}/{request.param}"


@pytest.fixture
def client(base: str) -> SyncFHIRClient:
    return SyncFHIRClient(base)


def named(parameters: Any, name: str) -> Any:
    """The value of the one output parameter of that name."""
    (item,) = [item for item in parameters["parameter"] if item["name"] == name]
    return next(value for key, value in item.items() if key != "name")


def posted(values: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    items = [{"name": name, kinds[name]: value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": items}


def test_it_reads_the_capability_statement(client: SyncFHIRClient, base: str) -> None:
    found = client.execute("metadata", method="get")
    assert found.resourceType == "CapabilityStatement"
    assert found.implementation.url == base
    assert {"CodeSystem", "ValueSet"} <= {entry.type for entry in found.rest[0].resource}


def test_it_looks_a_code_up(client: SyncFHIRClient) -> None:
    by_get = client.execute("CodeSystem/$lookup", method="get", params=ASKED)
    kinds = {"system": "valueUri", "code": "valueCode", "date": "valueDate"}
    by_post = client.execute("CodeSystem/$lookup", method="post", data=posted(ASKED, kinds))
    assert named(by_get, "display")
    assert by_get == by_post


def test_it_validates_a_code(client: SyncFHIRClient) -> None:
    found = client.execute("CodeSystem/$validate-code", method="get", params=CHECKED)
    assert named(found, "result") is True
    found = client.execute("CodeSystem/$validate-code", method="get", params={**CHECKED, "code": "A042X"})
    assert named(found, "result") is False


def test_it_expands_a_value_set(client: SyncFHIRClient) -> None:
    found = client.execute("ValueSet/$expand", method="get", params=EXPANDED)
    assert "99213" in [item.code for item in found.expansion.contains]
    kinds = {"url": "valueUri", "filter": "valueString", "count": "valueInteger"}
    again = client.execute("ValueSet/$expand", method="post", data=posted(EXPANDED, kinds))
    assert again.expansion.contains == found.expansion.contains


def test_it_searches_reads_and_asks_a_resource(client: SyncFHIRClient) -> None:
    system = client.resources("CodeSystem").search(_id="hcpcs").get()
    assert system["url"] == HCPCS
    assert client.reference("CodeSystem", "hcpcs").to_resource()["url"] == HCPCS
    found = system.execute("$lookup", method="get", params={"code": "A0425", "date": "2026-10-15"})
    assert named(found, "code") == "A0425"


def test_it_pages_through_all_that_is_searched_for(client: SyncFHIRClient) -> None:
    ids = [item["id"] for item in client.resources("CodeSystem").limit(2).fetch_all()]
    assert {"cpt", "hcpcs"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_it_sees_failures_as_its_own_exceptions(client: SyncFHIRClient) -> None:
    with pytest.raises(ResourceNotFound):
        client.execute("CodeSystem/$lookup", method="get", params={**ASKED, "code": "NONE"})
    with pytest.raises(OperationOutcome, match="not known here"):
        client.execute("CodeSystem/$lookup", method="get", params={**ASKED, "colour": "red"})


def test_its_asynchronous_form_gets_the_same(base: str, client: SyncFHIRClient) -> None:
    found = asyncio.run(AsyncFHIRClient(base).execute("CodeSystem/$lookup", method="get", params=ASKED))
    assert found == client.execute("CodeSystem/$lookup", method="get", params=ASKED)
