"""Where answers are kept in the process: for how long, and how much."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.upstream.cache import MemoryCache


def do(*steps: Coroutine[Any, Any, Any]) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return [await step for step in steps]

    return asyncio.run(all_of_them())


def test_an_answer_is_gone_when_its_time_is_up() -> None:
    now = [100.0]
    cache = MemoryCache(1000, clock=lambda: now[0])
    assert do(cache.put("a", b"1", 10), cache.get("a"), cache.get("b")) == [None, b"1", None]
    now[0] = 109.9
    assert do(cache.get("a")) == [b"1"]
    now[0] = 110
    assert do(cache.get("a")) == [None]
    assert (len(cache), cache.bytes) == (0, 0)


def test_those_not_asked_for_longest_make_room() -> None:
    cache = MemoryCache(1000, most=2, clock=lambda: 0)
    do(cache.put("a", b"1", 10), cache.put("b", b"2", 10), cache.get("a"), cache.put("c", b"3", 10))
    assert do(cache.get("a"), cache.get("b"), cache.get("c")) == [b"1", None, b"3"]


def test_one_that_is_too_large_is_not_kept_and_drives_nothing_out() -> None:
    cache = MemoryCache(80, clock=lambda: 0)
    do(cache.put("a", b"1", 10), cache.put("b", b"2" * 10, 10))
    assert do(cache.get("a"), cache.get("b")) == [b"1", None]


def test_a_new_answer_takes_the_place_of_the_old_even_where_it_is_too_large() -> None:
    cache = MemoryCache(80, clock=lambda: 0)
    do(cache.put("a", b"1", 10), cache.put("a", b"22", 10))
    assert do(cache.get("a")) == [b"22"]
    assert cache.bytes == 3
    do(cache.put("a", b"3" * 10, 10))
    assert do(cache.get("a")) == [None]


def test_without_room_nothing_is_kept() -> None:
    cache = MemoryCache(0, clock=lambda: 0)
    assert do(cache.put("a", b"1", 10), cache.get("a")) == [None, None]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=30), st.integers(1, 3)), max_size=60))
def test_whatever_is_put_the_bounds_hold_and_what_is_found_is_what_was_put(
    puts: list[tuple[str, bytes, int]],
) -> None:
    now = [0.0]
    cache = MemoryCache(160, most=4, clock=lambda: now[0])
    model: dict[str, tuple[float, bytes]] = {}
    for key, value, seconds in puts:
        do(cache.put(key, value, seconds))
        model[key] = (now[0] + seconds, value)
        now[0] += 0.5
        assert len(cache) <= 4
        assert cache.bytes <= 160
        for known, (until, kept) in model.items():
            assert do(cache.get(known))[0] in ((kept, None) if now[0] < until else (None,))
