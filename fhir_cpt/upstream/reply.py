"""What an upstream answered: checked, and signed with who it was. And what is said where none did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import orjson

from fhir_cpt.upstream.question import UNKNOWN_SYSTEM, Question
from fhir_cpt.wire.http import FHIR_NUMBERS, Answer
from fhir_cpt.wire.outcome import issue, outcome

Json = dict[str, Any]
ANSWERED_BY = "x-answered-by"
"""The output parameter (of an expansion, the expansion's) with the base URL of the server that answered."""

DAY, MINUTES, SECONDS = 86_400, 300, 10
"""For how many seconds an answer is kept: one that names the version it is of; one that does not; an error."""

_SAID = (400, 404, 422)
"""The statuses, beside 200, of an answer to the question itself, as an OperationOutcome."""
_OUTPUT = {"lookup": "", "validate-code": "result", "subsumes": "outcome"}
"""Operation that answers Parameters → the output that must be among them."""


class Failure(Exception):
    """An upstream did not answer: an IssueType, and the rest of a sentence that begins with its name.

    `unwell` tells that it can be expected to fail with other questions too, `again` that it may be asked once more.
    """

    def __init__(self, code: str, text: str, *, unwell: bool = False, again: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.unwell = unwell
        self.again = again


class Reply(msgspec.Struct, frozen=True):
    """A checked answer: HTTP status, the signed resource as JSON, and for how many seconds it may be kept.

    It is not `conclusive` where the upstream does not know the thing asked about; another may.
    """

    status: int
    content: bytes
    seconds: int
    conclusive: bool


def checked(question: Question, upstream: str, status: int, content_type: str, body: bytes) -> Reply:
    """The reply in an HTTP answer of the upstream with that base URL. Raises Failure for what is no such reply."""
    if status not in (200, *_SAID):
        raise Failure("exception", f"answered with status {status}")
    _check_version(question, content_type)
    try:
        resource = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Failure("exception", f"did not answer in JSON (status {status})") from None
    wanted = "OperationOutcome" if status != 200 else "ValueSet" if question.operation == "expand" else "Parameters"
    if not isinstance(resource, dict) or resource.get("resourceType") != wanted:
        raise Failure("exception", f"answered with something other than {wanted} (status {status})")
    known, versioned = _sign(question, resource, wanted, upstream)
    conclusive = status == 200 and known
    seconds = (DAY if versioned or question.pinned else MINUTES) if conclusive else SECONDS
    try:
        return Reply(status, orjson.dumps(resource), seconds, conclusive)
    except orjson.JSONEncodeError:
        raise Failure("exception", "answered with a resource that is nested too deeply") from None


def _check_version(question: Question, content_type: str) -> None:
    """Raises Failure where the content type names another version of FHIR. Source: FHIR R4, http#version-parameter."""
    expected = FHIR_NUMBERS[question.version].rpartition(".")[0]
    for part in content_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "fhirversion" and not value.strip('"').startswith(expected):
            raise Failure("exception", f"speaks FHIR {value[:20]}, not {expected}")


def _sign(question: Question, resource: Json, kind: str, upstream: str) -> tuple[bool, bool]:
    """Write into the resource who answered; tell whether it knew the code system, and whether it names a version.

    Raises Failure where what is written into is not there as FHIR has it.
    """
    signature = {"name": ANSWERED_BY, "valueUri": upstream}
    if kind == "OperationOutcome":
        issues = _listed(resource, "issue", kind)
        issues.append(issue("information", "informational", f"This is the answer of {upstream}"))
        return False, False
    if kind == "ValueSet":
        expansion = resource.get("expansion")
        if not isinstance(expansion, dict):
            raise Failure("exception", "answered with a ValueSet that has no expansion")
        items = _listed(expansion, "parameter", kind)
        versions = [item for item in items if item.get("name") in ("version", "used-codesystem")]
        items.append(signature)
        return True, any("|" in str(item.get("valueUri", item.get("valueCanonical"))) for item in versions)
    items = _listed(resource, "parameter", kind)
    names = {item.get("name") for item in items}
    if (must := _OUTPUT[question.operation]) and must not in names:
        raise Failure("exception", f"answered without {must}")
    items.append(signature)
    return UNKNOWN_SYSTEM not in names, "version" in names


def _listed(holder: Json, name: str, kind: str) -> list[Json]:
    items = holder.setdefault(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Failure("exception", f"answered with a {kind} whose {name} is not a list of objects")
    return items


def unanswered(local: Answer, failures: Sequence[tuple[str, Failure]]) -> Answer:
    """The answer from here alone, with an issue for each upstream (base URL) that did not answer."""
    resource: Json = orjson.loads(local.body)
    issues = [issue("warning", failure.code, f"{upstream} {failure}") for upstream, failure in failures]
    if resource.get("resourceType") == "OperationOutcome":
        resource["issue"] += issues
    else:
        told = next(_outcomes(resource), None)
        if told is None:
            resource["parameter"].append({"name": "issues", "resource": outcome(issues)})
        else:
            told["issue"] += issues
    return Answer(orjson.dumps(resource), local.status, local.headers)


def _outcomes(parameters: Json) -> Iterator[Json]:
    for item in parameters["parameter"]:
        if item["name"] == "issues" and "resource" in item:
            yield item["resource"]
