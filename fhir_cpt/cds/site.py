"""The routes of CDS Hooks: `GET /cds-services`, `POST /cds-services/{id}` and `POST /cds-services/{id}/feedback`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fhir_cpt.cds import feedback
from fhir_cpt.cds.cards import Checked, cards
from fhir_cpt.cds.request import HookError, read
from fhir_cpt.cds.services import BY_ID, Service, discovery
from fhir_cpt.cds.work import work_of
from fhir_cpt.errors import RequestError, described
from fhir_cpt.operations.call import Call
from fhir_cpt.operations.validate_claim import run
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings
from fhir_cpt.wire.arguments import Arguments
from fhir_cpt.wire.http import JSON, check_sent, parse_body
from terminology.period import today

log = logging.getLogger(__name__)
_LARGE = 64 << 10
"""Bytes. A request larger than this is worked on in a thread, so that it holds up nobody else."""
_AT_ONCE = 4
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All that are routed here, so that those which are not answered are refused in the form that CDS clients read."""
Work = Callable[[Any, Service, str], dict[str, Any]]


class CdsHooks:
    """CDS Hooks of one server. `routes` are to be added to an application's own."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source = source
        self._settings = settings
        self._threads = CapacityLimiter(_AT_ONCE)
        self.routes = [
            Route("/cds-services", self._discovery, methods=_METHODS),
            Route("/cds-services/{id}", self._called, methods=_METHODS),
            Route("/cds-services/{id}/feedback", self._told, methods=_METHODS),
        ]

    async def _discovery(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _refused(HookError(405, "GET is answered here", allow="GET, HEAD"))
        return _json(discovery())

    async def _called(self, request: Request) -> Response:
        return await self._answered(request, self._cards)

    async def _told(self, request: Request) -> Response:
        return await self._answered(request, _take)

    def _cards(self, body: Any, service: Service, base: str) -> dict[str, Any]:
        """The answer to a hook."""
        day = self._settings.today or today()
        asked = read(body, service)
        served = self._source.get()
        checked = []
        for work in work_of(asked, day):
            call = Call(served, "r4", Arguments({"exclude": list(work.exclude)}), day)
            checked.append(Checked(work, run(call, work.claim)))
        return {"cards": cards(checked, asked, base)}

    async def _answered(self, request: Request, work: Work) -> Response:
        """What the work gives for the body of a POST, or why it cannot be done."""
        try:
            service = BY_ID.get(request.path_params["id"])
            if service is None:
                raise HookError(404, f"There is no such service here. Known: {', '.join(BY_ID)}")
            if request.method != "POST":
                raise HookError(405, "POST is answered here", allow="POST")
            body = await self._body(request)
            check_sent(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
            kind, host = request.headers.get("content-type", ""), request.headers.get("host", "localhost")
            base = f"{request.scope.get('scheme', 'http')}://{host}{request.scope.get('root_path', '')}"

            def answer() -> bytes:
                return orjson.dumps(work(parse_body(body, kind), service, base))

            large = len(body) > _LARGE
            return Response(await run_sync(answer, limiter=self._threads) if large else answer(), media_type=JSON)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as failure:  # the last line of defence: a client sees what is wrong, never a stack trace
            return _refused(failure)

    async def _body(self, request: Request) -> bytes:
        """The body. Raises HookError 413 for one that is larger than the settings allow."""
        parts: list[bytes] = []
        size, most = 0, self._settings.max_body
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise HookError(413, f"The body is larger than {most} bytes")
            parts.append(part)
        return b"".join(parts)


def _take(body: Any, service: Service, base: str) -> dict[str, Any]:
    del base
    feedback.take(body, service)
    return {}


def _refused(failure: Exception) -> Response:
    """The answer to a call that failed."""
    if isinstance(failure, HookError):
        headers = {"allow": failure.allow} if failure.allow else {}
        headers |= {"connection": "close"} if failure.status == 413 else {}
        return _json(failure.json, failure.status, headers)
    if isinstance(failure, RequestError):
        path = {"path": failure.expression[0]} if failure.expression else {}
        return _json({"error": str(failure), **path}, failure.status)
    known = described(failure)
    if known is None:
        log.error("unforeseen failure of CDS Hooks", exc_info=failure)
        return _json({"error": "Something went wrong here; it has been logged."}, 500)
    status, outcome, _ = known
    return _json({"error": outcome["issue"][0]["details"]["text"]}, status)


def _json(value: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), status, headers, JSON)
