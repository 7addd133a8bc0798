"""Several upstreams: whose answer is taken, and what is remembered. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
import respx

from fhir_cpt.upstream.cache import MemoryCache
from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import DAY, MINUTES, SECONDS, Reply
from fhir_cpt.upstream.routes import Route
from fhir_cpt.upstream.server import Limits
from fhir_cpt.upstream.upstreams import Unanswered, Upstreams

from .virtual_time import now, run

A, B = "https://a.example/r4", "https://b.example/r4"
QUESTION = Question("r4", "CodeSystem", "validate-code", "http://loinc.org", b"{}")
PATH = QUESTION.path
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


def valid(**more: Any) -> dict[str, Any]:
    items = [{"name": "result", "valueBoolean": True}]
    return {"resourceType": "Parameters", "parameter": items + [{"name": n, "valueString": v} for n, v in more.items()]}


def made(*urls: str, cache: Any = None) -> Upstreams:
    return Upstreams([Route(url) for url in urls], Limits(3, 0, 10_000), cache or MemoryCache(1 << 20))


async def ask(upstreams: Upstreams, question: Question = QUESTION) -> Reply:
    return await upstreams.ask(question, now() + 6)


def once(upstreams: Upstreams) -> Reply:
    async def body() -> Reply:
        reply = await ask(upstreams)
        await upstreams.aclose()
        return reply

    return run(body)


@respx.mock
@pytest.mark.parametrize(
    "first",
    [
        {"status_code": 500},
        {"status_code": 404, "json": OUTCOME},
        {"json": valid(**{"x-caused-by-unknown-system": "http://loinc.org"})},
        {"text": "<html>"},
    ],
)
def test_where_one_upstream_does_not_know_the_next_is_asked(first: Any) -> None:
    respx.post(f"{A}/{PATH}").respond(**first)
    respx.post(f"{B}/{PATH}").respond(json=valid())
    assert B.encode() in once(made(A, B)).content


@respx.mock
def test_the_second_is_left_in_peace_where_the_first_knows() -> None:
    respx.post(f"{A}/{PATH}").respond(json=valid())
    second = respx.post(f"{B}/{PATH}").respond(json=valid())
    assert A.encode() in once(made(A, B)).content
    assert not second.called


@respx.mock
def test_where_none_knows_the_first_that_said_so_is_heard() -> None:
    respx.post(f"{A}/{PATH}").respond(404, json=OUTCOME)
    respx.post(f"{B}/{PATH}").respond(422, json=OUTCOME)
    reply = once(made(A, B))
    assert reply.status == 404
    assert A.encode() in reply.content


@respx.mock
def test_where_none_answers_every_one_is_named() -> None:
    respx.post(f"{A}/{PATH}").mock(side_effect=httpx.ConnectError("x"))
    respx.post(f"{B}/{PATH}").respond(503)

    async def body() -> Sequence[Any]:
        upstreams = made(A, B)
        with pytest.raises(Unanswered, match=r"a\.example/r4 cannot be reached; .*b\.example/r4 .* 503") as failed:
            await ask(upstreams)
        await upstreams.aclose()
        return [url for url, _ in failed.value.failures]

    assert run(body) == [A, B]


def test_where_no_upstream_is_for_the_question_there_is_nothing_to_say() -> None:
    async def body() -> None:
        with pytest.raises(Unanswered) as failed:
            await ask(Upstreams([Route(A, "r5")], Limits(), MemoryCache(1000)))
        assert failed.value.failures == []

    run(body)


@respx.mock
@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"json": valid(version="2.78")}, DAY),
        ({"json": valid()}, MINUTES),
        ({"status_code": 404, "json": OUTCOME}, SECONDS),
    ],
)
def test_an_answer_is_remembered_for_its_time(answer: Any, seconds: int) -> None:
    route = respx.post(f"{A}/{PATH}").respond(**answer)
    upstreams = made(A)

    async def body() -> None:
        first = await ask(upstreams)
        await asyncio.sleep(seconds - 1)
        assert await ask(upstreams) == first
        assert route.call_count == 1
        await asyncio.sleep(1)
        await ask(upstreams)
        assert route.call_count == 2
        await upstreams.aclose()

    run(body)


@respx.mock
def test_a_failure_is_not_remembered() -> None:
    respx.post(f"{A}/{PATH}").mock(side_effect=[httpx.ReadError("x"), httpx.Response(200, json=valid())])
    upstreams = made(A)

    async def body() -> None:
        with pytest.raises(Unanswered):
            await ask(upstreams)
        assert (await ask(upstreams)).conclusive
        await upstreams.aclose()

    run(body)


@respx.mock
def test_what_is_remembered_is_that_of_the_same_question() -> None:
    respx.post(f"{A}/{PATH}").respond(json=valid())
    other = respx.post(f"{A}/CodeSystem/$lookup").respond(json=valid(display="other"))
    upstreams = made(A)

    async def body() -> None:
        await ask(upstreams)
        await ask(upstreams, Question("r4", "CodeSystem", "lookup", "http://loinc.org", b"{}"))
        assert other.call_count == 1
        await ask(upstreams, Question("r4", "CodeSystem", "lookup", "http://loinc.org", b"{ }"))
        assert other.call_count == 2
        await upstreams.aclose()

    run(body)


@respx.mock
@pytest.mark.parametrize("damaged", [b"", b"x", b"\x80", b'{"status": 200}'])
def test_what_cannot_be_read_is_asked_for_again(damaged: bytes) -> None:
    respx.post(f"{A}/{PATH}").respond(json=valid())

    class Damaged(MemoryCache):
        async def get(self, key: str) -> bytes | None:
            return damaged if key else None

    assert once(made(A, cache=Damaged(1000))).conclusive
