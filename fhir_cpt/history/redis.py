"""The history in Redis, which processes of several machines may share. Each change is one script: whole or not at all.

Not for a Redis cluster, whose scripts may not touch several keys. How safe what is kept is, Redis's own settings say.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from fhir_cpt.history.store import (
    FORM,
    MOST_FOUND,
    Document,
    Info,
    StoreRefused,
    StoreUnavailable,
    TooMuchKept,
    refuse_other,
)
from fhir_cpt.upstream.breaker import Breaker
from terminology.period import Day

log = logging.getLogger(__name__)
T = TypeVar("T")
_PREFIX = "fhir-cpt:history:"
"""Before every key: `about`, `last-id`, `ages` (ids by day), `document:ID`, `name:HASH`, `patient:HASH`."""
_PATIENCE = 0.5
"""Seconds to wait for an answer. A claim is validated while somebody waits."""

_WRONG_URL = "the history cannot be kept at the Redis URL given"

_REMOVING = """
local prefix = ARGV[1]
local function remove(id)
  local key = prefix .. 'document:' .. id
  local found = redis.call('HMGET', key, 'names', 'patients')
  redis.call('ZREM', prefix .. 'ages', id)
  if not found[1] then return 0 end
  for name in string.gmatch(found[1], '%S+') do redis.call('DEL', prefix .. 'name:' .. name) end
  for patient in string.gmatch(found[2], '%S+') do redis.call('SREM', prefix .. 'patient:' .. patient, id) end
  return redis.call('DEL', key)
end
"""
_PUT = f"""{_REMOVING}
local replaced = 0
for name in string.gmatch(ARGV[2], '%S+') do
  local id = redis.call('GET', prefix .. 'name:' .. name)
  if id then replaced = replaced + remove(id) end
end
local id = redis.call('INCR', prefix .. 'last-id')
redis.call('HSET', prefix .. 'document:' .. id, 'names', ARGV[2], 'patients', ARGV[3], 'body', ARGV[5])
for name in string.gmatch(ARGV[2], '%S+') do redis.call('SET', prefix .. 'name:' .. name, id) end
for patient in string.gmatch(ARGV[3], '%S+') do redis.call('SADD', prefix .. 'patient:' .. patient, id) end
redis.call('ZADD', prefix .. 'ages', ARGV[4], id)
return replaced
"""
_REMOVE = f"""{_REMOVING}
local removed = 0
for name in string.gmatch(ARGV[2], '%S+') do
  local id = redis.call('GET', prefix .. 'name:' .. name)
  if id then removed = removed + remove(id) end
end
return removed
"""
_FORGET = f"""{_REMOVING}
local removed = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'ages', '-inf', '(' .. ARGV[2], 'LIMIT', 0, 1000)) do
  removed = removed + remove(id)
end
return removed
"""
_FORGET_PATIENT = f"""{_REMOVING}
local removed = 0
for patient in string.gmatch(ARGV[2], '%S+') do
  for _, id in ipairs(redis.call('SMEMBERS', prefix .. 'patient:' .. patient)) do removed = removed + remove(id) end
