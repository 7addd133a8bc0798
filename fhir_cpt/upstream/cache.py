"""Where upstreams' answers are kept: in the process, or in Redis, which all workers share."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from fhir_cpt.upstream.breaker import Breaker
from fhir_cpt.upstream.per_loop import PerLoop

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)
_PATIENCE = 0.25
"""Seconds to wait for Redis. An upstream is asked in about that time."""
_PREFIX = "fhir-cpt:upstream:1:"
"""Before every key in Redis; the number changes with the form of what is kept."""


class Cache(Protocol):
    """Keeps bytes under a key for a while, as well as it can: what is put may be gone at once. Raises nothing."""

    async def get(self, key: str) -> bytes | None:
        """What was put under the key, unless its time is up."""

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep it for so many seconds at most."""

    async def aclose(self) -> None:
        """Close what is open."""


class MemoryCache:
    """In the process: at most `most_bytes` (keys and values) and `most` answers; those not asked for longest go first.

    `clock` tells the time in seconds; the event loop's where none is given.
    """

    def __init__(self, most_bytes: int, most: int = 10_000, clock: Callable[[], float] | None = None) -> None:
        self._most_bytes = most_bytes
        self._most = most
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: str) -> bytes | None:
        """What was put under the key, unless its time is up."""
        found = self._kept.get(key)
        if found is None:
            return None
        until, value = found
        if self._clock() >= until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep it for so many seconds at most; not at all where it would take more than an eighth of the room."""
        if key in self._kept:
            self._drop(key)
        size = len(key) + len(value)
        if size > self._most_bytes // 8:
            return
        self._kept[key] = (self._clock() + seconds, value)
        self.bytes += size
        while self.bytes > self._most_bytes or len(self._kept) > self._most:
            self._drop(next(iter(self._kept)))

    async def aclose(self) -> None:
        """Nothing is open; what is kept stays."""

    def _drop(self, key: str) -> None:
        _, value = self._kept.pop(key)
        self.bytes -= len(key) + len(value)


class RedisCache:
    """In Redis. Where it fails or is slow, nothing is kept, and after some failures it is left alone for a while."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        """`url` as the package redis has it: redis://, rediss:// or unix://."""
        self._breaker = breaker or Breaker(failures=3, rest=10)
        self._client: PerLoop[Redis] = PerLoop(lambda: _client(url))

    async def get(self, key: str) -> bytes | None:
        """What was put under the key, unless its time is up."""
        if not self._admitted():
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._client.get().get(_PREFIX + key)
        except Exception as error:  # whatever it is, the question can be answered without
            self._failed(error)
            return None
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep it for so many seconds at most."""
        if not self._admitted():
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._client.get().set(_PREFIX + key, value, ex=seconds)
        except Exception as error:
            self._failed(error)
        except BaseException:
            self._breaker.abandoned()
            raise
        else:
            self._breaker.succeeded()

    async def aclose(self) -> None:
        """Close the connections."""
        client = self._client.take()
        if client is not None:
            await client.aclose()

    def _admitted(self) -> bool:
        return self._breaker.admits(asyncio.get_running_loop().time())

    def _failed(self, error: Exception) -> None:
        was_open = self._breaker.state == "open"
        self._breaker.failed(asyncio.get_running_loop().time())
        if self._breaker.state == "open" and not was_open:
            log.warning("Redis is left alone for a while: %s", type(error).__name__)


def _client(url: str) -> Redis:
    from redis.asyncio import Redis  # here: only who has Redis waits for its import
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return Redis.from_url(url, retry=Retry(NoBackoff(), 0))
