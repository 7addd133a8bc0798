"""A server that keeps a history, over HTTP: create, delete, and what `$validate` makes of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from fhir_cpt.app import FhirApp, create_app
from fhir_cpt.settings import Settings
from fhir_cpt.wire.models import FhirVersion
from terminology import Release

from ..history.conftest import SALT
from ..history.making import PATIENT, answer, charge, claim
from .client import TODAY, Client, Reply, served

Json = dict[str, Any]
MISSING = {"identifier": {"system": "https://hospital.example/mrn", "value": "nobody"}}


@pytest.fixture(scope="module")
def keeping(sample_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with a history in a file."""
    path = tmp_path_factory.mktemp("history") / "history.db"
    made = Settings(release=sample_release.folder, today=TODAY, history=str(path), history_salt=SALT, cors=("*",))
    with served(made) as client:
        yield client


@pytest.fixture(params=["r4", "r5"])
def client(request: pytest.FixtureRequest, keeping: httpx.Client) -> Client:
    version: FhirVersion = request.param
    return Client(keeping, version)


@pytest.fixture
def patient(request: pytest.FixtureRequest) -> Json:
    """A patient for each test."""
    return {"identifier": {**PATIENT["identifier"], "value": request.node.name}}


def number(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def found(reply: Reply, edit: str) -> list[Json]:
    return [
        issue for issue in reply.issues if edit in [coding["code"] for coding in issue["details"].get("coding", ())]
    ]


def states(reply: Reply, edit: str) -> set[str]:
    return {
        part["valueCode"]
        for issue in found(reply, edit)
        for part in issue["extension"][0]["extension"]
        if part["url"] == "state"
    }


def test_a_claim_is_created_and_replaced_and_deleted(
    client: Client, patient: Json, request: pytest.FixtureRequest
) -> None:
    resource = claim(number(request), "99213", "20610", patient=patient)
    made = client.post("Claim", resource)
    assert (made.status, made.texts) == (201, "Kept for the patient's history: 2 lines.")
    location = made.headers["location"]
    assert location.startswith(f"{client.http.base_url}/{client.version}/Claim/")
    again = client.post("Claim", resource)
    assert (again.status, again.headers["location"]) == (200, location)
    path = location.partition(f"/{client.version}/")[2]
    assert [client.request("DELETE", path).texts for _ in range(2)] == ["Removed.", "Nothing is kept of such a Claim."]
    assert client.post("Claim", resource).status == 201
    query = {"identifier": f"https://sender.example/numbers|{number(request)}"}
    assert client.request("DELETE", "Claim", params=query).texts == "Removed."
    assert client.request("DELETE", "Claim", params=query).status == 200


@pytest.mark.parametrize("kind", ["ChargeItem", "ClaimResponse"])
def test_charges_and_answers_are_created_too(
    client: Client, patient: Json, request: pytest.FixtureRequest, kind: str
) -> None:
    make = charge if kind == "ChargeItem" else answer
    resource = make(number(request), "70553", patient=patient)
    made = client.post(kind, resource)
    assert made.status == 201, made.texts
    assert client.request("DELETE", made.headers["location"].partition(f"/{client.version}/")[2]).texts == "Removed."


def test_a_client_that_wants_little_gets_nothing_but_the_location(
    client: Client, request: pytest.FixtureRequest
) -> None:
    headers = {"content-type": "application/fhir+json", "prefer": "return=minimal"}
    made = client.post("Claim", claim(number(request)), headers=headers)
    assert (made.status, made.content) == (201, b"")
    assert made.headers["location"]


def test_a_claim_is_compared_with_what_is_kept(client: Client, patient: Json, request: pytest.FixtureRequest) -> None:
    asking = claim("asking", "70553", patient=patient, auth=[f"A-{number(request)}"], dx=["G43.909"])
    assert states(client.post("Claim/$validate", asking), "authorization-mismatch") == {"no-data"}
    client.post("ClaimResponse", answer(number(request), "70551", patient=patient))
    reply = client.post("Claim/$validate", asking)
    assert states(reply, "authorization-mismatch") == {"fail"}
    other = client.post("Claim/$validate", {**asking, "patient": MISSING})
    assert states(other, "authorization-mismatch") == {"no-data"}
    client.post("ClaimResponse", answer(number(request), "70553", patient=patient))
    assert states(client.post("Claim/$validate", asking), "authorization-mismatch") == set()


def test_requests_of_a_batch_are_kept_and_say_where(
    client: Client, patient: Json, request: pytest.FixtureRequest
) -> None:
    entries = [
        {"resource": claim(f"{number(request)}-{at}", patient=patient), "request": {"method": "POST", "url": "Claim"}}
        for at in range(3)
    ]
    reply = client.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    answers = [entry["response"] for entry in reply.resource["entry"]]
    assert [item["status"] for item in answers] == ["201 Created"] * 3
    assert len({item["location"] for item in answers}) == 3


FAULTY: dict[str, tuple[Any, int, str]] = {
    "no identifier": ({**claim("1"), "identifier": []}, 422, "Claim.identifier"),
    "no FHIR": ({**claim("1"), "status": 7}, 422, "Claim.status"),
    "a relative reference": (claim("1", patient={"reference": "Patient/1"}), 422, "Claim.patient"),
    "another resource": (charge("1"), 400, "resourceType"),
    "a predetermination": (claim("1", use="predetermination"), 422, "Claim.use"),
    "no JSON": (b"{", 400, ""),
    "no resource": ([], 400, "resourceType"),
}


@pytest.mark.parametrize(("resource", "status", "expression"), FAULTY.values(), ids=FAULTY)
def test_what_cannot_be_kept_is_refused(client: Client, resource: Any, status: int, expression: str) -> None:
    if isinstance(resource, dict) and not resource.get("identifier", True):
        del resource["identifier"]
    reply = client.post("Claim", resource)
    assert reply.status == status
    named = [path for issue in reply.issues for path in issue.get("expression", ())]
    assert expression in (*named, "")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "Claim", 405, "POST, DELETE"),
        ("GET", "Claim/1", 405, "DELETE"),
        ("PUT", "Claim/1", 405, "DELETE"),
        ("PATCH", "Claim/1", 405, "DELETE"),
        ("PUT", "ClaimResponse", 405, "POST, DELETE"),
        ("DELETE", "Claim", 400, None),
        ("DELETE", "Claim?identifier=1", 400, None),
        ("DELETE", "Claim?identifier=urn:x|1&identifier=urn:x|2", 400, None),
        ("DELETE", "Claim?patient=1", 400, None),
        ("DELETE", "Claim/1?identifier=urn:x|1", 400, None),
        ("DELETE", "ClaimResponse/unknown", 200, None),
        ("DELETE", "Claim/1/2", 404, None),
    ],
)
def test_what_is_not_offered_is_said(client: Client, method: str, path: str, status: int, allow: str | None) -> None:
    reply = client.request(method, path)
    assert (reply.status, reply.headers.get("allow")) == (status, allow)
    if allow is not None:
        takes = f"takes {allow.replace(', ', ' and ')}, not {method}. "
        assert takes in reply.texts


