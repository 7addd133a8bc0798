"""The stream without sockets: what is received and sent, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

import anyio
from anyio import CapacityLimiter

from fhir_cpt.bulk.http import stream
from fhir_cpt.bulk.lines import Chunk

Message = MutableMapping[str, Any]
GONE: Message = {"type": "http.disconnect"}


def answering(chunk: Chunk) -> bytes:
    return b"".join(b"<%b>" % line for _, line in chunk.numbered())


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def streamed(messages: Iterable[Message]) -> tuple[bool, list[str]]:
    """Whether it was answered, and what happened in order: `in` for a part received, `out …` for one sent."""
    coming = iter(messages)
    happened: list[str] = []

    async def receive() -> Message:
        happened.append("in")
        return next(coming)

    async def send(message: Message) -> None:
        await anyio.sleep(0)
        body = message.get("body", b"").decode()
        happened.append(f"out {message.get('status', '')}{body}{'' if message.get('more_body', True) else ' end'}")

    async def run() -> bool:
        return await stream(answering, 100, receive, send, CapacityLimiter(1))

    return anyio.run(run), happened


def test_no_more_is_received_before_the_answers_were_taken() -> None:
    answered, happened = streamed([part(b"a\nb\nc"), part(b"d"), part(b"\ne", more=False)])
    assert answered
    assert happened == ["in", "out 200", "out <a><b>", "in", "in", "out <cd>", "out <e>", "out  end"]


def test_a_client_that_is_gone_ends_the_work() -> None:
    assert streamed([part(b"a\nb"), GONE]) == (True, ["in", "out 200", "out <a>", "in"])
    assert streamed([GONE]) == (True, ["in"])


def test_without_a_line_nothing_is_sent() -> None:
    assert streamed([part(b"\n \n"), part(b"", more=False)]) == (False, ["in", "in"])
