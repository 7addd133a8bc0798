"""NDJSON over HTTP: answers leave while the body still arrives, and no faster than the client takes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from fhir_cpt.bulk.answering import Answering
from fhir_cpt.bulk.lines import Chunker
from fhir_cpt.wire.http import FHIR_NDJSON

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def stream(
    answering: Answering,
    most: int,
    receive: Receive,
    send: Send,
    threads: CapacityLimiter,
    media: str = FHIR_NDJSON,
) -> bool:
    """Answer the lines of the request's body as they come; False where there is none, and nothing has been sent.

    `most` bytes are the longest line, `media` is the type of the answers. What a part of the body makes whole is
    answered in a thread, and sent before more is received; between two parts no thread is held. A client that is
    gone ends it.
    """
    chunker = Chunker(most)
    headers = [(b"content-type", media.encode())]
    started = False
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return True
        more = bool(message.get("more_body"))
        chunks = list(chunker.feed(message.get("body", b"")))
        if not more:
            chunks += chunker.close()
        for chunk in chunks:
            answers = await run_sync(answering, chunk, limiter=threads)
            if answers and not started:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                started = True
            if answers:
                await send({"type": "http.response.body", "body": answers, "more_body": True})
    if started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return started
