"""The server: a FHIR endpoint as an ASGI app, to be mounted anywhere, and a whole application around two of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fhir_cpt import openapi
from fhir_cpt.bulk.answering import Answerer
from fhir_cpt.bulk.http import stream
from fhir_cpt.cds.site import CdsHooks
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.forwarding import Forwarder, forwarder
from fhir_cpt.history import Keeper, open_history
from fhir_cpt.pages.negotiation import asked_for_page, prefers_html
from fhir_cpt.pages.site import Site
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings, from_environment
from fhir_cpt.upstream.question import Unsettled, UnsettledBatch
from fhir_cpt.upstream.server import ASKED
from fhir_cpt.wire import flat
from fhir_cpt.wire.http import FHIR_JSON, Answer, is_ndjson
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.outcome import error

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_AT_ONCE = 4
"""How many costly requests are worked on at a time, each in a thread; more would only take memory."""


class FhirApp:
    """One FHIR base (R4 or R5) as an ASGI app: `app.mount("/r4", FhirApp("r4", settings))`.

    Kept below any framework's routing: a question about a code costs less than the routing would.
    """

    def __init__(
        self,
        version: FhirVersion,
        settings: Settings,
        source: Source | None = None,
        upstreams: Forwarder | None = None,
        history: Keeper | None = None,
    ) -> None:
        """Open the release and make ready to ask upstreams, unless `source` and `upstreams` are shared with others.

        So with `history`, what is kept of the past where the settings say so. Raises ReleaseError, PacksRefused,
        StoreRefused.
        """
        self.source = source or _source(settings)
        self._settings = settings
        self._upstreams = upstreams or forwarder(settings)
        urls = self._upstreams.urls(version) if self._upstreams else []
        self._dispatcher = Dispatcher(version, self.source, settings, urls, history or open_history(settings))
        self._threads = CapacityLimiter(_AT_ONCE)
        self._keeping = CapacityLimiter(_AT_ONCE)  # apart: a store that is locked must not hold up what is validated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"{scope['type']} is not served")
        method: str = scope["method"]
        root: str = scope.get("root_path", "")
        path: str = scope["path"].removeprefix(root)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = b""
        answer: Answer | None = None
        if is_ndjson(headers.get(b"content-type", b"")):
            answering = self._dispatcher.bulk(method, path, scope.get("query_string", b""), headers)
            if answering is not None:
                await self._bulk(answering, headers, receive, send)
                return
        if answer is None and method not in ("GET", "HEAD"):
            received = await self._body(headers, receive)
            if isinstance(received, Answer):
                answer = received
            else:
                body = received
        if answer is None:
            base = f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'localhost').decode('latin-1')}{root}"
            asked = ("GET" if method == "HEAD" else method, path, scope.get("query_string", b""), headers, body, base)
            if self._dispatcher.costly(method, path, len(body)):
                threads = self._keeping if self._dispatcher.keeps(path) else self._threads
                answer = await run_sync(self._dispatcher.answer, *asked, limiter=threads)
            else:
                answer = self._dispatcher.answer(*asked)
            if self._upstreams and isinstance(answer, Unsettled | UnsettledBatch) and ASKED not in headers:
                answer = await self._upstreams.settle(answer)
        await _send(answer, send, with_body=method != "HEAD")

    async def _bulk(
        self, answering: Answerer | Answer, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Answer NDJSON line by line, or refuse it as a whole."""
        if isinstance(answering, Answer):
            if isinstance(await self._body(headers, receive), Answer):  # taken in first: a client may look up only then
                answering.headers["connection"] = "close"
            await _send(answering, send, with_body=True)
        elif not await stream(answering, self._settings.max_body, receive, send, self._threads, answering.media):
            text = "The body is empty; FHIR resources in JSON, a line each, are expected"
            await _send(Answer(error("structure", text), 400), send, with_body=True)

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | Answer:
        """The request's body, or the answer that refuses it for its size."""
        most = self._settings.max_body
        parts: list[bytes] = []
        size = 0
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            return _too_large(most)
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b""
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                return _too_large(most)
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


