"""The server: a FHIR endpoint as an ASGI app, to be mounted anywhere, and a whole application around two of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fhir_cpt import openapi
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings, from_environment
from fhir_cpt.wire.http import FHIR_JSON, Answer
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.outcome import error

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LARGE = 64 << 10
"""Bytes. A body larger than this is worked on in a thread, so that it holds up nobody else."""


class FhirApp:
    """One FHIR base (R4 or R5) as an ASGI app: `app.mount("/r4", FhirApp("r4", settings))`.

    Kept below any framework's routing: a question about a code costs less than the routing would.
    """

    def __init__(self, version: FhirVersion, settings: Settings, source: Source | None = None) -> None:
        """Open the release, unless a `source` that is shared with other bases is given. Raises ReleaseError."""
        self.source = source or Source(settings.release, interval=settings.poll)
        self._settings = settings
        self._dispatcher = Dispatcher(version, self.source, settings)

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
        if method not in ("GET", "HEAD"):
            received = await self._body(headers, receive)
            if isinstance(received, Answer):
                answer = received
            else:
                body = received
        if answer is None:
            base = f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'localhost').decode('latin-1')}{root}"
            asked = ("GET" if method == "HEAD" else method, path, scope.get("query_string", b""), headers, body, base)
            large = len(body) > _LARGE or path.endswith("$expand")
            answer = await run_sync(self._dispatcher.answer, *asked) if large else self._dispatcher.answer(*asked)
        await _send(answer, send, with_body=method != "HEAD")

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


class _Base:
    """A FHIR base under its own URL, without a slash at the end: where batches are posted."""

    def __init__(self, path: str, app: FhirApp) -> None:
        self._path = path
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the mounted app does."""
        await self._app({**scope, "root_path": scope.get("root_path", "") + self._path}, receive, send)


def _too_large(most: int) -> Answer:
    return Answer(error("too-long", f"The body is larger than {most} bytes"), 413, {"connection": "close"})


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    body = answer.body
    headers = [(b"content-type", FHIR_JSON.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole server: `/r4`, `/r5`, `/health` and `/openapi.json`. Without settings, those of the environment.

    Raises ValueError for wrong settings, ReleaseError where the release cannot be opened.
    """
    settings = settings or from_environment()
    source = Source(settings.release, interval=settings.poll)
    app = FastAPI(title="fhir-cpt", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.source = source
    if settings.cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.cors), allow_methods=["GET", "POST"], allow_headers=["*"]
        )
    versions: tuple[FhirVersion, ...] = ("r4", "r5")
    for version in versions:
        fhir = FhirApp(version, settings, source)
        app.mount(f"/{version}", fhir)
        app.router.routes.append(Route(f"/{version}", _Base(f"/{version}", fhir)))

    async def health() -> dict[str, str]:
        return {"status": "ok", "release": source.get().release.id}

    description = orjson.dumps(openapi.description())

    async def described() -> Response:
        return Response(description, media_type="application/json")

    app.api_route("/health", methods=["GET", "HEAD"])(health)
    app.api_route("/openapi.json", methods=["GET", "HEAD"])(described)
    app.add_exception_handler(HTTPException, _elsewhere)
    return app


async def _elsewhere(request: Request, failure: Exception) -> Response:
    """The OperationOutcome for what lies outside the FHIR bases."""
    status, headers = (failure.status_code, failure.headers) if isinstance(failure, HTTPException) else (500, None)
    path = request.url.path[:80]
    if status == 405:
        outcome = error("not-supported", f"{request.method[:20]} is not answered at {path}")
    else:
        outcome = error("not-found", f"There is nothing at {path}; the FHIR bases are /r4 and /r5")
    return Response(Answer(outcome).body, status, headers, FHIR_JSON)