def test_the_capability_statement_declares_what_is_kept(client: Client) -> None:
    declared = {entry["type"]: entry for entry in client.get("metadata").resource["rest"][0]["resource"]}
    for kind in ("Claim", "ChargeItem", "ClaimResponse"):
        assert [one["code"] for one in declared[kind]["interaction"]] == ["create", "delete"]
        assert declared[kind]["conditionalDelete"] == "single"


def test_browsers_may_delete_where_they_may_call(keeping: httpx.Client) -> None:
    headers = {"origin": "https://ehr.example", "access-control-request-method": "DELETE"}
    assert keeping.options("/r4/Claim/1", headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["Claim", "ChargeItem", "ClaimResponse"])
def test_a_server_without_history_says_how_to_keep_one(r4: Client, kind: str) -> None:
    reply = r4.post(kind, claim("1"))
    assert reply.status == 405
    assert "--history" in reply.texts
    assert "FHIR_CPT_HISTORY_SALT" in reply.texts


def test_a_redis_that_is_down_is_no_reason_not_to_validate(
    sample_release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = Settings(release=sample_release.folder, today=TODAY, history=f"unix://{tmp_path}/absent", history_salt=SALT)
    with caplog.at_level(logging.DEBUG), served(away) as http:
        client = Client(http, "r4")
        for _ in range(5):
            refused = client.post("Claim", claim("1"))
            assert (refused.status, refused.headers["retry-after"]) == (503, "10")
            assert refused.issues[0]["code"] == "transient"
        assert client.request("DELETE", "Claim/1").status == 503
        reply = client.post("Claim/$validate", claim("2", "70553", auth=["A1"]))
        assert reply.status == 200
        assert "could not be read" in reply.texts
    assert "Zebra" not in caplog.text


def test_what_is_refused_leaves_nothing_of_the_patient_in_the_log(
    sample_release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Settings(release=sample_release.folder, today=TODAY, history=str(tmp_path / "h.db"), history_salt=SALT)
    with caplog.at_level(logging.DEBUG), served(made) as http:
        for resource in (claim("1"), claim("2", status="draft"), {**claim("3"), "status": 7}, answer("4")):
            reply = http.post(f"/r4/{resource['resourceType']}", json=resource)
            assert "Zebra" not in reply.text
    assert "Zebra" not in caplog.text


def test_two_apps_of_one_process_may_share_a_file(sample_release: Release, tmp_path: Path) -> None:
    made = Settings(release=sample_release.folder, today=TODAY, history=str(tmp_path / "h.db"), history_salt=SALT)
    one, other = (FhirApp(version, made) for version in ("r4", "r5"))  # type: ignore[arg-type]
    asked = (b"", {b"content-type": b"application/fhir+json"}, orjson.dumps(claim("1")), "http://x/r4")
    assert one._dispatcher.answer("POST", "/Claim", *asked).status == 201
    assert other._dispatcher.answer("POST", "/Claim", *asked).status == 200


def test_a_server_that_is_to_keep_a_history_needs_a_salt_and_a_place(sample_release: Release, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FHIR_CPT_HISTORY_SALT"):
        create_app(Settings(release=sample_release.folder, history=str(tmp_path / "h.db")))
    with pytest.raises(ValueError, match="cannot be kept in"):
        create_app(
            Settings(release=sample_release.folder, history=str(tmp_path / "absent" / "h.db"), history_salt=SALT)
        )


ODD: tuple[Any, ...] = (None, 7, -1.5, "x", "", " ", [], {}, [[]], [{}], [None], "\x00", "9" * 5000, {"value": 1e308})


@pytest.mark.parametrize("make", [claim, charge, answer])
def test_whatever_a_client_sends_is_kept_or_refused(sample_release: Release, tmp_path: Path, make: Any) -> None:
    made = Settings(release=sample_release.folder, today=TODAY, history=str(tmp_path / "h.db"), history_salt=SALT)
    dispatcher = FhirApp("r4", made)._dispatcher
    good = make("1", "70553")
    statuses = set()
    for path in _paths(good):
        for value in ODD:
            body = orjson.dumps(_with(good, path, value))
            asked = (b"", {b"content-type": b"application/fhir+json"}, body, "http://x/r4")
            statuses.add(dispatcher.answer("POST", f"/{good['resourceType']}", *asked).status)
    assert statuses <= {200, 201, 400, 422}
    assert statuses >= {200, 422}


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(item))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The JSON with another value at a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy
