"""Create and delete of what makes up the history: Claim, ChargeItem and ClaimResponse. FHIR: http#create, http#delete.

The resource itself is not kept, so it cannot be read back; the answer says what is kept of it.
"""

from __future__ import annotations

import logging
from typing import Any

from fhir_cpt.claims.prior import TOLD, Past
from fhir_cpt.errors import RequestError
from fhir_cpt.history.keeper import Keeper, NotKept
from fhir_cpt.history.store import StoreUnavailable
from fhir_cpt.wire.arguments import pairs
from fhir_cpt.wire.http import Answer, parse_body
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.outcome import issue, outcome
from fhir_cpt.wire.structure import check
from terminology.period import Day

log = logging.getLogger(__name__)

TYPES = TOLD
_ALWAYS = ("_format", "_pretty")
_RETRY_AFTER = "10"
"""Seconds after which a store that did not answer may be asked again."""
HOW = (
    "To keep prior claims and authorizations here, start the server with --history (FHIR_CPT_HISTORY) and a secret in "
    "FHIR_CPT_HISTORY_SALT"
)


def create(
    keeper: Keeper, version: FhirVersion, kind: str, body: bytes, content_type: str, prefer: str, base: str, today: Day
) -> Answer:
    """Keep what the resource tells of the past: 201, or 200 where it was known by one of its identifiers.

    Raises RequestError: 400 for what is no such resource, 422 for one that is faulty or may not be kept, 503.
    """
    resource = parse_body(body, content_type)
    found = resource.get("resourceType") if isinstance(resource, dict) else None
    if found != kind:
        raise RequestError(400, "structure", f"A {kind} is expected here", "resourceType")
    if faults := check(version, kind, body):
        failure = RequestError(422, "structure", f"The {kind} is not good FHIR")
        failure.issues = [issue("error", fault.code, fault.message, expression=[fault.expression]) for fault in faults]
        raise failure
    try:
        stored = keeper.keep(resource, today)
    except NotKept as refused:
        raise RequestError(422, refused.code, str(refused), refused.expression) from None
    except StoreUnavailable as failure:
        raise _unavailable(failure) from None
    if stored.past is None:
        return _said("Nothing is kept of it" + (", and what was kept before is removed." if stored.replaced else "."))
    headers = {"location": f"{base}/{kind}/{stored.id}"}
    status = 200 if stored.replaced else 201
    if "return=minimal" in prefer.replace(" ", ""):
        return Answer(b"", status, headers)
    return _said(f"Kept for the patient's history: {_kept(stored.past)}.", status, headers)


def delete(keeper: Keeper, kind: str, name: str | None, query: bytes) -> Answer:
    """Remove what is kept of a resource, by its id here or by `identifier=system|value`; 200 also where nothing was.

    Raises RequestError: 400 for other parameters, 503.
    """
    identifiers = []
    for parameter, value in pairs(query):
        if parameter == "identifier" and name is None:
            identifiers.append(value)
        elif parameter not in _ALWAYS:
            raise RequestError(
                400, "not-supported", f"Unknown parameter {parameter[:60]!r}. Known: identifier", parameter[:60]
            )
    if name is None and (len(identifiers) != 1 or not all(identifiers[0].partition("|")[::2])):
        raise RequestError(
            400, "required", f"Name what to remove: {kind}/[id], or {kind}?identifier=system|value", "identifier"
        )
    try:
        removed = keeper.remove(kind, name) if name is not None else keeper.remove_identified(kind, identifiers[0])
    except StoreUnavailable as failure:
        raise _unavailable(failure) from None
    return _said("Removed." if removed else f"Nothing is kept of such a {kind}.")


def _kept(past: Past) -> str:
    if past.kind == "request":
        return f"a request for authorization of {_counted(len(past.asked), 'item')}"
    if past.reply is not None:
        return "the payer's answer to a request for authorization"
    return _counted(len(past.lines), "line")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _said(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    said: dict[str, Any] = outcome([issue("information", "informational", text)])
    return Answer(said, status, headers or {})


def _unavailable(failure: StoreUnavailable) -> RequestError:
    log.error("the history could not be changed: %s", failure)  # which names no patient
    return RequestError(
        503, "transient", "The history does not answer now. Try again later.", headers={"retry-after": _RETRY_AFTER}
    )
