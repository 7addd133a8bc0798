"""Answers kept in Redis: a real server where there is one, and no harm where there is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import respx

from fhir_cpt.upstream.breaker import Breaker
from fhir_cpt.upstream.cache import RedisCache
from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import Reply
from fhir_cpt.upstream.routes import Route
from fhir_cpt.upstream.server import Limits
from fhir_cpt.upstream.upstreams import Upstreams

T = TypeVar("T")


def using(url: str, body: Callable[[RedisCache], Coroutine[Any, Any, T]], breaker: Breaker | None = None) -> T:
    async def run() -> T:
        cache = RedisCache(url, breaker)
        try:
            return await body(cache)
        finally:
            await cache.aclose()

    return asyncio.run(run())


def test_what_one_worker_puts_another_gets(redis_url: str) -> None:
    async def put(cache: RedisCache) -> None:
        await cache.put("shared", b"\x00\xff answer", 100)

    async def get(cache: RedisCache) -> tuple[bytes | None, bytes | None]:
        return await cache.get("shared"), await cache.get("never put")

    using(redis_url, put)
    assert using(redis_url, get) == (b"\x00\xff answer", None)


def test_redis_itself_forgets_an_answer_whose_time_is_up(redis_url: str) -> None:
    async def body(cache: RedisCache) -> int:
        await cache.put("short", b"x", 100)
        client = cache._client.get()
        (key,) = await client.keys("*short")
        return int(await client.ttl(key))

    assert 0 < using(redis_url, body) <= 100


def test_an_answer_that_one_worker_was_given_is_given_to_another_without_asking(redis_url: str) -> None:
    question = Question("r4", "CodeSystem", "lookup", "http://loinc.org", b"{}")
    answer = {"resourceType": "Parameters", "parameter": [{"name": "display", "valueString": "A"}]}

    async def body(cache: RedisCache) -> Reply:
        upstreams = Upstreams([Route("https://tx.example/r4")], Limits(), cache)
        reply = await upstreams.ask(question, asyncio.get_running_loop().time() + 6)
        await upstreams.aclose()
        return reply

    with respx.mock:
        route = respx.post("https://tx.example/r4/CodeSystem/$lookup").respond(json=answer)
        first, second = using(redis_url, body), using(redis_url, body)
    assert first == second
    assert route.call_count == 1


def test_a_key_of_another_kind_is_as_if_it_were_not_there(redis_url: str) -> None:
    async def body(cache: RedisCache) -> bytes | None:
        await cache._client.get().lpush("fhir-cpt:upstream:1:list", "x")
        return await cache.get("list")

    assert using(redis_url, body) is None


def test_where_there_is_no_redis_nothing_is_kept_and_it_is_left_alone(tmp_path: Path) -> None:
    breaker = Breaker(failures=2, rest=60)

    async def body(cache: RedisCache) -> list[bytes | None]:
        await cache.put("a", b"1", 10)
        found = [await cache.get("a") for _ in range(3)]
        await cache.put("a", b"1", 10)
        return found

    assert using(f"unix://{tmp_path}/absent", body, breaker) == [None, None, None]
    assert breaker.state == "open"


def test_a_redis_that_is_silent_is_given_up(tmp_path: Path) -> None:
    breaker = Breaker(failures=2, rest=60)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()

        async def body(cache: RedisCache) -> list[bytes | None]:
            return [await cache.get("a") for _ in range(3)]

        assert using(f"unix://{tmp_path}/s", body, breaker) == [None, None, None]
    assert breaker.state == "open"
