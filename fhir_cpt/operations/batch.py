"""Batch Bundles at the base: several requests in one. FHIR: http#transaction (batches only)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson

from fhir_cpt.errors import RequestError
from fhir_cpt.upstream.question import Unsettled, UnsettledBatch
from fhir_cpt.wire.http import FHIR_JSON, Answer

Json = dict[str, Any]


class BatchRequest(NamedTuple):
    """One entry's request: method, path below the base, query string and body."""

    method: str
    path: str
    query: bytes
    body: bytes


def requests_of(bundle: Any, most: int) -> list[BatchRequest | RequestError]:
    """The entries' requests; an entry that holds none is the error that says so.

    Raises RequestError where the resource is no batch Bundle, or has more than `most` entries.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise RequestError(400, "structure", "A Bundle of type batch is expected here", "resourceType")
    if bundle.get("type") != "batch":
        raise RequestError(
            400, "not-supported", "Only Bundles of type batch are taken; nothing is stored here", "Bundle.type"
        )
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise RequestError(400, "structure", "Bundle.entry must be an array", "Bundle.entry")
    if len(entries) > most:
        raise RequestError(413, "too-costly", f"A batch may hold {most} entries, not {len(entries)}", "Bundle.entry")
    return list(_requests(entries))


def _requests(entries: Iterable[Any]) -> Iterator[BatchRequest | RequestError]:
    for at, entry in enumerate(entries):
        path = f"Bundle.entry[{at}].request"
        request = entry.get("request") if isinstance(entry, dict) else None
        method = request.get("method") if isinstance(request, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        if not isinstance(method, str) or not isinstance(url, str):
            yield RequestError(400, "required", f"{path} must have a method and a url", path)
            continue
        target, _, query = url.partition("?")
        try:
            body = orjson.dumps(entry["resource"]) if "resource" in entry else b""
        except TypeError:
            text = f"Bundle.entry[{at}].resource is nested too deeply"
            yield RequestError(400, "too-costly", text, f"Bundle.entry[{at}].resource")
            continue
        yield BatchRequest(method, unquote(target).removeprefix("/"), query.encode(), body)


def answered(
    requests: Iterable[BatchRequest | RequestError],
    route: Callable[[BatchRequest, list[str]], Answer],
    failed: Callable[[Exception], Answer],
    most: int,
) -> Answer:
    """The batch-response to the requests; UnsettledBatch where some of its answers are Unsettled.

    `route` answers a request, whose path it also gets in parts; `failed` gives the answer that tells a client of a
    failure. Once the answers hold more than `most` bytes, the requests after them are refused.
    """
    answers: list[Answer] = []
    size = 0
    for request in requests:
        try:
            if isinstance(request, RequestError):
                raise request
            if size > most:
                text = f"The answers before this one hold more than {most} bytes; ask for it in another batch"
                raise RequestError(413, "too-costly", text)
            parts = request.path.strip("/").split("/")
            if parts == [""]:
                raise RequestError(400, "not-supported", "A batch may not hold another batch")
            answer = route(request, parts)
            if answer.media != FHIR_JSON:
                text = "What is no FHIR resource cannot stand in a batch's answer; ask for it by itself"
                raise RequestError(400, "not-supported", text, "_view")
        except Exception as failure:  # one entry's failure is its own
            answer = failed(failure)
        answer.resource = answer.body  # as bytes, which take far less room than the objects they came from
        size += len(answer.resource)
        answers.append(answer)
    made = Answer(response(answers))
    if any(isinstance(answer, Unsettled) for answer in answers):
        return UnsettledBatch(made.resource, entries=answers)
    return made


def response(answers: Iterable[Answer]) -> Json:
    """The batch-response Bundle, in the order of the requests."""
    entries = [_entry(answer) for answer in answers]
    bundle: Json = {"resourceType": "Bundle", "type": "batch-response"}
    return {**bundle, "entry": entries} if entries else bundle


def _entry(answer: Answer) -> Json:
    resource = orjson.Fragment(answer.body)
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    if answer.status >= 400:
        return {"response": {"status": status, "outcome": resource}}
    location = {"location": answer.headers["location"]} if "location" in answer.headers else {}
    return {"resource": resource, "response": {"status": status, **location}}
