"""Runs an operation where upstreams may be asked: what they may better is left open, with the question for them."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.upstream.question import Unsettled, caused_by_unknown_system, question
from fhir_cpt.wire.http import Answer
from terminology.errors import CodeSystemUnknown, ValueSetUnknown
from terminology.systems import PREFERRED


def handled(operation: Operation, call: Call, query: bytes, failed: Callable[[Exception], Answer]) -> Answer:
    """The operation's answer; Unsettled where it lacks a code system or value set that an upstream may know.

    `query` is the query string as it came; `failed` gives the answer that tells a client of a failure. Raises what the
    operation raises, but for CodeSystemUnknown and ValueSetUnknown.
    """
    try:
        answer = operation.handle(call)
    except (CodeSystemUnknown, ValueSetUnknown) as failure:
        return _open(failed(failure), operation, call, query, of_set=type(failure) is ValueSetUnknown)
    if operation.name == "validate-code" and caused_by_unknown_system(answer):
        return _open(answer, operation, call, query, of_set=False)
    return answer


def _open(answer: Answer, operation: Operation, call: Call, query: bytes, *, of_set: bool) -> Answer:
    """The answer with the question that upstreams may be asked; as it is where they may not be."""
    if call.instance is not None or call.resource_type is None:
        return answer
    posted = orjson.loads(call.raw) if call.raw else {}
    if posted and posted["resourceType"] != "Parameters":
        posted = {"parameter": [{"name": operation.body, "resource": posted}]}
    systems = call.served.release.code_systems
    held = {*systems, *(other for other, url in PREFERRED.items() if url in systems)}
    asked = question(call.version, call.resource_type, operation.name, query, posted, held, of_set=of_set)
    return answer if asked is None else Unsettled(answer.resource, answer.status, answer.headers, question=asked)
