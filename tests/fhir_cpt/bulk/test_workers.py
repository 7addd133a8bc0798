"""The work of these workers is `eval`: a message is a Python expression that gives bytes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from multiprocessing import active_children

import pytest

from fhir_cpt.bulk.workers import WorkerLost, Workers, cores

PID = b"str(__import__('os').getpid()).encode()"


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert active_children() == []


def test_answers_come_in_the_order_of_the_messages_however_long_each_takes() -> None:
    slow = [b"(__import__('time').sleep(0.2), b'0')[1]", *(b"b'%d'" % number for number in range(1, 30))]
    with Workers(2, partial, eval) as workers:
        assert list(workers.answers(slow)) == [b"%d" % number for number in range(30)]


def test_the_work_is_done_in_as_many_processes() -> None:
    messages = [b"(__import__('time').sleep(0.02), " + PID + b")[1]"] * 40
    with Workers(2, partial, eval) as workers:
        found = set(workers.answers(messages))
    assert len(found) == 2
    assert str(os.getpid()).encode() not in found


def test_messages_and_answers_larger_than_a_pipe_holds_pass() -> None:
    message = b"b'x' * 3_000_000 #" + b" " * 3_000_000
    with Workers(2, partial, eval) as workers:
        assert [len(answer) for answer in workers.answers([message] * 6)] == [3_000_000] * 6


def test_messages_are_asked_for_only_as_fast_as_answers_are_taken() -> None:
    asked = count()
    endless = (b"b'%d'" % number for number in asked)

    with Workers(2, partial, eval) as workers:
        assert list(islice(workers.answers(endless), 10)) == [b"%d" % number for number in range(10)]
    assert next(asked) <= 10 + 2 * 4


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (b"__import__('os')._exit(3)", "status 3"),
        (b"__import__('os').kill(__import__('os').getpid(), 9)", "signal 9"),
        (b"1 / 0", "status 1"),
    ],
)
def test_a_process_that_ends_is_told_and_the_answers_before_it_are_given(last: bytes, why: str) -> None:
    given = []
    with Workers(2, partial, eval) as workers, pytest.raises(WorkerLost, match=why):
        given.extend(iter_all(workers, [b"b'a'", b"b'b'", last, b"b'c'"]))
    assert given[:2] in ([b"a", b"b"], [b"a"], [])


def iter_all(workers: Workers, messages: list[bytes]) -> Iterator[bytes]:
    yield from workers.answers(messages)


def test_a_process_that_cannot_begin_is_told() -> None:
    with Workers(2, partial, "not callable") as workers, pytest.raises(WorkerLost, match="status 1"):
        list(workers.answers([b"b''"] * 3))


def test_a_process_that_was_killed_while_it_was_idle_is_told() -> None:
    with Workers(1, partial, eval) as workers:
        [pid] = workers.answers([PID])
        os.kill(int(pid), signal.SIGKILL)
        with pytest.raises(WorkerLost, match="signal 9"):
            list(workers.answers([PID]))


def test_a_caller_that_fails_leaves_no_process_behind() -> None:
    def fail() -> None:
        with Workers(2, partial, eval) as workers:
            for _ in workers.answers([b"b'1'", b"__import__('time').sleep(60)"]):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()


def test_the_processes_do_not_see_ctrl_c() -> None:
    kill_self = b"(__import__('os').kill(__import__('os').getpid(), 2), b'on')[1]"
    with Workers(1, partial, eval) as workers:
        assert list(workers.answers([kill_self, b"b'and on'"])) == [b"on", b"and on"]


def test_there_is_a_core_to_work_on() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
