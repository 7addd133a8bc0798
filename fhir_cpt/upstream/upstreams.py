"""All upstreams: finds those for a question, asks one after the other, and remembers what they said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from fhir_cpt.upstream.cache import Cache
from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import Failure, Reply
from fhir_cpt.upstream.routes import Route, chosen
from fhir_cpt.upstream.server import Limits, Server
from fhir_cpt.wire.models import FhirVersion

_reader = msgspec.msgpack.Decoder(Reply)


class Unanswered(Exception):
    """No upstream answered; `failures` has the base URL of each that was tried, and what became of it."""

    def __init__(self, failures: Sequence[tuple[str, Failure]]) -> None:
        super().__init__("; ".join(f"{url} {failure}" for url, failure in failures))
        self.failures = failures


class Upstreams:
    """The servers of the routes, and the cache of their answers. For one event loop at a time."""

    def __init__(self, routes: Sequence[Route], limits: Limits, cache: Cache) -> None:
        self._servers = {route: Server(route, limits) for route in routes}
        self._cache = cache

    def urls(self, version: FhirVersion) -> list[str]:
        """The base URLs that may be asked for that FHIR version."""
        return list(dict.fromkeys(route.url for route in self._servers if route.version == version))

    async def ask(self, question: Question, until: float) -> Reply:
        """The first conclusive answer, else the first answer, at the latest at the time `until` of the event loop.

        Raises Unanswered, with no failures where no upstream is for the question.
        """
        first: Reply | None = None
        failures: list[tuple[str, Failure]] = []
        for route in chosen(self._servers, question.version, question.subject):
            try:
                reply = await self._remembered(self._servers[route], question, until)
            except Failure as failure:
                failures.append((route.url, failure))
            else:
                if reply.conclusive:
                    return reply
                first = first or reply
        if first is None:
            raise Unanswered(failures)
        return first

    async def aclose(self) -> None:
        """Close all connections."""
        for server in self._servers.values():
            await server.aclose()
        await self._cache.aclose()

    async def _remembered(self, server: Server, question: Question, until: float) -> Reply:
        key = _key(server.route, question)
        kept = await self._cache.get(key)
        if kept is not None:
            try:
                return _reader.decode(kept)
            except msgspec.DecodeError:
                pass  # of another version of this program, or damaged: as if it were not there
        reply = await server.ask(question, until)
        await self._cache.put(key, msgspec.msgpack.encode(reply), reply.seconds)
        return reply


def _key(route: Route, question: Question) -> str:
    """The same for the same question to the same server, and unlike any other."""
    parts = (route.url.encode(), question.version.encode(), question.path.encode(), question.body)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
