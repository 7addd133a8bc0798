"""What clients leave with the server between requests (`cache-id`), within bounds: number, size and age."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fhir_cpt.errors import RequestError

Json = Mapping[str, Any]
_PER_SESSION = 1000
"""Resources that one session may hold."""


class _Held(NamedTuple):
    resources: dict[tuple[str, str, str], Json]
    size: int
    at: float


class Sessions:
    """Resources by the client's own name for them. Safe between threads.

    At most `most` sessions of together `size` bytes (of JSON) are held, each for `age` seconds after its last use;
    those not used for longest go first. With `most` 0 nothing is held.
    """

    def __init__(self, most: int, size: int, age: float) -> None:
        self._most = most
        self._size = size
        self._age = age
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._most > 0

    def __len__(self) -> int:
        return len(self._held)

    def joined(self, name: str, sent: Sequence[Json], size: int) -> list[Json]:
        """What was left under the name before, and what is sent now (in `size` bytes), which is left there too.

        Of two resources of one type, URL and version the later counts. Raises RequestError 413 where a session grows
        beyond what may be held.
        """
        if not self:
            return list(sent)
        now = time.monotonic()
        with self._lock:
            self._forget(now)
            before = self._held.pop(name, None) or _Held({}, 0, now)
            self._total -= before.size
            after = _Held({**before.resources, **{_key(item): item for item in sent}}, before.size + size, now)
            if after.size > self._size or len(after.resources) > _PER_SESSION:
                raise RequestError(
                    413,
                    "too-costly",
                    f"A cache-id may hold {_PER_SESSION} resources in {self._size} bytes; send them with the request",
                    "cache-id",
                )
            self._held[name] = after
            self._total += after.size
            while len(self._held) > self._most or self._total > self._size:
                self._drop()
        return list(after.resources.values())

    def _forget(self, now: float) -> None:
        while self._held and next(iter(self._held.values())).at < now - self._age:
            self._drop()

    def _drop(self) -> None:
        _, gone = self._held.popitem(last=False)
        self._total -= gone.size


def _key(resource: Json) -> tuple[str, str, str]:
    return tuple(str(resource.get(name, "")) for name in ("resourceType", "url", "version"))  # type: ignore[return-value]
