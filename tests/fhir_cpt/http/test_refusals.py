"""How HTTP requests that ask for what is not offered are refused, and what about HTTP is taken leniently."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from fhir_cpt.settings import Settings
from terminology import Release
from terminology.model import CPT

from .client import FHIR, TODAY, Client, Json, parameters_of, served

LOOKUP = "CodeSystem/$lookup"
ASKED = f"system={CPT}&code=99213"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "CodeSystem/cpt", "GET"),
        ("POST", "CodeSystem", "GET"),
        ("DELETE", "ValueSet/cpt-all", "GET"),
        ("PATCH", "ValueSet/cpt-all", "GET"),
        ("GET", "CodeSystem/_search", "POST"),
        ("POST", "metadata", "GET"),
        ("PUT", LOOKUP, "GET, POST"),
        ("DELETE", "ValueSet/$expand", "GET, POST"),
        ("GET", "Claim/$validate", "POST"),
        ("PUT", "ChargeItem/$validate", "POST"),
        ("POST", "Claim", ""),
        ("GET", "ChargeItem", ""),
        ("GET", "", "POST"),
        ("OPTIONS", "CodeSystem/cpt", "GET"),
    ],
)
def test_a_method_that_is_not_offered_is_answered_with_those_that_are(
    client: Client, method: str, path: str, allow: str
) -> None:
    found = client.request(method, path)
    assert found.status == 405
    assert found.headers["allow"] == allow
    assert found.issues[0]["code"] == "not-supported"


@pytest.mark.parametrize(
    "path",
    ["nope", "Patient/1", "CodeSystem/cpt/$nope", "$lookup", "CodeSystem/$nope", "Claim/1/$validate", "a/b/c/d", "%00"],
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("POST", "/x", 404), ("PUT", "/health", 405)]
)
def test_outside_the_fhir_bases_answers_are_outcomes_too(
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    found = http.request(method, path)
    assert found.status_code == status
    assert found.headers["content-type"] == FHIR
    assert found.json()["resourceType"] == "OperationOutcome"
    assert status != 405 or "GET" in found.headers["allow"]


def test_health_names_the_release(http: httpx.Client, sample_release: Release) -> None:
    told = http.get("/health").json()
    assert (told["status"], told["release"]) == ("ok", sample_release.id)
    assert http.head("/health").status_code == 200


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json", 200),
        ("application/fhir+json; fhirVersion=4.0", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/xhtml+xml, */*;q=0.8", 200),
        ("", 200),
        ("application/fhir+xml", 406),
        ("text/html", 406),
    ],
)
def test_json_is_offered_and_nothing_else(client: Client, accept: str, status: int) -> None:
    assert client.request("GET", f"{LOOKUP}?{ASKED}", headers={"accept": accept}).status == status


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("json", 200),
        ("application/json", 200),
        ("application/fhir%2Bjson", 200),
        ("application/fhir+json", 200),
        ("application/fhir%2Bjson;fhirVersion=4.0", 200),
        ("xml", 406),
        ("application/fhir%2Bxml", 406),
        ("", 406),
    ],
)
def test_the_parameter_format_wins_over_the_header(client: Client, wanted: str, status: int) -> None:
    accept = "application/fhir+xml" if status == 200 else FHIR
    found = client.request("GET", f"{LOOKUP}?{ASKED}&_format={wanted}", headers={"accept": accept})
    assert found.status == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (FHIR, 200),
        ("application/fhir+json; charset=utf-8", 200),
        ("application/json", 200),
        ("APPLICATION/JSON", 200),
        ("", 200),
        ("application/fhir+xml", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_bodies_are_taken_as_json_and_nothing_else(client: Client, content_type: str, status: int) -> None:
    body = parameters_of(("system", "uri", CPT), ("code", "code", "99213"))
    assert client.post(LOOKUP, body, headers={"content-type": content_type}).status == status


def test_a_form_is_not_taken_where_a_claim_is_expected(client: Client) -> None:
    assert client.request("POST", "Claim/$validate", data={"payer": "default"}).status == 415


def test_head_tells_what_get_would_without_the_body(client: Client) -> None:
    got, head = client.request("GET", f"{LOOKUP}?{ASKED}"), client.request("HEAD", f"{LOOKUP}?{ASKED}")
    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
    assert head.headers["content-type"] == got.headers["content-type"]
    assert client.request("HEAD", "CodeSystem/nope").status == 404


def test_queries_may_be_percent_encoded_or_not(client: Client) -> None:
    plain = client.request("GET", f"{LOOKUP}?system={CPT}&code=99213:25")
    encoded = client.request(
        "GET", "CodeSystem/%24lookup?system=http%3A%2F%2Fwww.ama-assn.org%2Fgo%2Fcpt&code=99213%3A25"
    )
    assert plain.resource == encoded.resource
    assert plain.named("code") == "99213:25"


@pytest.mark.parametrize("query", ["system=%FF&code=1", "%FF=1", "code=%C3"])
def test_a_query_that_is_not_utf_8_is_refused(client: Client, query: str) -> None:
    found = client.request("GET", f"{LOOKUP}?{query}")
    assert found.status == 400
    assert "UTF-8" in found.texts


def test_parameters_in_the_query_stand_beside_those_in_the_body(client: Client) -> None:
    body = parameters_of(("system", "uri", CPT), ("code", "code", "99213"))
    assert client.post(f"{LOOKUP}?property=category", body).properties == {"category": ["I"]}
    twice = client.post(f"{LOOKUP}?code=99214", body)
    assert twice.status == 400
    assert "code may be given 1 time(s), not 2" in twice.texts
    unknown = client.post(f"{LOOKUP}?colour=red", body)
    assert (unknown.status, "colour" in unknown.texts) == (400, True)


def test_parameters_that_start_with_an_underscore_are_for_http_alone(client: Client) -> None:
    assert client.request("GET", f"{LOOKUP}?{ASKED}&_pretty=true&_elements=name").status == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"nope", "line 1, column 1"),
        (b'{"resourceType": "Parameters",\n "parameter": [}', "line 2"),
        (b"\xff\xfe", "UTF-8 at byte 0"),
        (b'{"resourceType": "Parameters", "x": "\xff"}', "UTF-8"),
        (b"[]", "resourceType"),
        (b"null", "resourceType"),
        (b'{"resourceType": "Patient"}', "'Patient'"),
        (b'{"resourceType": 7}', "resourceType"),
        (b'{"resourceType": "Parameters", "parameter": {}}', "array"),
        (b'{"resourceType": "Parameters", "parameter": [1]}', "parameter[0]"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": 1}]}', "parameter[0]"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": "code"}]}', "code"),
    ],
)
def test_a_body_that_cannot_be_read_says_where(client: Client, body: bytes, named: str) -> None:
    found = client.post(LOOKUP, body)
    assert found.status == 400
    assert named in found.texts


@pytest.fixture(scope="module")
def small(sample_release: Release) -> Iterator[Client]:
    """A server that takes bodies of 1000 bytes."""
    with served(Settings(release=sample_release.folder, today=TODAY, max_body=1000, max_batch=2)) as http:
        yield Client(http, "r4")


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 100):
        yield b" " * 100


@pytest.mark.parametrize("size", [1001, 5000, 3_000_000])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused_whether_or_not_its_size_is_declared(
    small: Client, size: int, declared: bool
) -> None:
    content = b" " * size if declared else chunks(size + 100)
    try:
        found = small.request("POST", LOOKUP, content=content)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # still sending when it was refused
        assert size == 3_000_000
    else:
        assert found.status == 413
        assert "1000 bytes" in found.texts
        assert found.headers["connection"] == "close"
    assert small.request("GET", f"{LOOKUP}?{ASKED}").status == 200


def test_a_body_of_just_the_size_is_taken(small: Client) -> None:
    body = b'{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"%s","code":"99213"}}]}'
    found = small.post(LOOKUP, (body % CPT.encode()).ljust(1000))
    assert found.named("code") == "99213"


def test_a_batch_may_hold_no_more_than_the_setting_says(small: Client) -> None:
    batch: Json = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "metadata"}}] * 3,
    }
    assert small.post("", batch).status == 413
    batch["entry"].pop()
    assert small.post("", batch).status == 200
