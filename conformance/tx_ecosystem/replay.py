"""Sends cases to a server, in this process or over HTTP, and judges the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import httpx
import orjson

from conformance.tx_ecosystem.compare import Comparison
from conformance.tx_ecosystem.fhir import answer_as_r5, request_as_r4
from conformance.tx_ecosystem.suite import PATTERNS, Case
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.wire.http import FHIR_JSON, FHIR_NUMBERS
from fhir_cpt.wire.models import FhirVersion

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Method, path below the base, headers and body → status and body."""


class Outcome(NamedTuple):
    """How a case ended. `reason` is None where it passed; `loose` tells that only punctuation differs."""

    case: Case
    reason: str | None
    loose: bool = False


def replay(
    cases: Iterable[Case], send: Send, version: FhirVersion, extensions: frozenset[str], modes: tuple[str, ...]
) -> Iterator[Outcome]:
    """Run the cases, one after the other."""
    for case in cases:
        yield _judged(case, *_sent(case, send, version), version, extensions, modes)


def _sent(case: Case, send: Send, version: FhirVersion) -> tuple[int, bytes]:
    headers = {"Accept": FHIR_JSON, "Content-Type": FHIR_JSON, **case.headers}
    if case.body is None:
        return send("GET", case.path, headers, b"")
    body = request_as_r4(case.body) if version == "r4" else case.body
    return send("POST", case.path, headers, orjson.dumps(body))


def _judged(
    case: Case, status: int, content: bytes, version: FhirVersion, extensions: frozenset[str], modes: tuple[str, ...]
) -> Outcome:
    if case.status[0] != str(status)[0]:
        return Outcome(case, f"HTTP {status}, {case.status} is expected: {content[:300].decode('utf-8', 'replace')}")
    try:
        actual: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return Outcome(case, "the answer is not JSON")
    actual = answer_as_r5(actual) if version == "r4" else actual
    comparison = Comparison(modes, FHIR_NUMBERS[version], extensions, case.operation in PATTERNS)
    reason = comparison.difference(case.expected, actual)
    loose = reason is not None and comparison._replace(loose=True).difference(case.expected, actual) is None
    return Outcome(case, reason, loose)


def in_process(dispatcher: Dispatcher) -> Send:
    """Send to a dispatcher, without sockets."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        raw = {name.lower().encode(): value.encode() for name, value in headers.items()}
        place, _, query = path.partition("?")
        answer = dispatcher.answer(method, place, query.encode(), raw, body, "http://127.0.0.1:8000/fhir")
        return answer.status, answer.body

    return send


def over_http(client: httpx.Client, base: str) -> Send:
    """Send to a server at a base URL."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        response = client.request(method, f"{base.rstrip('/')}/{path}", headers=dict(headers), content=body)
        return response.status_code, response.content

    return send
