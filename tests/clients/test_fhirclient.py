"""fhirclient, unchanged, against a running server. It knows FHIR R4, and parses every answer into its models."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.codesystem import CodeSystem
from fhirclient.models.parameters import Parameters
from fhirclient.models.valueset import ValueSet
from fhirclient.server import FHIRNotFoundException

from terminology.model import CPT, HCPCS


@pytest.fixture
def client(server: str) -> FHIRClient:
    return FHIRClient(settings={"app_id": "test", "api_base": f"{server}/r4"})


def asked(client: FHIRClient, path: str, **parameters: str) -> dict[str, object]:
    return dict(client.server.request_json(f"{path}?{urlencode(parameters)}"))


def test_it_reads_the_capability_statement(client: FHIRClient) -> None:
    client.prepare()
    found = client.server.capabilityStatement
    assert found.fhirVersion == "4.0.1"
    assert "lookup" in [operation.name for operation in found.rest[0].resource[0].operation]


def test_it_looks_a_code_up(client: FHIRClient) -> None:
    found = Parameters(asked(client, "CodeSystem/$lookup", system=HCPCS, code="A0425", date="2026-10-15"))
    assert {"code", "display"} <= {item.name for item in found.parameter}


def test_it_validates_a_code(client: FHIRClient) -> None:
    found = Parameters(asked(client, "CodeSystem/$validate-code", url=CPT, code="99213", date="2026-10-15"))
    assert [item.valueBoolean for item in found.parameter if item.name == "result"] == [True]


def test_it_expands_a_value_set(client: FHIRClient) -> None:
    found = ValueSet(asked(client, "ValueSet/$expand", url=f"{CPT}/vs", filter="9921", count="5"))
    assert "99213" in [item.code for item in found.expansion.contains]


def test_it_reads_and_searches_code_systems(client: FHIRClient) -> None:
    assert CodeSystem.read("hcpcs", client.server).url == HCPCS
    assert [item.url for item in CodeSystem.where({"_id": "hcpcs"}).perform_resources_iter(client.server)] == [HCPCS]


def test_it_sees_what_is_not_there(client: FHIRClient) -> None:
    with pytest.raises(FHIRNotFoundException):
        CodeSystem.read("nowhere", client.server)
