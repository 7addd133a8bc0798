"""The whole server, with upstreams: what a client sees. In virtual time, with the sample's release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
import respx
from fastapi import FastAPI

from fhir_cpt.app import create_app
from fhir_cpt.settings import Settings
from fhir_cpt.wire.models import FhirVersion
from terminology import Release
from terminology.model import CPT, HCPCS

from ..http.client import FHIR, TODAY, Reply, parameters_of
from .virtual_time import never, now, run

Json = dict[str, Any]
R4, R5, LAB = "https://tx.example/r4", "https://tx.example/r5", "https://lab.example/fhir"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
UPSTREAM = (R4, f"r5:{R5}", f"{LOINC}={LAB}")

LOOKUP = parameters_of(("name", "string", "SNOMED CT"), ("version", "string", "2026"), ("display", "string", "Knee"))
VALID = parameters_of(("result", "boolean", True), ("display", "string", "Knee"))
EXPANSION = {
    "resourceType": "ValueSet",
    "status": "active",
    "expansion": {"timestamp": "2026-01-01T00:00:00Z", "contains": [{"system": SNOMED, "code": "1"}]},
}
UNKNOWN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


class Server:
    """The app, and how long its answers take."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.seconds = 0.0

    def request(self, method: str, path: str, version: FhirVersion = "r4", **options: Any) -> Reply:
        async def body() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://here.example") as client:
                begun = now()
                response = await client.request(method, f"/{version}/{path}", **options)
                self.seconds = now() - begun
            async with self.app.router.lifespan_context(self.app):
                return response  # leaving it closes the connections of this loop

        return Reply(run(body), version)

    def get(self, path: str, version: FhirVersion = "r4", /, **parameters: Any) -> Reply:
        return self.request("GET", path, version, params=parameters)

    def post(self, path: str, resource: Json, version: FhirVersion = "r4") -> Reply:
        return self.request("POST", path, version, content=orjson.dumps(resource), headers={"content-type": FHIR})


def served(release: Release, **settings: Any) -> Server:
    return Server(create_app(Settings(release=release.folder, today=TODAY, **settings)))


@pytest.fixture
def server(sample_release: Release) -> Server:
    return served(sample_release, upstream=UPSTREAM, upstream_retries=0)


@pytest.fixture
def outside() -> Iterator[respx.Router]:
    """The servers outside: whatever is not foreseen fails the test."""
    with respx.mock(assert_all_called=False) as router:
        yield router


def sent(route: respx.Route) -> Json:
    found = orjson.loads(route.calls.last.request.content)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("version", "base"), [("r4", R4), ("r5", R5)])
def test_each_base_asks_an_upstream_of_its_own_version(
    server: Server, outside: respx.Router, version: FhirVersion, base: str
) -> None:
    route = outside.post(f"{base}/CodeSystem/$lookup").respond(json=LOOKUP)
    found = server.get("CodeSystem/$lookup", version, system=SNOMED, code="1")
    assert (found.status, found.named("display"), found.named("x-answered-by")) == (200, "Knee", base)
    assert sent(route) == parameters_of(("code", "code", "1"), ("system", "uri", SNOMED))


@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        ("CodeSystem/$lookup", {"system": SNOMED, "code": "1"}, LOOKUP),
        ("CodeSystem/$validate-code", {"url": SNOMED, "code": "1"}, VALID),
        ("CodeSystem/$subsumes", {"system": SNOMED, "codeA": "1", "codeB": "2"}, {}),
        ("ValueSet/$validate-code", {"url": f"{SNOMED}?fhir_vs", "system": SNOMED, "code": "1"}, VALID),
        ("ValueSet/$expand", {"url": f"{SNOMED}?fhir_vs", "filter": "kn"}, EXPANSION),
    ],
)
def test_every_operation_is_passed_on_by_query_form_or_body(
    server: Server, outside: respx.Router, path: str, query: dict[str, str], answer: Json
) -> None:
    answer = answer or parameters_of(("outcome", "code", "subsumes"))
    kinds = {"url": "uri", "system": "uri", "filter": "string"}
    route = outside.post(f"{R4}/{path}").respond(json=answer)
    found = [
        server.get(path, **query),
        server.request("POST", path, data=query),
        server.post(path, parameters_of(*((name, kinds.get(name, "code"), value) for name, value in query.items()))),
    ]
    assert [reply.status for reply in found] == [200, 200, 200]
    assert found[0].resource == found[1].resource == found[2].resource
    assert R4 in orjson.dumps(found[0].resource).decode()
    assert route.call_count == 1, "the second and third are remembered"