class Bases:
    """Middleware that hands what lies below a FHIR base to its app, before the framework looks for a route.

    The framework's own routing costs as much as a question about a code does.
    """

    def __init__(self, app: ASGIApp, bases: Mapping[str, FhirApp]) -> None:
        """`bases` maps the first part of a path (`r4`) to the app that answers below it."""
        self._app = app
        self._bases = bases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what is not below a base."""
        if scope["type"] == "http":
            root: str = scope.get("root_path", "")
            name = scope["path"].removeprefix(root)[1:].partition("/")[0]
            base = self._bases.get(name)
            if base is not None:
                if (page := _page(scope, f"{root}/{name}")) is not None:
                    await RedirectResponse(f"{root}/{page}", 303, {"vary": "Accept"})(scope, receive, send)
                    return
                scope["root_path"] = f"{root}/{name}"
                await base(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _page(scope: Scope, base: str) -> str | None:
    """The page for people at a FHIR address, where a browser asks for it; operations, which are many, have none."""
    path: str = scope["path"]
    if "$" in path or scope["method"] not in ("GET", "HEAD"):
        return None
    return asked_for_page(path.removeprefix(base), scope.get("query_string", b""), dict(scope["headers"]))


def _source(settings: Settings) -> Source:
    """The release and the packs that the settings name. Raises ReleaseError, PacksRefused."""
    return Source(settings.release, interval=settings.poll, packs=[Path(name) for name in settings.packs])


def _too_large(most: int) -> Answer:
    return Answer(error("too-long", f"The body is larger than {most} bytes"), 413, {"connection": "close"})


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    body = answer.body
    headers = [(b"content-type", answer.media.encode()), (b"content-length", b"%d" % len(body))]
    if answer.headers:
        headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole server: `/r4`, `/r5`, `/cds-services`, `/health`, `/openapi.json`, and pages for people.

    Without settings, those of the environment. Raises ValueError for wrong settings, ReleaseError where the release
    cannot be opened, PacksRefused for packs that are not taken.
    """
    settings = settings or from_environment()
    source = _source(settings)
    upstreams = forwarder(settings)
    history = open_history(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if history is not None:
            history.close()
        if upstreams is not None:
            await upstreams.aclose()

    app = FastAPI(title="fhir-cpt", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.source = source
    versions: tuple[FhirVersion, ...] = ("r4", "r5")
    app.add_middleware(
        Bases, bases={version: FhirApp(version, settings, source, upstreams, history) for version in versions}
    )
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST", *(["DELETE"] if history else [])],
            allow_headers=["*"],
        )

    async def health() -> dict[str, Any]:
        served = source.get()
        return {"status": "ok", "release": served.release.id, "packs": served.packs.summary}

    description = orjson.dumps(openapi.description())

    async def described() -> Response:
        return Response(description, media_type="application/json")

    app.api_route("/health", methods=["GET", "HEAD"])(health)

    async def verdict_schema() -> Response:
        return Response(flat.schema(), media_type="application/schema+json")

    app.api_route("/openapi.json", methods=["GET", "HEAD"])(described)
    app.api_route("/verdict.schema.json", methods=["GET", "HEAD"])(verdict_schema)
    site = Site(source, settings)
    app.router.routes.extend([*site.routes, *CdsHooks(source, settings).routes])
    app.add_exception_handler(HTTPException, _elsewhere)
    app.state.site = site
    return app


async def _elsewhere(request: Request, failure: Exception) -> Response:
    """The OperationOutcome for what lies outside the FHIR bases; a page where a browser asks."""
    status, headers = (failure.status_code, failure.headers) if isinstance(failure, HTTPException) else (500, None)
    path = request.url.path[:80]
    if status == 405:
        code, text = "not-supported", f"{request.method[:20]} is not answered at {path}"
    else:
        code, text = "not-found", f"There is nothing at {path}; the FHIR bases are /r4 and /r5"
    if prefers_html(request.headers.get("accept", ""), request.query_params.get("_format")):
        page: Response = await run_sync(request.app.state.site.failed, request, status, text)
        page.headers.update(headers or {})
        return page
    outcome = error(code, text)
    return Response(Answer(outcome).body, status, headers, FHIR_JSON)
