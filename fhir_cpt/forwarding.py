"""Answers that an upstream may better: asks, and falls back on what is known here."""

from __future__ import annotations

import asyncio
import logging

from anyio.to_thread import run_sync

from fhir_cpt.operations import batch
from fhir_cpt.settings import Settings
from fhir_cpt.upstream.cache import Cache, MemoryCache, RedisCache
from fhir_cpt.upstream.question import Unsettled, UnsettledBatch
from fhir_cpt.upstream.reply import unanswered
from fhir_cpt.upstream.routes import parse
from fhir_cpt.upstream.server import Limits
from fhir_cpt.upstream.upstreams import Unanswered, Upstreams
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.models import FhirVersion

log = logging.getLogger(__name__)
_AT_ONCE = 8
"""Entries of one batch that are asked of upstreams at the same time."""


class Forwarder:
    """Settles the answers that the dispatcher left open. For one event loop at a time."""

    def __init__(self, upstreams: Upstreams, deadline: float) -> None:
        """`deadline` is the number of seconds in which a request must be settled, a batch as a whole."""
        self._upstreams = upstreams
        self._deadline = deadline

    def urls(self, version: FhirVersion) -> list[str]:
        """The upstreams that may be asked for that FHIR version."""
        return self._upstreams.urls(version)

    async def settle(self, answer: Unsettled | UnsettledBatch) -> Answer:
        """What an upstream answers, else the answer from here with issues that say why none did. Raises nothing."""
        until = asyncio.get_running_loop().time() + self._deadline
        if isinstance(answer, Unsettled):
            return await self._one(answer, until)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def entry(item: Answer) -> Answer:
            if not isinstance(item, Unsettled):
                return item
            async with gate:
                return await self._one(item, until)

        entries = await asyncio.gather(*map(entry, answer.entries))
        return await run_sync(_rebuilt, entries)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._upstreams.aclose()

    async def _one(self, answer: Unsettled, until: float) -> Answer:
        try:
            reply = await self._upstreams.ask(answer.question, until)
        except Unanswered as failure:
            return unanswered(answer, failure.failures) if failure.failures else answer
        except Exception as failure:  # the last line of defence: what is known here can be said whatever happens
            log.error("unforeseen failure in asking an upstream", exc_info=failure)
            return answer
        return Answer(reply.content, reply.status)


def _rebuilt(entries: list[Answer]) -> Answer:
    return Answer(Answer(batch.response(entries)).body)


def forwarder(settings: Settings) -> Forwarder | None:
    """That of the settings; None where they name no upstream."""
    if not settings.upstream:
        return None
    cache: Cache = RedisCache(settings.redis) if settings.redis else MemoryCache(settings.upstream_cache)
    limits = Limits(settings.upstream_timeout, settings.upstream_retries, settings.upstream_max_body)
    routes = [parse(text) for text in settings.upstream]
    return Forwarder(Upstreams(routes, limits, cache), settings.upstream_deadline)