def test_an_expansion_says_who_made_it(server: Server, outside: respx.Router) -> None:
    outside.post(f"{R4}/ValueSet/$expand").respond(json=EXPANSION)
    found = server.get("ValueSet/$expand", url="http://x.example/vs")
    assert found.codes == ["1"]
    assert found.resource["expansion"]["parameter"] == [{"name": "x-answered-by", "valueUri": R4}]


def test_a_code_that_the_upstream_does_not_know_is_answered_as_there(server: Server, outside: respx.Router) -> None:
    outside.post(f"{R4}/CodeSystem/$lookup").respond(404, json=UNKNOWN)
    found = server.get("CodeSystem/$lookup", system=SNOMED, code="0")
    assert found.status == 404
    assert [issue["severity"] for issue in found.issues] == ["error", "information"]
    assert R4 in found.issues[1]["details"]["text"]


def test_a_system_with_a_route_of_its_own_is_asked_about_there_only(server: Server, outside: respx.Router) -> None:
    outside.post(f"{LAB}/CodeSystem/$lookup").respond(json=LOOKUP)
    assert server.get("CodeSystem/$lookup", system=LOINC, code="1-8").named("x-answered-by") == LAB


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("CodeSystem/$lookup", {"system": HCPCS, "code": "A0425"}, 200),
        ("CodeSystem/$lookup", {"system": CPT, "code": "00000"}, 404),
        ("CodeSystem/$lookup", {"system": HCPCS, "code": "A0425", "version": "1999"}, 404),
        ("CodeSystem/$validate-code", {"url": CPT, "code": "00000"}, 200),
        ("CodeSystem/$validate-code", {"url": HCPCS, "code": "A0425", "version": "1999"}, 200),
        ("CodeSystem/$validate-code", {"url": "urn:oid:2.16.840.1.113883.6.12", "code": "00000"}, 200),
        ("CodeSystem/$lookup", {"code": "1"}, 400),
        ("CodeSystem/$lookup", {"system": SNOMED, "code": "1", "strange": "1"}, 400),
        ("ValueSet/icd10cm-billable/$validate-code", {"system": SNOMED, "code": "1"}, 200),
        ("ValueSet/absent/$expand", {}, 404),
    ],
)
def test_what_is_answered_here_is_asked_of_nobody(
    server: Server, sample_release: Release, outside: respx.Router, path: str, query: dict[str, str], status: int
) -> None:
    found = server.get(path, **query)
    assert found.status == status
    assert found.resource == served(sample_release).get(path, **query).resource
    assert not outside.calls


@pytest.mark.parametrize("failing", [httpx.ConnectError("x"), 500, 503, 401, 302, "silent", "html"])
@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("CodeSystem/$lookup", {"system": SNOMED, "code": "1"}, 404),
        ("CodeSystem/$validate-code", {"url": SNOMED, "code": "1"}, 200),
        ("ValueSet/$expand", {"url": "http://x.example/vs"}, 404),
    ],
)
def test_an_upstream_that_is_down_makes_an_issue_soon_and_no_error_of_ours(
    server: Server, outside: respx.Router, failing: Any, path: str, query: dict[str, str], status: int
) -> None:
    faults = {"silent": never, "html": httpx.Response(200, text="<html>")}
    if isinstance(failing, int):
        failing = httpx.Response(failing, headers={"location": "https://evil.example/"})
    outside.post(f"{R4}/{path}").mock(side_effect=[faults.get(failing, failing) if failing in faults else failing])
    found = server.get(path, **query)
    assert found.status == status
    assert server.seconds <= 3
    assert found.issues[0]["severity"] == "error"
    assert found.issues[-1]["severity"] == "warning"
    assert found.issues[-1]["details"]["text"].startswith(R4)
    if status == 200:
        assert found.named("result") is False
        assert found.named("x-caused-by-unknown-system") == SNOMED


