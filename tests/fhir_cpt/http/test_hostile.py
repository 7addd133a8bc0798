"""A hostile client: whatever it sends, the answer is an outcome and no fault of the server's, which answers on."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.operations.registry import OPERATIONS
from terminology.model import CPT

from .client import FHIR, Client

PATHS = [f"{kind}/${operation.name}" for operation in OPERATIONS for kind in operation.types]
ALIVE = f"CodeSystem/$lookup?system={CPT}&code=99213"


def deep(opening: bytes, inner: bytes, closing: bytes, count: int) -> bytes:
    return opening * count + inner + closing * count


def in_claim(item: bytes) -> bytes:
    return b'{"resourceType":"Claim","item":[' + item + b"]}"


def in_parameters(value: bytes) -> bytes:
    return b'{"resourceType":"Parameters","parameter":[' + value + b"]}"


_CODED = b'"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]}'

BODIES: dict[str, bytes] = {
    "arrays nested 10000 deep": deep(b"[", b"", b"]", 10_000),
    "objects nested 10000 deep": deep(b'{"a":', b"1", b"}", 10_000),
    "arrays nested 1000 deep": deep(b"[", b"", b"]", 1000),
    "arrays that never end": b"[" * 100_000,
    "a claim that holds arrays nested 500 deep": in_claim(deep(b"[", b"", b"]", 500)),
    "details nested 100 deep": in_claim(deep(b'{"detail":[', b"{" + _CODED + b"}", b"]}", 100)),
    "sub-details nested 400 deep": in_claim(b'{"detail":[' + deep(b'{"subDetail":[', b"", b"]}", 400) + b"]}"),
    "sub-details without arrays nested 1000 deep": in_claim(
        b'{"detail":' + deep(b'{"subDetail":', b"1", b"}", 1000) + b"}"
    ),
    "contained resources nested 300 deep": b'{"resourceType":"Claim","contained":['
    + deep(b'{"resourceType":"Claim","contained":[', b"", b"]}", 300)
    + b"]}",
    "extensions nested 300 deep": b'{"resourceType":"Claim","extension":['
    + deep(b'{"url":"x","extension":[', b"", b"]}", 300)
    + b"]}",
    "bundles nested 300 deep": deep(
        b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":', b'{"resourceType":"Claim"}', b"}]}", 300
    ),
    "parameters nested 300 deep": in_parameters(
        deep(b'{"name":"resource","resource":{"resourceType":"Parameters","parameter":[', b"", b"]}}", 300)
    ),
    "a concept nested 400 deep": in_parameters(
        b'{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"x","code":"1"}],"x":'
        + deep(b"[", b"", b"]", 400)
        + b"}}"
    ),
    "a megabyte of junk": random.Random(1).randbytes(1 << 20),
    "a megabyte of blanks": b" " * (1 << 20),
    "a megabyte in one string": b'"' + b"x" * (1 << 20) + b'"',
    "a megabyte of code": in_parameters(b'{"name":"code","valueCode":"' + b"9" * (1 << 20) + b'"}'),
    "a hundred thousand parameters": in_parameters(b",".join([b'{"name":"code","valueCode":"1"}'] * 40_000)),
    "invalid UTF-8": b'{"resourceType":"Claim","id":"\xc3\x28"}',
    "half a surrogate": b'{"resourceType":"Claim","id":"\\ud800"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"resourceType":"Claim"}'.encode("utf-16"),
    "NaN": b'{"resourceType":"Claim","total":{"value":NaN}}',
    "Infinity": b'{"resourceType":"Claim","total":{"value":-Infinity}}',
    "a number beyond all doubles": b'{"resourceType":"Claim","total":{"value":1e400}}',
    "a number of a thousand digits": b'{"resourceType":"Claim","total":{"value":' + b"9" * 1000 + b"}}",
    "a fraction of a thousand digits": b'{"resourceType":"Claim","total":{"value":0.' + b"9" * 1000 + b"}}",
    "the same key twice": b'{"resourceType":"Claim","resourceType":"Claim","item":[],"item":[{}]}',
    "another type under the same key": b'{"resourceType":"Claim","resourceType":"Patient"}',
    "a null byte in a string": b'{"resourceType":"Claim","id":"a\\u0000b"}',
    "a null byte in a code": in_parameters(b'{"name":"code","valueCode":"a\\u0000b"}'),
    "a null byte itself": b'{"resourceType":"Claim"}\x00',
    "control characters in a system": in_parameters(
        b'{"name":"coding","valueCoding":{"system":"http:\\u0007//x","code":"1"}}'
    ),
    "a name that is a control character": in_parameters(b'{"name":"\\u000b","valueCode":"1"}'),
    "an empty name": in_parameters(b'{"name":"","valueCode":"1"}'),
    "nothing": b"",
    "true": b"true",
    "a string": b'"Claim"',
    "a type of a thousand letters": b'{"resourceType":"' + b"C" * 1000 + b'"}',
    "a type with a path": b'{"resourceType":"../../Claim"}',
    "XML": b"<Claim xmlns='http://hl7.org/fhir'/>",
    "a form": b"resource=1&payer=2",
}


def survives(client: Client) -> None:
    assert client.request("GET", ALIVE).status == 200


@pytest.mark.parametrize("name", BODIES)
def test_no_body_breaks_any_operation(client: Client, name: str) -> None:
    for path in [*PATHS, "", "CodeSystem/_search"]:
        found = client.post(path, BODIES[name])
        assert found.status < 500, (path, found.texts)
        if found.status >= 400:
            assert found.issues
    survives(client)


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\x0b",
        "\x1f",
        "\u2028",
        "\u00a0",
        "\ufeff",
        "😀",
        "ß",
        "İ",
        "a b",
        "'",
        '"',
        "\\",
        "%",
        "$",
        "../",
        "9" * 9999,
    ],
)
def test_no_text_in_the_place_of_a_code_breaks_a_look_up_or_a_claim(client: Client, text: str) -> None:
    for system in (CPT, "http://hl7.org/fhir/sid/icd-10-cm", text):
        for code in (text, f"{text}99213", f"99213:{text}", f"9921{text}"):
            assert client.get("CodeSystem/$lookup", system=system, code=code).status < 500
            assert client.get("CodeSystem/$validate-code", url=system, code=code, display=text).status < 500
            coding = {"system": system, "code": code, "display": text}
            lines = [{"code": code, "system": system, "display": text, "modifiers": ["25"]}, "99213"]
            assert client.post("Claim/$validate?report=all", claim({"lines": lines, "dx": [coding]})).status == 200
        assert client.get("ValueSet/cpt-all/$expand", filter=text, count=5).status == 200


@pytest.mark.parametrize(
    "path", ["%00", "%ff%fe", "..", "../../etc/passwd", "CodeSystem/%2e%2e", "a" * 5000, "$" * 100, "//"]
)
def test_no_path_breaks_the_server(client: Client, path: str) -> None:
    found = client.http.get(f"/{client.version}/{path}")
    assert found.status_code in (400, 404, 405)
    assert found.json()["resourceType"] == "OperationOutcome"
    survives(client)


def test_a_thousand_parameters_in_a_query_are_told_to_be_too_many(client: Client) -> None:
    found = client.request("GET", "CodeSystem/$lookup?" + "&".join(["code=1"] * 1000))
    assert found.status == 400
    assert "not 1000" in found.texts


@pytest.fixture
def raw(http: httpx.Client) -> Iterator[Any]:
    """Sends bytes to the server, and returns what comes back until it closes the connection."""
    sockets = []

    def send(*parts: bytes, close: bool = False) -> bytes:
        connection = socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=10)
        sockets.append(connection)
        for part in parts:
            connection.sendall(part)
        if close:
            connection.close()
            return b""
        received = b""
        while part := connection.recv(65536):
            received += part
        return received

    yield send
    for connection in sockets:
        connection.close()


HEAD = b"POST /r4/Claim/$validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n"


def test_a_client_that_goes_away_in_the_middle_of_a_body_disturbs_nobody(r4: Client, raw: Any) -> None:
    for _ in range(20):
        raw(HEAD + b"Content-Length: 5000\r\n\r\n{", close=True)
        raw(HEAD, close=True)
        raw(ALIVE.encode()[:10], close=True)
    survives(r4)


def test_a_body_that_comes_a_byte_at_a_time_is_read_to_its_end(r4: Client, raw: Any) -> None:
    body = orjson.dumps(claim({"lines": ["99213"]}))
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    answer = raw(head, *(body[at : at + 1] for at in range(len(body))))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Editions used" in answer


def test_a_size_declared_beyond_the_limit_is_refused_before_the_body_is_sent(r4: Client, raw: Any) -> None:
    answer = raw(HEAD + b"Content-Length: 999999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"OperationOutcome" in answer
    survives(r4)


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET /r4/metadata HTTP/9.9\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: ten\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_refused_and_disturbs_nobody(r4: Client, raw: Any, request_: bytes) -> None:
    answer = raw(request_)
    assert b" 500 " not in answer.split(b"\r\n")[0]
    assert b"200 OK" not in answer
    survives(r4)


@pytest.mark.parametrize(
    "header",
    [b"Host: \xff\xfe", b"Host: ", b"Accept: \xff", b"Accept: " + b"a," * 3000, b"Content-Type: \xff", b"X-\xc3: 1"],
)
def test_no_header_breaks_the_server(r4: Client, raw: Any, header: bytes) -> None:
    for path in (b"/r4/metadata", b"/r4/CodeSystem", b"/r4/CodeSystem/$lookup"):
        answer = raw(b"GET " + path + b" HTTP/1.1\r\n" + header + b"\r\nConnection: close\r\n\r\n")
        assert answer[9:10] in (b"2", b"4")
    survives(r4)


def test_sixteen_clients_at_once_get_the_answers_that_each_asked_for(http: httpx.Client) -> None:
    def ask(number: int) -> None:
        for at in range(12):
            code = ("99213", "99214", "20610", "36415")[(number + at) % 4]
            answer = http.get("/r4/CodeSystem/$lookup", params={"system": CPT, "code": code})
            told = {item["name"]: item for item in answer.json()["parameter"]}
            assert told["code"]["valueCode"] == code
            day = f"2026-10-{number + 1:02}"
            answer = http.post(
                "/r5/Claim/$validate",
                content=orjson.dumps(claim({"date": day, "lines": [code] * (1 + number)})),
                headers={"content-type": FHIR},
            )
            assert answer.status_code == 200

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))


GOOD = orjson.dumps(claim({"date": "2026-10-15", "lines": ["99213"]}))


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"content-encoding": "gzip"}, "gzip"),
        ({"content-encoding": "deflate, br"}, "deflate, br"),
        ({"content-type": f"{FHIR}; charset=utf-16"}, "utf-16"),
        ({"content-type": f'{FHIR}; Charset="ISO-8859-1"'}, "ISO-8859-1"),
        ({"content-type": "application/fhir+ndjson", "content-encoding": "gzip"}, "gzip"),
        ({"content-type": "application/fhir+ndjson; charset=latin1"}, "latin1"),
    ],
)
def test_a_body_in_another_encoding_is_refused_by_the_name_of_that(
    client: Client, http: httpx.Client, headers: dict[str, str], named: str
) -> None:
    sent = {"content-type": FHIR, **headers}
    response = http.post(f"/{client.version}/Claim/$validate", content=GOOD, headers=sent)
    assert response.status_code == 415
    assert named in response.json()["issue"][0]["details"]["text"]
    hooked = http.post("/cds-services/claim-edits-order-sign", content=b"{}", headers=sent)
    assert hooked.status_code == 415
    assert hooked.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "identity"},
        {"content-encoding": ""},
        {"content-type": f"{FHIR}; charset=UTF-8"},
        {"content-type": f'{FHIR};charset="utf-8"; fhirVersion=4.0'},
    ],
)
def test_a_body_as_it_is_may_say_so(client: Client, http: httpx.Client, headers: dict[str, str]) -> None:
    sent = {"content-type": FHIR, **headers}
    assert http.post(f"/{client.version}/Claim/$validate", content=GOOD, headers=sent).status_code == 200
