"""Batch Bundles over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings
from terminology import Release
from terminology.model import CPT, HCPCS

from .client import Client, Json, parameters_of, served


def bundle(*entries: Any) -> Json:
    made: Json = {"resourceType": "Bundle", "type": "batch"}
    return {**made, "entry": list(entries)} if entries else made


def get(url: str) -> Json:
    return {"request": {"method": "GET", "url": url}}


def post(url: str, resource: Any) -> Json:
    return {"request": {"method": "POST", "url": url}, "resource": resource}


def statuses(answer: Json) -> list[str]:
    return [entry["response"]["status"] for entry in answer["entry"]]


@pytest.mark.parametrize("path", ["", "/"])
def test_each_entry_is_answered_in_its_place(client: Client, path: str) -> None:
    asked = bundle(
        get(f"CodeSystem/$lookup?system={CPT}&code=99213"),
        get(f"/CodeSystem/%24validate-code?url={HCPCS}&code=A0425"),
        post("CodeSystem/$lookup", parameters_of(("system", "uri", CPT), ("code", "code", "nope"))),
        post("Claim/$validate?report=all", claim({"lines": ["99213"]})),
        get("CodeSystem/cpt"),
        get("metadata"),
    )
    found = client.http.post(f"/{client.version}{path}", json=asked)
    assert found.status_code == 200
    answer = found.json()
    assert (answer["resourceType"], answer["type"]) == ("Bundle", "batch-response")
    assert statuses(answer) == ["200 OK", "200 OK", "404 Not Found", "200 OK", "200 OK", "200 OK"]
    kinds = [entry.get("resource", {}).get("resourceType") for entry in answer["entry"]]
    assert kinds == ["Parameters", "Parameters", None, "OperationOutcome", "CodeSystem", "CapabilityStatement"]
    assert answer["entry"][2]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert client.post("", asked).status == 200  # and every resource in it is one of the version


@pytest.mark.parametrize(
    ("entry", "status", "named"),
    [
        ({}, "400 Bad Request", "Bundle.entry[0].request"),
        (1, "400 Bad Request", "Bundle.entry[0].request"),
        ({"request": {"method": "GET"}}, "400 Bad Request", "Bundle.entry[0].request"),
        ({"request": {"method": 1, "url": "metadata"}}, "400 Bad Request", "Bundle.entry[0].request"),
        ({"request": "GET metadata"}, "400 Bad Request", "Bundle.entry[0].request"),
        (get(""), "400 Bad Request", "another batch"),
        (post("", {"resourceType": "Bundle", "type": "batch"}), "400 Bad Request", "another batch"),
        (get("nowhere"), "404 Not Found", "nowhere"),
        (get("CodeSystem/$lookup?code=ä&system=http://x.example"), "400 Bad Request", "UTF-8"),
        ({"request": {"method": "DELETE", "url": "CodeSystem/cpt"}}, "405 Method Not Allowed", "DELETE"),
        (post("Claim/$validate", [1]), "400 Bad Request", "Claim"),
        (post("Claim/$validate", None), "400 Bad Request", "Claim"),
        ({"request": {"method": "POST", "url": "Claim/$validate"}}, "400 Bad Request", "empty"),
    ],
)
def test_a_faulty_entry_spoils_only_its_own_answer(client: Client, entry: Any, status: str, named: str) -> None:
    answer = client.post("", bundle(entry, get("metadata"))).resource
    assert statuses(answer) == [status, "200 OK"]
    assert named in answer["entry"][0]["response"]["outcome"]["issue"][0]["details"]["text"]


def test_a_deeply_nested_entry_spoils_only_its_own_answer(client: Client) -> None:
    deep = b'{"request":{"method":"POST","url":"Claim/$validate"},"resource":' + b"[" * 400 + b"]" * 400 + b"}"
    body = (
        b'{"resourceType":"Bundle","type":"batch","entry":['
        + deep
        + b',{"request":{"method":"GET","url":"metadata"}}]}'
    )
    assert statuses(client.post("", body).resource) == ["400 Bad Request", "200 OK"]


def test_an_empty_batch_has_an_empty_answer(client: Client) -> None:
    assert client.post("", bundle()).resource == {"resourceType": "Bundle", "type": "batch-response"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Bundle", "type": "transaction", "entry": []}, 400),
        ({"resourceType": "Patient"}, 400),
        ([], 400),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 400),
        ({"resourceType": "Bundle", "type": "batch", "entry": [{}] * 1001}, 413),
    ],
)
def test_what_is_no_batch_is_refused_whole(client: Client, body: Any, status: int) -> None:
    assert client.post("", body).status == status


def test_a_batch_stops_answering_once_its_answers_are_large(sample_release: Release) -> None:
    asked = bundle(*[get("ValueSet/icd10cm/$expand")] * 3)
    with served(Settings(release=sample_release.folder, max_answer=1000)) as http:
        answer = Client(http, "r4").post("", asked).resource
    assert statuses(answer) == ["200 OK", "413 Request Entity Too Large", "413 Request Entity Too Large"]


@pytest.mark.parametrize("path", ["ValueSet/$expand", "ValueSet/$expand/", "ValueSet/hcpcs/$expand", "/"])
def test_what_may_take_long_is_made_in_a_thread(sample_release: Release, path: str) -> None:
    settings = Settings(release=sample_release.folder)
    dispatcher = Dispatcher("r4", Source(settings.release), settings)
    assert dispatcher.costly("POST", path, 0)
    assert dispatcher.costly("POST", "Claim/$validate", 1 << 20)
    assert not dispatcher.costly("POST", "Claim/$validate", 1000)
    assert not dispatcher.costly("GET", "CodeSystem/$lookup", 0)