def test_a_batch_is_settled_as_a_whole_each_entry_for_itself(server: Server, outside: respx.Router) -> None:
    outside.post(f"{R4}/CodeSystem/$lookup").respond(json=LOOKUP)
    outside.post(f"{LAB}/CodeSystem/$lookup").respond(500)
    urls = [f"CodeSystem/$lookup?system={system}&code=1" for system in (SNOMED, LOINC)]
    urls.insert(1, f"CodeSystem/$lookup?system={HCPCS}&code=A0425")
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    found = server.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries}).resource["entry"]
    assert [entry["response"]["status"][:3] for entry in found] == ["200", "200", "404"]
    assert {"name": "x-answered-by", "valueUri": R4} in found[0]["resource"]["parameter"]
    assert found[2]["response"]["outcome"]["issue"][-1]["details"]["text"] == f"{LAB} answered with status 500"


def test_a_batch_of_questions_to_a_silent_upstream_ends_at_the_deadline(server: Server, outside: respx.Router) -> None:
    outside.post(f"{R4}/CodeSystem/$lookup").mock(side_effect=never)
    entries = [
        {"request": {"method": "GET", "url": f"CodeSystem/$lookup?system={SNOMED}&code={code}"}} for code in range(50)
    ]
    found = server.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries}).resource["entry"]
    assert len(found) == 50
    assert all(R4 in entry["response"]["outcome"]["issue"][-1]["details"]["text"] for entry in found)
    assert server.seconds <= 6


def test_while_one_waits_for_an_upstream_others_are_answered(server: Server, outside: respx.Router) -> None:
    outside.post(f"{R4}/CodeSystem/$lookup").mock(side_effect=never)

    async def body() -> list[float]:
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here.example/r4/") as client:

            async def timed(system: str, code: str) -> float:
                response = await client.get("CodeSystem/$lookup", params={"system": system, "code": code})
                assert response.status_code in (200, 404)
                return now()

            return await asyncio.gather(timed(SNOMED, "1"), timed(HCPCS, "A0425"))

    waiting, held = run(body)
    assert held == 0
    assert waiting == pytest.approx(3)


def test_nothing_that_may_be_a_patients_leaves(server: Server, outside: respx.Router) -> None:
    route = outside.post(f"{R4}/CodeSystem/$validate-code").respond(json=VALID)
    concept = {"text": "Mrs Example", "coding": [{"system": SNOMED, "code": "1", "id": "mrs-example"}]}
    body = parameters_of(("codeableConcept", "CodeableConcept", concept))
    server.request(
        "POST",
        "CodeSystem/$validate-code?_tag=Example",
        content=orjson.dumps(body),
        headers={
            "content-type": FHIR,
            "authorization": "Bearer example",
            "cookie": "example=1",
            "x-patient": "Example",
        },
    )
    request = route.calls.last.request
    assert "example" not in request.content.decode().casefold()
    outgoing = {**request.headers}
    assert outgoing.pop("host") == "tx.example"
    assert "example" not in str(outgoing).casefold()


def test_the_capability_statement_names_the_upstreams_of_its_base(server: Server) -> None:
    said = {version: server.get("metadata", version).resource["rest"][0]["documentation"] for version in ("r4", "r5")}
    assert R4 in said["r4"]
    assert LAB in said["r4"]
    assert R5 not in said["r4"]
    assert R5 in said["r5"]
    assert LAB not in said["r5"]


def test_a_base_without_an_upstream_of_its_version_answers_alone(
    sample_release: Release, outside: respx.Router
) -> None:
    server = served(sample_release, upstream=(R4,))
    found = server.get("CodeSystem/$lookup", "r5", system=SNOMED, code="1")
    assert found.resource == served(sample_release).get("CodeSystem/$lookup", "r5", system=SNOMED, code="1").resource
    assert "documentation" not in server.get("metadata", "r5").resource["rest"][0]
    assert not outside.calls
