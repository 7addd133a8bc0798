"""What belongs to one event loop and is made when it is first needed there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """A client whose connections live on an event loop, made anew where another loop asks (a server has only one)."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._value: T | None = None

    def get(self) -> T:
        """That of the running loop. Raises RuntimeError where none runs."""
        loop = asyncio.get_running_loop()
        if self._value is None or loop is not self._loop:
            self._loop, self._value = loop, self._make()
        return self._value

    def take(self) -> T | None:
        """That of the running loop, to be closed and forgotten; None where there is none."""
        found = self._value if self._loop is asyncio.get_running_loop() else None
        self._loop = self._value = None
        return found
