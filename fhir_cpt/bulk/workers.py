"""Processes that work on messages side by side: bytes go to them and come back, in the order in which they were given.

Each process has a pipe of its own, so that one that dies is seen by the end of its pipe. It always reads, in a thread,
what comes: neither end ever waits for the other to read, and the next message is there when the last is answered.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.resource_tracker import ensure_running
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Self

Work = Callable[[bytes], bytes]

_EACH = 2
"""Messages that a process has at a time: one to work on, one for then."""
_AHEAD = 4
"""Messages for each process that may be answered and wait for the answer to an earlier one."""


class WorkerLost(Exception):
    """A process ended before its work did."""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows, which know no affinity


class Workers:
    """Processes that were started anew (spawned), to be used as a context: none outlives it.

    They do not see Ctrl-C, which is for whoever started them.
    """

    def __init__(self, count: int, make: Callable[..., Work], *arguments: Any) -> None:
        """Each process answers with `make(*arguments)`; all of it must be picklable."""
        self._count, self._target = count, (make, arguments)
        self._connections: list[Connection] = []
        self._processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        context = get_context("spawn")
        ensure_running()  # which would unblock the signal below, if it were left to the first process
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which the processes inherit
        try:
            for _ in range(self._count):
                ours, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs, *self._target), daemon=True)
                process.start()
                theirs.close()
                self._connections.append(ours)
                self._processes.append(process)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)  # here, where one that has waited ends them
        except BaseException:
            self._end()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for process in self._processes:
            process.kill()  # they hold nothing that would be lost
        for process in self._processes:
            process.join()
        for connection in self._connections:
            connection.close()

    def answers(self, messages: Iterable[bytes]) -> Iterator[bytes]:
        """The answer to each message, in order. Raises WorkerLost, and what `messages` raises."""
        coming = iter(messages)
        given = {connection: deque[int]() for connection in self._connections}
        done: dict[int, bytes] = {}
        asked = told = 0
        over = False
        while not over or told < asked:
            while not over and asked - told < _AHEAD * len(given):
                free = min(given, key=lambda connection: len(given[connection]))
                if len(given[free]) == _EACH:
                    break
                message = next(coming, None)
                if message is None:
                    over = True
                else:
                    self._send(free, message)
                    given[free].append(asked)
                    asked += 1
            while told in done:
                yield done.pop(told)
                told += 1
            for ready in wait([connection for connection in given if given[connection]]) if told < asked else ():
                assert isinstance(ready, Connection)
                done[given[ready].popleft()] = self._received(ready)

    def _send(self, connection: Connection, message: bytes) -> None:
        try:
            connection.send_bytes(message)
        except OSError:
            raise self._lost(connection) from None

    def _received(self, connection: Connection) -> bytes:
        try:
            return connection.recv_bytes()
        except (EOFError, OSError):
            raise self._lost(connection) from None

    def _lost(self, connection: Connection) -> WorkerLost:
        process = self._processes[self._connections.index(connection)]
        process.join(1)  # its pipe is closed: it has ended, or is about to
        code = process.exitcode or 0
        how = f"was ended by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"ended with status {code}"
        return WorkerLost(f"a worker process {how}")


def _work(connection: Connection, make: Callable[..., Work], arguments: tuple[Any, ...]) -> None:
    messages: SimpleQueue[bytes | None] = SimpleQueue()
    Thread(target=_read, args=(connection, messages), daemon=True).start()
    work = make(*arguments)
    while (message := messages.get()) is not None:
        answer = work(message)
        try:
            connection.send_bytes(answer)
        except OSError:
            return


def _read(connection: Connection, messages: SimpleQueue[bytes | None]) -> None:
    while True:
        try:
            messages.put(connection.recv_bytes())
        except (EOFError, OSError):  # whoever started this process is gone
            messages.put(None)
            return
