"""From method, path, query and body to an answer: finds what is asked for in the registry and runs it. No sockets."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fhir_cpt import capability
from fhir_cpt.bulk.answering import Answerer
from fhir_cpt.errors import RequestError, described
from fhir_cpt.history import Keeper
from fhir_cpt.operations import batch, keeping
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.registry import BY_TYPE as OPERATIONS
from fhir_cpt.operations.resources import BY_TYPE as RESOURCES
from fhir_cpt.operations.resources import read, search
from fhir_cpt.operations.unsettled import handled
from fhir_cpt.served import Served, Source
from fhir_cpt.sessions import Sessions
from fhir_cpt.settings import Settings
from fhir_cpt.wire import flat
from fhir_cpt.wire.arguments import Arguments, from_parameters, from_query, pairs
from fhir_cpt.wire.http import FHIR_JSON, FHIR_NDJSON, NDJSON, Answer, check_accept, check_sent, parse_body
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.outcome import error
from terminology.period import Day, today

log = logging.getLogger(__name__)
_LARGE = 64 << 10
"""Bytes. What is asked in a body larger than this takes long."""
_NONE = Arguments({})
_OPERATION_TYPES = frozenset(kind for kind, _ in OPERATIONS)


class Dispatcher:
    """Answers the requests of one FHIR version. Safe between threads."""

    def __init__(
        self,
        version: FhirVersion,
        source: Source,
        settings: Settings,
        upstreams: Sequence[str] = (),
        history: Keeper | None = None,
    ) -> None:
        """Where `upstreams` (their base URLs) may be asked, answers that they may better are left Unsettled.

        `history` is what is kept of the past, where it is.
        """
        self._history = history
        self._upstreams = upstreams
        self._version: FhirVersion = version
        self._source = source
        self._settings = settings
        self._sessions = Sessions(settings.max_sessions, settings.session_bytes, settings.session_age)

    def answer(
        self, method: str, path: str, query: bytes, headers: Mapping[bytes, bytes], body: bytes, base: str
    ) -> Answer:
        """The answer to a request; an OperationOutcome whatever goes wrong.

        `path` is below the FHIR base, without it; `base` is the base's URL, for links; header names are lower case.
        """
        try:
            served = self._source.get()
            self._check_format(headers, query)
            answer = self._route(served, method, path.strip("/").split("/"), query, headers, body, base)
            answer.resource = answer.body  # encoded here, where a failure becomes an outcome
            return answer
        except Exception as failure:  # the last line of defence: a client sees an outcome, never a stack trace
            return self._failed(failure, path)

    def costly(self, method: str, path: str, size: int) -> bool:
        """Whether the answer may take long: it should then be made in a thread, where it holds up nobody else."""
        parts = path.strip("/").split("/")
        if size > _LARGE or (method == "POST" and parts == [""]):
            return True
        if self._history is not None and parts[0] in keeping.TYPES:
            return True
        operation = OPERATIONS.get((parts[0], parts[-1]))
        return operation is not None and operation.costly

    def keeps(self, path: str) -> bool:
        """Whether the request changes the history, and may have to wait for the store."""
        return path.strip("/").partition("/")[0] in keeping.TYPES and "$" not in path

    def bulk(self, method: str, path: str, query: bytes, headers: Mapping[bytes, bytes]) -> Answerer | Answer | None:
        """What answers the lines of the NDJSON that is sent, all from one release.

        An Answer where the request is refused before a line is read; None where NDJSON is not taken.
        """
        parts = path.strip("/").split("/")
        operation = OPERATIONS.get((parts[0], parts[-1])) if len(parts) == 2 else None
        if method != "POST" or operation is None or not operation.bulk:
            return None

        accept = headers.get(b"accept", b"").decode("latin-1") if operation.views else ""

        def one(resource: Any, line: bytes) -> Answer:
            call = self._call(served, parts[0], None, headers)
            call.raw, call.arguments = line, self._posted(operation, resource, query)
            call.ndjson, call.accept = True, accept
            return operation.handle(call)

        try:
            served = self._source.get()
            self._check_format(headers, query, ndjson=True)
            empty = one({"resourceType": parts[0]}, b"")  # what is wrong with the query is wrong for it, too
        except Exception as failure:
            return self._failed(failure, path)
        media, unread = (FHIR_NDJSON, None) if empty.media == FHIR_JSON else (NDJSON, flat.unread)
        return Answerer(lambda resource, line: one(resource, line).body, self._settings.max_body, media, unread)

    def _failed(self, failure: Exception, path: str) -> Answer:
        known = described(failure)
        if known is None:
            log.error("unforeseen failure in %s", path.split("?")[0][:200], exc_info=failure)
            return Answer(error("exception", "Something went wrong here; it has been logged."), 500)
        status, resource, extra = known
        return Answer(resource, status, extra)

    def _check_format(self, headers: Mapping[bytes, bytes], query: bytes, *, ndjson: bool = False) -> None:
        encoding, content_type = headers.get(b"content-encoding", b""), headers.get(b"content-type", b"")
        if encoding or b"charset" in content_type.lower():
            check_sent(content_type.decode("latin-1"), encoding.decode("latin-1"))
        wanted = None
        if b"_format" in query:
            wanted = next((value for name, value in pairs(query) if name == "_format"), None)
        check_accept(headers.get(b"accept", b"*/*").decode("latin-1"), wanted, ndjson=ndjson)

    def _route(
        self,
        served: Served,
        method: str,
        parts: list[str],
        query: bytes,
        headers: Mapping[bytes, bytes],
        body: bytes,
        base: str,
    ) -> Answer:
        head, rest = parts[0], parts[1:]
        if head.startswith("$") and not rest and ("", head) in OPERATIONS:
            return self._operate(served, OPERATIONS["", head], method, "", None, query, headers, body)
        if rest and rest[-1].startswith("$") and len(rest) <= 2:
            operation = OPERATIONS.get((head, rest[-1]))
            if operation is not None and (len(rest) == 1 or operation.instance):
                instance = rest[0] if len(rest) == 2 else None
                return self._operate(served, operation, method, head, instance, query, headers, body)
            known = ", ".join(sorted(f"{kind}/{name}" for kind, name in OPERATIONS))
            raise RequestError(
                404, "not-supported", f"There is no operation {'/'.join(parts)[:80]!r} here. Known: {known}"
            )
        if head == "metadata" and not rest:
            _only(method, "GET")
            return Answer(self._metadata(served, query, base))
        if not head:
            if method == "POST":
                return self._batch(served, headers, body, base)
            raise _not_allowed("POST a batch Bundle here, or GET metadata", "POST")
        resource = RESOURCES.get(head)
        if head in keeping.TYPES and len(rest) <= 1 and (self._history is not None or not rest):
            return self._keep(method, head, rest[0] if rest else None, query, headers, body, base)
        if resource is None or len(rest) > 1:
            if head in _OPERATION_TYPES and not rest:
                raise _not_allowed(f"{head} is only asked about here, by its operations", "")
            raise RequestError(404, "not-found", f"There is nothing at {'/'.join(parts)[:80]!r}")
        if rest == ["_search"]:
            _only(method, "POST")
            return search(resource, served, b"&".join(filter(None, (query, body))), base, self._today)
        _only(method, "GET")
        if rest:
            return read(resource, served, rest[0], self._today)
        return search(resource, served, query, base, self._today)

    def _keep(
        self,
        method: str,
        kind: str,
        name: str | None,
        query: bytes,
        headers: Mapping[bytes, bytes],
        body: bytes,
        base: str,
    ) -> Answer:
        """Create or delete what makes up the history, where one is kept."""
        if self._history is None:
            validated = f": POST {kind}/$validate" if kind in _OPERATION_TYPES else ""
            # Nothing is taken, and an empty Allow says so of what is turned off. Source: RFC 9110, 10.2.1.
            raise _not_allowed(f"{kind} is not stored here{validated}. {keeping.HOW}", "")
        if method == "POST" and name is None:
            content_type, prefer = (headers.get(key, b"").decode("latin-1") for key in (b"content-type", b"prefer"))
            return keeping.create(self._history, self._version, kind, body, content_type, prefer, base, self._today)
        if method == "DELETE":
            return keeping.delete(self._history, kind, name, query)
        allowed = "DELETE" if name else "POST, DELETE"
        text = f"{kind}/[id] takes DELETE" if name else f"{kind} takes POST and DELETE"
        text += f", not {method[:20]}. The {kind} itself is not kept, so that it cannot be read: send it again "
        raise _not_allowed(f"{text}by POST {kind} to change what is kept of it", allowed)

    @property
    def _today(self) -> Day:
        return self._settings.today or today()

    def _metadata(self, served: Served, query: bytes, base: str) -> dict[str, Any]:
        mode = next((value for name, value in pairs(query) if name == "mode"), "full")
        if mode == "terminology":
            cached = bool(self._sessions)
            return capability.terminology_capabilities(served, self._version, self._today, cached=cached)
        if mode not in ("full", "normative"):
            raise RequestError(400, "invalid", f"The mode {mode[:40]!r} is not full, normative or terminology", "mode")
        return capability.capability_statement(
            served, self._version, base, self._upstreams, keeps=self._history is not None
        )

    def _operate(
        self,
        served: Served,
        operation: Operation,
        method: str,
        kind: str,
        instance: str | None,
        query: bytes,
        headers: Mapping[bytes, bytes],
        body: bytes,
    ) -> Answer:
        call = self._call(served, kind, instance, headers)
        if operation.views:
            call.accept = headers.get(b"accept", b"").decode("latin-1")
        if method == "GET" and operation.safe:
            call.arguments = from_query(query, operation.known)
        elif method == "POST":
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            if content_type.startswith("application/x-www-form-urlencoded") and operation.safe:
                query = b"&".join(filter(None, (query, body)))
                call.arguments = from_query(query, operation.known)
            else:
                call.raw = body
                call.arguments = self._posted(operation, parse_body(body, content_type), query)
        else:
            allowed = "GET, POST" if operation.safe else "POST"
            raise _not_allowed(f"${operation.name} answers {allowed}, not {method[:20]}", allowed)
        if not self._upstreams:
            return operation.handle(call)
        return handled(operation, call, query, lambda failure: self._failed(failure, kind))

    def _call(self, served: Served, kind: str, instance: str | None, headers: Mapping[bytes, bytes]) -> Call:
        """A call without arguments."""
        call = Call(served, self._version, _NONE, self._today, kind, instance)
        call.sessions = self._sessions
        call.history = self._history
        call.most = self._settings.max_expansion
        if (language := headers.get(b"accept-language")) is not None:
            call.language = language.decode("latin-1")
        return call

    @staticmethod
    def _posted(operation: Operation, resource: Any, query: bytes) -> Arguments:
        """The arguments of a POST: Parameters, or a resource by itself; others may stand in the query beside either."""
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind == "Parameters":
            return from_parameters(resource, operation.known, query)
        if kind in operation.takes:
            return from_parameters(
                {"parameter": [{"name": operation.body, "resource": resource}]}, operation.known, query
            )
        wanted = " or ".join(("Parameters", *operation.takes))
        found = f"resourceType {kind[:40]!r}" if isinstance(kind, str) else "no resourceType"
        raise RequestError(
            400, "structure", f"A resource of type {wanted} is expected; the body has {found}", "resourceType"
        )

    def _batch(self, served: Served, headers: Mapping[bytes, bytes], body: bytes, base: str) -> Answer:
        def route(request: batch.BatchRequest, parts: list[str]) -> Answer:
            return self._route(served, request.method, parts, request.query, {}, request.body, base)

        def failed(failure: Exception) -> Answer:
            return self._failed(failure, "batch")

        bundle = parse_body(body, headers.get(b"content-type", b"").decode("latin-1"))
        requests = batch.requests_of(bundle, self._settings.max_batch)
        return batch.answered(requests, route, failed, self._settings.max_answer)


def _only(method: str, allowed: str) -> None:
    if method != allowed:
        raise _not_allowed(f"{allowed} is answered here, not {method[:20]}", allowed)


def _not_allowed(text: str, allowed: str) -> RequestError:
    return RequestError(405, "not-supported", text, headers={"allow": allowed})
