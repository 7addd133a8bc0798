"""NDJSON to `Claim/$validate`: a line for a line, streamed in and out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest

from fhir_cpt.claims.shorthand import charge, claim
from fhir_cpt.wire import flat

from .client import FHIR, Client, Json, check, parameters_of
from .test_hostile import ALIVE, BODIES

NDJSON = "application/fhir+ndjson"
VALIDATE = "Claim/$validate"
DAY = "2026-10-15"
CLEAN = claim({"date": DAY, "lines": ["99213"]})
FAULTY = claim({"date": DAY, "lines": ["20610", "99213"], "dx": ["M17.11"]})
CHARGE = charge("99213")
NOWHERE = claim({"lines": []})
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": FAULTY}, {"resource": CLEAN}]}
PARAMETERS = parameters_of(("resource", "resource", FAULTY), ("exclude", "string", "ncci-ptp"))
SHAPELESS = {**CLEAN, "status": ["active"]}
GOOD = [CLEAN, FAULTY, CHARGE, BUNDLE, PARAMETERS, SHAPELESS]


def line(resource: Any) -> bytes:
    return orjson.dumps(resource)


def post(client: Client, body: Any, path: str = VALIDATE, **headers: str) -> httpx.Response:
    sent = {"content-type": NDJSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.http.post(f"/{client.version}/{path}", content=body, headers=sent)


def outcomes(client: Client, response: httpx.Response) -> list[Json]:
    """The answers, each looked at by fhir.resources."""
    assert response.status_code == 200, response.text[:500]
    assert response.headers["content-type"] == NDJSON
    assert response.content.endswith(b"\n")
    found = [orjson.loads(answer) for answer in response.content.splitlines()]
    for answer in found:
        assert answer["resourceType"] == "OperationOutcome"
        check(answer, client.version)
    return found


def text(outcome: Json) -> str:
    return str(outcome["issue"][0]["details"]["text"])


def edits(outcome: Json) -> set[str]:
    return {coding["code"] for issue in outcome["issue"] for coding in issue["details"].get("coding", ())}


@pytest.mark.parametrize("path", ["Claim/$validate", "ChargeItem/$validate"])
@pytest.mark.parametrize("kind", [NDJSON, "application/ndjson", "application/x-ndjson; charset=utf-8"])
def test_each_line_is_answered_as_it_is_by_itself(client: Client, path: str, kind: str) -> None:
    alone = [client.post(path, resource).content for resource in GOOD]
    response = post(client, b"\n".join(map(line, GOOD)), path, content_type=kind)
    assert len(outcomes(client, response)) == len(GOOD)
    assert response.content.splitlines() == alone


def test_many_lines_keep_their_order(r4: Client) -> None:
    codes = [f"{10000 + number}" for number in range(3000)]
    lines = [line({"resourceType": "Claim", "item": [{"productOrService": {"text": code}}]}) for code in codes]
    lines[7::7] = [b'{"resourceType": %d' % number for number in range(7, 3000, 7)]
    found = outcomes(r4, post(r4, b"\n".join(lines), f"{VALIDATE}?include=procedure-missing"))
    assert len(found) == 3000
    for number, answer in enumerate(found):
        assert text(answer).startswith(f"Line {number + 1}, ") is (number > 0 and number % 7 == 0)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b"{oops", "Line 2, column 2: not JSON: "),
        (b'{"resourceType": "Claim", "id": "\xff"}', "Line 2, column 34: not JSON: a byte that is not UTF-8"),
        (b'{"resourceType": "Patient"}', "Line 2, column 1: A resource of type Parameters or Claim"),
        (b"{}", "Line 2, column 1: A resource of type Parameters or Claim"),
        (b"[]", "Line 2, column 1: A resource of type Parameters or Claim"),
        (b'{"resourceType": "Bundle"}', "Line 2, column 1: There is no Claim and no ChargeItem in the Bundle"),
        (
            b'{"resourceType": "Parameters", "parameter": [{"name": "claim"}]}',
            "Line 2, column 1: The parameter 'claim'",
        ),
        (b'{"resourceType": "Parameters"}', "Line 2, column 1: The parameter resource is required"),
    ],
    ids=str,
)
def test_a_bad_line_is_answered_in_its_place_and_the_others_go_on(client: Client, bad: bytes, told: str) -> None:
    found = outcomes(client, post(client, b"\n".join([line(CLEAN), bad, line(FAULTY)])))
    assert len(found) == 3
    assert "ncci-ptp" in edits(found[2])
    assert text(found[1]).startswith(told)
    assert found[1]["issue"][0]["severity"] == "error"


def test_blank_lines_count_and_have_no_answer(r4: Client) -> None:
    body = b"\xef\xbb\xbf\n" + line(CLEAN) + b"\r\n  \r\n\nnothing\n"
    found = outcomes(r4, post(r4, body))
    assert len(found) == 2
    assert text(found[1]).startswith("Line 5, column 1: not JSON")


@pytest.mark.parametrize("name", BODIES)
def test_no_line_breaks_the_stream(client: Client, name: str) -> None:
    hostile = BODIES[name].replace(b"\n", b" ")
    lines = [line(FAULTY), hostile, line(FAULTY)]
    found = outcomes(client, post(client, b"\n".join(lines)))
    assert len(found) == 2 + bool(hostile.strip())
    assert found[0] == found[-1]
    assert "Something went wrong here" not in orjson.dumps(found).decode()


def test_a_line_longer_than_max_body_is_passed_over_and_the_stream_may_be_longer(r4: Client) -> None:
    def body() -> Iterator[bytes]:
        yield line(FAULTY) + b"\n"
        for _ in range(50):
            yield b" " * 100_000
        yield b"{}\n" + line(FAULTY)

    found = outcomes(r4, post(r4, body()))
    assert len(found) == 3
    assert text(found[1]) == f"Line 2, column 1: the line is longer than {2 << 20} bytes"
    assert found[1]["issue"][0]["code"] == "too-long"
    assert found[2] == found[0]
    assert outcomes(r4, post(r4, b"".join(body()))) == found  # with a Content-Length, which is no line's


def test_the_query_holds_for_all_lines(client: Client) -> None:
    body = b"\n".join([line(FAULTY), line(CLEAN)])
    assert "ncci-ptp" in edits(outcomes(client, post(client, body))[0])
    assert "ncci-ptp" not in edits(outcomes(client, post(client, body, f"{VALIDATE}?exclude=ncci-ptp"))[0])
    everything = outcomes(client, post(client, body, f"{VALIDATE}?report=all&payer=medicare-part-b&include=ncci"))
    assert all({"ncci-ptp", "ncci-mue-line"} <= edits(answer) for answer in everything)
    hospital = outcomes(client, post(client, body, f"{VALIDATE}?setting=outpatient-hospital&include=ncci-ptp"))
    assert "ptp-hospital" in orjson.dumps(hospital[0]).decode()


@pytest.mark.parametrize(
    "query",
    [
        "payer=nobody",
        "include=magic",
        "exclude=magic",
        "setting=home",
        "report=some",
        "colour=red",
        "report=all&report=all",
    ],
)
def test_a_wrong_query_is_refused_before_a_line_is_read(client: Client, query: str) -> None:
    response = post(client, line(CLEAN) + b"\n{oops", f"{VALIDATE}?{query}")
    assert response.status_code == 400
    assert response.headers["content-type"] == FHIR
    check(response.json(), client.version)
    assert query.partition("=")[2].partition("&")[0] in response.text or query.partition("=")[0] in response.text
    assert "Line" not in response.text


def test_a_refusal_closes_the_connection_where_the_body_is_long(r4: Client) -> None:
    response = post(r4, (b" " * 100_000 for _ in range(50)), f"{VALIDATE}?payer=nobody")
    assert response.status_code == 400
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\n\t", b"\xef\xbb\xbf"])
def test_a_body_without_a_line_is_refused(client: Client, body: bytes) -> None:
    response = post(client, body)
    assert response.status_code == 400
    check(response.json(), client.version)
    assert "empty" in response.text


@pytest.mark.parametrize(
    ("accept", "status"),
    [(NDJSON, 200), (FHIR, 200), ("*/*", 200), ("application/ndjson", 200), ("text/html", 406), ("text/csv", 406)],
)
def test_the_client_must_take_what_is_answered(r4: Client, accept: str, status: int) -> None:
    response = post(r4, line(CLEAN), accept=accept)
    assert response.status_code == status
    if status == 406:
        assert NDJSON in response.text


@pytest.mark.parametrize(("wanted", "status"), [("ndjson", 200), ("json", 200), (NDJSON, 200), ("xml", 406)])
def test_the_parameter_format_goes_before_accept(r4: Client, wanted: str, status: int) -> None:
    assert post(r4, line(CLEAN), f"{VALIDATE}?_format={wanted}", accept="text/html").status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "CodeSystem/$lookup", 415),
        ("POST", "", 415),
        ("POST", "Claim/1/$validate", 404),
        ("POST", "Claim/$magic", 404),
        ("PUT", VALIDATE, 405),
        ("GET", VALIDATE, 405),
    ],
)
def test_ndjson_is_taken_nowhere_else(client: Client, method: str, path: str, status: int) -> None:
    reply = client.request(method, path, content=line(CLEAN), headers={"content-type": NDJSON})
    assert reply.status == status


class Spoken:
    """A client that says its request in its own time, over a socket."""

    def __init__(self, http: httpx.Client, path: str = f"/r4/{VALIDATE}?include=ncci-ptp") -> None:
        self._socket = socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=30)
        self._heard = self._socket.makefile("rb")
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._socket.sendall(head.encode())

    def say(self, part: bytes) -> None:
        self._socket.sendall(b"%x\r\n%b\r\n" % (len(part), part))

    def hear_head(self) -> bytes:
        return b"".join(iter(self._heard.readline, b"\r\n"))

    def hear(self) -> bytes:
        """The next chunk of the answer."""
        size = int(self._heard.readline(), 16)
        part = self._heard.read(size)
        assert self._heard.readline() == b"\r\n"
        return part

    def __enter__(self) -> Spoken:
        return self

    def __exit__(self, *_: object) -> None:
        self._heard.close()
        self._socket.close()


def test_an_answer_comes_before_the_whole_body_was_sent(http: httpx.Client) -> None:
    with Spoken(http) as client:
        client.say(line(FAULTY) + b"\n" + line(CLEAN)[:40])
        assert client.hear_head().startswith(b"HTTP/1.1 200")
        assert b"ncci-ptp" in client.hear()
        client.say(line(CLEAN)[40:] + b"\n")
        second = client.hear()
        assert second.endswith(b"\n")
        assert b'"error"' not in second
        client.say(b"nothing")
        client.say(b"")
        assert b"Line 3, column 1: not JSON" in client.hear()
        assert client.hear() == b""


def test_clients_that_say_nothing_hold_up_nobody(r4: Client) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(Spoken(r4.http)) for _ in range(20)]
        for client in idle:
            client.say(line(FAULTY) + b"\n" + b"{")
            client.hear_head()
            assert b"ncci-ptp" in client.hear()
        assert r4.request("GET", ALIVE).status == 200
        batch = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": ALIVE}}]}
        assert r4.post("", batch).status == 200
        assert len(outcomes(r4, post(r4, line(CLEAN)))) == 1


def test_clients_that_leave_hold_up_nobody(r4: Client) -> None:
    for heard in (False, True):
        for _ in range(10):
            with Spoken(r4.http) as client:
                client.say(b"\n".join([line(FAULTY)] * 20) + b"\n{")
                if heard:
                    client.hear_head()
    assert r4.request("GET", ALIVE).status == 200


@pytest.mark.parametrize("kind", ["Claim", "ChargeItem"])
def test_it_is_declared(client: Client, kind: str) -> None:
    [rest] = client.get("metadata").resource["rest"]
    [operation] = next(item["operation"] for item in rest["resource"] if item["type"] == kind)
    assert NDJSON in operation["documentation"]
    described = client.http.get("/openapi.json").json()["paths"][f"/{client.version}/{kind}/$validate"]
    assert NDJSON in described["post"]["description"]


@pytest.mark.parametrize(("view", "media"), [("flat", "application/x-ndjson"), ("claim-response", NDJSON)])
def test_lines_are_answered_in_the_view_that_is_asked_for(client: Client, view: str, media: str) -> None:
    response = post(client, b"\n".join(map(line, (CLEAN, FAULTY))), f"{VALIDATE}?_view={view}")
    assert response.headers["content-type"] == media
    found = [orjson.loads(answer) for answer in response.content.splitlines()]
    if view == "flat":
        assert [answer["result"] for answer in found] == ["pass", "fail"]
    else:
        assert [answer["resourceType"] for answer in found] == ["ClaimResponse"] * 2
        for answer in found:
            check(answer, client.version)


@pytest.mark.parametrize(
    ("accept", "media", "member"),
    [
        ("application/fhir+ndjson; view=flat", "application/x-ndjson", "result"),
        ("application/x-ndjson; view=flat", "application/x-ndjson", "result"),
        ("application/json; view=flat", "application/x-ndjson", "result"),
        ("application/fhir+ndjson; view=claim-response", NDJSON, "adjudication"),
        ("application/fhir+json; view=claim-response, */*; q=0.1", NDJSON, "adjudication"),
        ("application/x-ndjson; view=nonsense, application/fhir+ndjson", NDJSON, "issue"),
    ],
)
def test_the_header_accept_chooses_the_view_of_all_lines(r4: Client, accept: str, media: str, member: str) -> None:
    response = post(r4, b"\n".join(map(line, (NOWHERE, NOWHERE))), accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    assert all(member in orjson.loads(answer) for answer in response.content.splitlines())
    named = post(r4, line(CLEAN), f"{VALIDATE}?_view=outcome", accept=accept)
    assert named.headers["content-type"] == NDJSON


@pytest.mark.parametrize("accept", ["application/fhir+ndjson; view=nonsense", "application/fhir+json; view=flat"])
def test_a_view_of_lines_that_is_not_offered_is_refused(client: Client, accept: str) -> None:
    response = post(client, line(CLEAN), accept=accept)
    assert response.status_code == 406
    check(response.json(), client.version)


@pytest.mark.parametrize(
    ("bad", "told", "path"),
    [
        (b"{oops", "Line 2, column 2: not JSON: ", None),
        (b'{"resourceType": "Patient"}', "Line 2, column 1: A resource of type Parameters or Claim", "resourceType"),
        (b'{"resourceType": "Bundle"}', "Line 2, column 1: There is no Claim", "Bundle.entry"),
        (b" " * (2 << 20) + b"{}", "Line 2, column 1: the line is longer than", None),
    ],
    ids=["not JSON", "another resource", "an empty Bundle", "too long"],
)
def test_a_bad_line_among_flat_verdicts_is_a_verdict_too(
    client: Client, bad: bytes, told: str, path: str | None
) -> None:
    response = post(client, b"\n".join([line(CLEAN), bad, line(FAULTY)]), f"{VALIDATE}?_view=flat")
    found = [orjson.loads(answer) for answer in response.content.splitlines()]
    assert [answer["result"] for answer in found] == ["pass", "unread", "fail"]
    validator = jsonschema_rs.Draft202012Validator(orjson.loads(flat.schema()))
    for answer in found:
        validator.validate(answer)
    [finding] = found[1]["findings"]
    assert found[1]["text"] == finding["text"]
    assert found[1]["text"].startswith(told)
    assert (finding["edit"], finding["state"], finding["path"]) == ("structure", "fail", path)
    assert found[1]["counts"]["errors"] == 1
