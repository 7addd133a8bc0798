"""Asking one upstream: what is tried again, how long it takes, when it is left alone. In virtual time."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import httpx
import orjson
import pytest
import respx

from fhir_cpt.upstream.breaker import Breaker
from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import Failure, Reply
from fhir_cpt.upstream.routes import Route
from fhir_cpt.upstream.server import Limits, Server

from .virtual_time import never, now, run

BASE = "https://tx.example/r4"
LOOKUP = f"{BASE}/CodeSystem/$lookup"
QUESTION = Question("r4", "CodeSystem", "lookup", "http://loinc.org", b'{"resourceType":"Parameters"}')
GOOD = {"resourceType": "Parameters", "parameter": [{"name": "display", "valueString": "A"}]}
LIMITS = Limits(timeout=3, retries=2, most=1000)


def ask(server: Server | None = None, deadline: float = 6, limits: Limits = LIMITS) -> tuple[Reply, float]:
    """The reply, and the seconds that it took."""
    asked = server or Server(Route(BASE), limits)

    async def body() -> tuple[Reply, float]:
        begun = now()
        reply = await asked.ask(QUESTION, begun + deadline)
        await asked.aclose()
        return reply, now() - begun

    return run(body)


def refused(server: Server | None = None, deadline: float = 6, limits: Limits = LIMITS) -> tuple[Failure, float]:
    """The failure, and the seconds that it took."""
    asked = server or Server(Route(BASE), limits)

    async def body() -> tuple[Failure, float]:
        begun = now()
        with pytest.raises(Failure) as failed:
            await asked.ask(QUESTION, begun + deadline)
        await asked.aclose()
        return failed.value, now() - begun

    return run(body)


@respx.mock
def test_the_question_is_posted_as_it_is_and_the_version_of_fhir_is_asked_for() -> None:
    route = respx.post(LOOKUP).respond(json=GOOD)
    reply, _ = ask(Server(Route(BASE, auth=("me", "secret")), LIMITS))
    request = route.calls.last.request
    assert request.content == QUESTION.body
    assert request.headers["accept"] == "application/fhir+json; fhirVersion=4.0"
    assert request.headers["content-type"] == "application/fhir+json"
    assert request.headers["authorization"] == httpx.BasicAuth("me", "secret")._auth_header
    assert reply.status == 200


@respx.mock
@pytest.mark.parametrize("passing", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), 502, 503, 504])
def test_what_may_be_over_in_a_moment_is_tried_again(passing: Any) -> None:
    first = httpx.Response(passing) if isinstance(passing, int) else passing
    route = respx.post(LOOKUP).mock(side_effect=[first, first, httpx.Response(200, json=GOOD)])
    _, seconds = ask()
    assert route.call_count == 3
    assert 0.15 <= seconds <= 0.3


@respx.mock
@pytest.mark.parametrize("lasting", [500, 501, 429, 401, 403, 302, httpx.ReadError("x"), httpx.RemoteProtocolError("")])
def test_what_may_have_been_worked_on_or_will_not_pass_is_not_tried_again(lasting: Any) -> None:
    first = (
        httpx.Response(lasting, headers={"location": "https://evil.example/"}) if isinstance(lasting, int) else lasting
    )
    route = respx.post(LOOKUP).mock(side_effect=[first])
    refused()
    assert route.call_count == 1


@respx.mock
def test_retries_end_with_the_last_cause_named() -> None:
    route = respx.post(LOOKUP).mock(side_effect=httpx.ConnectError("x"))
    failure, _ = refused()
    assert route.call_count == 3
    assert (str(failure), failure.code) == ("cannot be reached", "transient")


@respx.mock
def test_an_upstream_that_is_silent_is_given_up_after_the_time_for_one_attempt() -> None:
    respx.post(LOOKUP).mock(side_effect=never)
    failure, seconds = refused()
    assert failure.code == "timeout"
    assert seconds == pytest.approx(3)


@respx.mock
def test_the_deadline_ends_an_attempt_and_holds_nothing_against_the_upstream() -> None:
    respx.post(LOOKUP).mock(side_effect=never)
    server = Server(Route(BASE), LIMITS, Breaker(failures=1))
    failure, seconds = refused(server, deadline=1)
    assert seconds == pytest.approx(1)
    assert failure.code == "timeout"
    assert server.breaker.state == "closed"
    failure, seconds = refused(server, deadline=0)
    assert "no time was left" in str(failure)
    assert seconds == 0


@respx.mock
def test_no_retry_begins_that_the_deadline_would_not_let_end() -> None:
    route = respx.post(LOOKUP).respond(503)
    _, seconds = refused(deadline=0.01)
    assert (route.call_count, seconds) == (1, 0)


@respx.mock
def test_an_answer_that_drips_is_given_up_as_well() -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                await asyncio.sleep(0.5)
                yield b" "

    respx.post(LOOKUP).mock(side_effect=lambda _: httpx.Response(200, stream=Drip()))
    failure, seconds = refused()
    assert failure.code == "timeout"
    assert seconds == pytest.approx(3)


@respx.mock
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_answer_that_is_too_large_is_refused_packed_or_not(encoding: str) -> None:
    body = orjson.dumps({**GOOD, "x": "y" * 1000})
    sent = gzip.compress(body) if encoding else body
    respx.post(LOOKUP).respond(content=sent, headers={"content-encoding": encoding} if encoding else {})
    failure, _ = refused()
    assert (failure.code, str(failure)) == ("too-costly", "answered with more than 1000 bytes")


@respx.mock
def test_after_failures_in_a_row_it_is_left_alone_and_then_probed() -> None:
    route = respx.post(LOOKUP).mock(side_effect=httpx.ConnectError("x"))
    server = Server(Route(BASE), LIMITS, Breaker(failures=3, rest=30))

    async def body() -> None:
        with pytest.raises(Failure, match="cannot be reached"):
            await server.ask(QUESTION, now() + 6)
        with pytest.raises(Failure, match="left alone"):
            await server.ask(QUESTION, now() + 6)
        assert route.call_count == 3
        await asyncio.sleep(30)
        with pytest.raises(Failure, match="cannot be reached"):
            await server.ask(QUESTION, now() + 6)
        assert route.call_count == 4
        await asyncio.sleep(30)
        route.mock(return_value=httpx.Response(200, json=GOOD))
        await server.ask(QUESTION, now() + 6)
        assert server.breaker.state == "closed"
        await server.aclose()

    run(body)


@respx.mock
@pytest.mark.parametrize("answer", [{"status_code": 404, "json": {}}, {"status_code": 302}, {"text": "<html>"}])
def test_an_answer_that_cannot_be_used_opens_no_breaker(answer: Any) -> None:
    respx.post(LOOKUP).respond(**answer)
    server = Server(Route(BASE), LIMITS, Breaker(failures=1))
    refused(server)
    assert server.breaker.state == "closed"


@respx.mock
def test_a_request_that_is_cancelled_lets_the_next_probe_through() -> None:
    respx.post(LOOKUP).mock(side_effect=[httpx.ConnectError("x"), never, httpx.Response(200, json=GOOD)])
    server = Server(Route(BASE), LIMITS, Breaker(failures=1, rest=30))

    async def body() -> None:
        with pytest.raises(Failure):
            await server.ask(QUESTION, now() + 6)
        await asyncio.sleep(30)
        probe = asyncio.create_task(server.ask(QUESTION, now() + 6))
        await asyncio.sleep(1)
        assert server.breaker.state == "half-open"
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert (await server.ask(QUESTION, now() + 6)).status == 200
        await server.aclose()

    run(body)


@respx.mock
def test_a_large_answer_is_read_in_a_thread() -> None:
    respx.post(LOOKUP).respond(json={**GOOD, "x": "y" * 100_000})
    server = Server(Route(BASE), LIMITS._replace(most=1 << 20))

    async def body() -> None:
        assert len((await server.ask(QUESTION, now() + 6)).content) > 100_000
        await server.aclose()

    asyncio.run(body())


def test_connections_belong_to_the_loop_that_asks() -> None:
    server = Server(Route(BASE), LIMITS)
    with respx.mock:
        respx.post(LOOKUP).respond(json=GOOD)
        assert ask(server)[0].status == 200
        assert ask(server)[0].status == 200
