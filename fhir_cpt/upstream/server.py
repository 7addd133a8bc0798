"""One upstream terminology server: asks it, in time, again where that may help, and not while it is down."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import NamedTuple

import httpx
from anyio.to_thread import run_sync

from fhir_cpt.upstream.breaker import Breaker
from fhir_cpt.upstream.per_loop import PerLoop
from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import Failure, Reply, checked
from fhir_cpt.upstream.routes import Route
from fhir_cpt.wire.http import FHIR_JSON, FHIR_NUMBERS

log = logging.getLogger(__name__)
ASKED = b"fhir-cpt-asked"
"""The header of questions that a server of ours asks. Who is so asked asks nobody else: nothing goes in a circle."""
_PAUSE = 0.1
"""Seconds before the first retry, twice as many before each further one; up to half of it is left out by chance."""
_LARGE = 64 << 10
"""Bytes. An answer larger than this is read in a thread, so that it holds up nobody else."""
_PASSING = (502, 503, 504)
"""The statuses of a fault that may be over in a moment, by which the question did no work."""


class Limits(NamedTuple):
    """Seconds for one attempt, attempts after the first, and the largest answer in bytes."""

    timeout: float = 3.0
    retries: int = 2
    most: int = 8 << 20


class Server:
    """An upstream, its connections and its circuit breaker. For one event loop at a time."""

    def __init__(self, route: Route, limits: Limits, breaker: Breaker | None = None) -> None:
        self.route = route
        self.breaker = breaker or Breaker()
        self._limits = limits
        self._http = PerLoop(self._client)

    async def ask(self, question: Question, until: float) -> Reply:
        """What it answers, at the latest at the time `until` of the event loop.

        Connections that fail and statuses 502 to 504 are tried again. Raises Failure.
        """
        clock = asyncio.get_running_loop().time
        pause = _PAUSE
        for left in range(self._limits.retries, -1, -1):
            try:
                return await self._attempt(question, until)
            except Failure as failure:
                waiting = pause * random.uniform(0.5, 1)
                in_time = clock() + waiting < until
                if not (failure.again and left and in_time) or self.breaker.state == "open":
                    raise
            await asyncio.sleep(waiting)
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    async def aclose(self) -> None:
        """Close the connections."""
        client = self._http.take()
        if client is not None:
            await client.aclose()

    async def _attempt(self, question: Question, until: float) -> Reply:
        clock = asyncio.get_running_loop().time
        allowed = min(self._limits.timeout, until - clock())
        if allowed <= 0:
            raise Failure("timeout", "was not asked: no time was left")
        if not self.breaker.admits(clock()):
            raise Failure("transient", "was not asked: it has failed several times and is left alone for a while")
        before = self.breaker.state
        try:
            async with asyncio.timeout(allowed):
                reply = await self._send(question)
        except TimeoutError:
            if allowed < self._limits.timeout:  # it had less time than it is due: no evidence that it is down
                self.breaker.abandoned()
            else:
                self.breaker.failed(clock())
            raise Failure("timeout", f"did not answer within {allowed:.1f} seconds") from None
        except Failure as failure:
            if failure.unwell:
                self.breaker.failed(clock())
            else:
                self.breaker.succeeded()
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        else:
            self.breaker.succeeded()
            return reply
        finally:
            if self.breaker.state != before:
                log.warning("upstream %s: circuit breaker %s", self.route.url, self.breaker.state)

    async def _send(self, question: Question) -> Reply:
        limit = self._limits.most
        try:
            async with self._http.get().stream("POST", question.path, content=question.body) as response:
                status = response.status_code
                if status >= 500 or status == 429:
                    raise Failure("transient", f"answered with status {status}", unwell=True, again=status in _PASSING)
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > limit:
                        raise Failure("too-costly", f"answered with more than {limit} bytes")
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise Failure("transient", "cannot be reached", unwell=True, again=True) from None
        except httpx.PoolTimeout:
            raise Failure("throttled", "was not asked: too many questions are out to it") from None
        except httpx.HTTPError as error:
            raise Failure("transient", f"broke off its answer ({type(error).__name__})", unwell=True) from None
        asked = (question, self.route.url, status, response.headers.get("content-type", ""), bytes(body))
        return await run_sync(checked, *asked) if len(body) > _LARGE else checked(*asked)

    def _client(self) -> httpx.AsyncClient:
        """No redirect is followed: nobody is asked but who is configured."""
        version = FHIR_NUMBERS[self.route.version].rpartition(".")[0]
        return httpx.AsyncClient(
            base_url=self.route.url,
            auth=self.route.auth,
            headers={
                b"accept": f"{FHIR_JSON}; fhirVersion={version}".encode(),
                b"accept-encoding": b"gzip",
                b"content-type": FHIR_JSON.encode(),
                b"user-agent": b"fhir-cpt",
                ASKED: b"1",
            },
            timeout=httpx.Timeout(None, connect=self._limits.timeout / 2, pool=self._limits.timeout / 2),
            follow_redirects=False,
        )