end
return removed
"""
_FIND = """
local found, seen, size = {}, {}, 0
for patient in string.gmatch(ARGV[2], '%S+') do
  for _, id in ipairs(redis.call('SMEMBERS', ARGV[1] .. 'patient:' .. patient)) do
    if not seen[id] then
      seen[id] = true
      local body = redis.call('HGET', ARGV[1] .. 'document:' .. id, 'body')
      if body then
        size = size + #body
        if size > tonumber(ARGV[3]) then return false end
        found[#found + 1] = body
      end
    end
  end
end
return found
"""


class RedisStore:
    """Documents in Redis. After some failures it is left alone for a while, and says at once that it is not there."""

    def __init__(self, url: str, seal: str, breaker: Breaker | None = None) -> None:
        """`url` as the package redis has it; `seal` marks the salt. A Redis that is down does not stop a server.

        Raises StoreRefused for a store of another form or salt.
        """
        self._seal = seal
        self._checked = False
        self._breaker = breaker or Breaker(failures=3, rest=10)
        self._lock = threading.Lock()
        try:
            self._client: Redis = Redis.from_url(
                url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=Retry(NoBackoff(), 0)
            )
        except ValueError:  # whose text may hold the password
            raise StoreRefused(f"{_WRONG_URL}: it is not of the form redis://host:port/number") from None
        self._scripts = {
            name: self._client.register_script(text)
            for name, text in (
                ("put", _PUT),
                ("remove", _REMOVE),
                ("forget", _FORGET),
                ("forget_patient", _FORGET_PATIENT),
                ("find", _FIND),
            )
        }
        try:
            self._check()
        except RedisError as error:
            log.warning("Redis, which keeps the history, does not answer yet: %s", type(error).__name__)
        except StoreRefused:
            raise
        except (TypeError, ValueError):  # of an option in the URL, which the connection takes no notice of before
            raise StoreRefused(f"{_WRONG_URL}: an option after the ? is unknown or wrong") from None

    def put(self, document: Document) -> bool:
        """Keep the document in the place of all that have one of its names; whether there were any."""
        arguments = (_joined(document.names), _joined(document.patients), document.last, document.body)
        return int(self._run("put", *arguments)) > 0

    def remove(self, names: Sequence[bytes]) -> int:
        """Remove the documents that have one of the names; how many there were."""
        return int(self._run("remove", _joined(names)))

    def find(self, patients: Sequence[bytes]) -> list[bytes]:
        """What is kept of the documents that have one of the patient's keys, each once, in no order.

        Raises TooMuchKept.
        """
        found: list[bytes] | None = self._run("find", _joined(patients), MOST_FOUND)
        if found is None:
            raise TooMuchKept(f"more than {MOST_FOUND} bytes are kept of the patient")
        return found

    def forget(self, before: Day) -> int:
        """Remove the documents that grew old before the day, a thousand at a time; how many there were."""
        total = 0
        while removed := int(self._run("forget", before)):
            total += removed
        return total

    def forget_patient(self, patients: Sequence[bytes]) -> int:
        """Remove the documents that have one of the patient's keys; how many there were."""
        return int(self._run("forget_patient", _joined(patients)))

    def info(self) -> Info:
        """What the store holds."""

        def asked() -> Info:
            documents = int(self._client.zcard(f"{_PREFIX}ages"))
            patients = sum(1 for _ in self._client.scan_iter(f"{_PREFIX}patient:*", 1000))
            oldest: Any = self._client.zrange(f"{_PREFIX}ages", 0, 0, withscores=True)
            return Info(documents, patients, int(oldest[0][1]) if oldest else None)

        return self._ask(asked)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _run(self, script: str, *arguments: str | int | bytes) -> Any:
        return self._ask(lambda: self._scripts[script](args=[_PREFIX, *arguments]))

    def _ask(self, question: Callable[[], T]) -> T:
        """What Redis answers. Raises StoreUnavailable, at once while it is left alone."""
        with self._lock:
            admitted = self._breaker.admits(time.monotonic())
        if not admitted:
            raise StoreUnavailable("Redis is left alone for a while")
        try:
            if not self._checked:
                self._check()
            found = question()
        except (RedisError, OSError, StoreRefused) as error:
            with self._lock:
                was_open = self._breaker.state == "open"
                self._breaker.failed(time.monotonic())
            if isinstance(error, StoreRefused):  # it was down when the server started
                log.error("the history is not used: %s", error)
            elif self._breaker.state == "open" and not was_open:
                log.warning("Redis, which keeps the history, is left alone for a while: %s", type(error).__name__)
            raise StoreUnavailable(f"Redis: {type(error).__name__}") from None
        with self._lock:
            self._breaker.succeeded()
        return found

    def _check(self) -> None:
        """Mark the store as ours, or see that it is. Raises StoreRefused."""
        key = f"{_PREFIX}about"
        self._client.setnx(key, f"{FORM} {self._seal}")
        about: Any = self._client.get(key)
        form, _, seal = (about or b"").decode("ascii", "replace").partition(" ")
        refuse_other(form, seal, self._seal)
        self._checked = True


def _joined(hashes: Sequence[bytes]) -> str:
    return " ".join(dict.fromkeys(item.hex() for item in hashes))
