"""HTTP as FHIR uses it: what a request asks for, what an answer is, which format is wanted. No routes here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from fhir_cpt.errors import RequestError
from fhir_cpt.wire.models import FhirVersion

Json = dict[str, Any]

FHIR_JSON = "application/fhir+json"
JSON = "application/json"
FHIR_NUMBERS: dict[FhirVersion, str] = {"r4": "4.0.1", "r5": "5.0.0"}
FHIR_NDJSON = "application/fhir+ndjson"
NDJSON = "application/x-ndjson"
NDJSON_TYPES = (FHIR_NDJSON, "application/ndjson", NDJSON)
"""Content types of resources a line each. Source: FHIR R4, http#ndjson; the others are in use."""
_JSON_TYPES = (FHIR_JSON, "application/json", "text/json", "application/json+fhir")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)
_UTF8 = ("utf-8", "utf8", "us-ascii")
_ANY = ("*/*", "application/*", "")


@dataclass
class Answer:
    """Status, resource (or bytes already encoded), headers and media type of an HTTP answer."""

    resource: Json | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = FHIR_JSON

    @property
    def body(self) -> bytes:
        """The resource as JSON."""
        return self.resource if isinstance(self.resource, bytes) else orjson.dumps(self.resource)


def check_accept(accept: str, wanted: str | None, *, ndjson: bool = False) -> None:
    """Check that the client takes JSON. `wanted` is the parameter `_format`, which wins over the header.

    With `ndjson`, the answer is JSON a line: types of that are fine, too, and so are those of JSON, which many clients
    ask for whatever they send. Raises RequestError 406. Source: FHIR R4, http#mime-type.
    """
    types, offered = (_JSON_TYPES, FHIR_JSON) if not ndjson else ((*_JSON_TYPES, *NDJSON_TYPES), FHIR_NDJSON)
    if wanted is not None:
        short = ("json", "ndjson") if ndjson else ("json",)
        if wanted in short or wanted.split(";")[0].strip().replace(" ", "+") in types:
            return
        raise RequestError(406, "not-supported", f"The format {wanted[:60]!r} is not offered; {offered} is", "_format")
    if accept in (FHIR_JSON, "*/*"):
        return
    kinds = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    if not any(kind in types or is_any(kind) for kind in kinds):
        raise RequestError(406, "not-supported", f"None of {accept[:100]!r} is offered; {offered} is")


def check_sent(content_type: str, encoding: str) -> None:
    """Check that a body is plain UTF-8. Raises RequestError 415. Source: RFC 9110, 8.4; RFC 8259, 8.1."""
    if encoding and encoding.strip().lower() != "identity":
        text = f"The content encoding {encoding[:60]!r} is not taken; send the body as it is"
        raise RequestError(415, "not-supported", text, headers={"accept-encoding": "identity"})
    if "charset" in content_type.lower():
        found = _CHARSET.search(content_type)
        if found and found[1].lower() not in _UTF8:
            raise RequestError(415, "not-supported", f"The charset {found[1][:40]!r} is not taken; JSON is UTF-8")


def is_ndjson(content_type: bytes) -> bool:
    """Whether a body of that content type holds resources a line each."""
    return content_type.split(b";")[0].strip().lower().decode("latin-1") in NDJSON_TYPES


def is_json(kind: str) -> bool:
    """Whether a media type, in lower case and without parameters, is one of those for JSON."""
    return kind in _JSON_TYPES


def is_any(kind: str) -> bool:
    """Whether a media range takes JSON among others."""
    return kind in _ANY


def parse_body(body: bytes, content_type: str) -> Any:
    """The body as JSON. Raises RequestError that says where it is not JSON, or 415 for another content type."""
    kind = content_type.split(";")[0].strip().lower()
    if kind and not is_json(kind):
        raise RequestError(415, "not-supported", f"The content type {kind[:60]!r} is not taken; send {FHIR_JSON}")
    if not body.strip():
        raise RequestError(400, "structure", "The body is empty; a FHIR resource in JSON is expected")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "structure", f"The body is not JSON: {_told(error, body)}") from None


def _told(error: orjson.JSONDecodeError, body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"it is not UTF-8 at byte {wrong.start}"
    return f"{error.msg} at line {error.lineno}, column {error.colno}"
