"""An event loop whose clock jumps: who waits for a time waits no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Where nothing is ready, tells how long the loop wanted to wait instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Starts at time 0. Not for code that waits for threads or sockets while a timer runs."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(body())


def now() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()


async def never(*_: object) -> Any:
    """Waits for ever, as a server that does not answer."""
    await asyncio.Event().wait()
