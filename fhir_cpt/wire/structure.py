"""The structure check of a resource as it comes in: fast for good ones, exact for bad ones.

A good resource is accepted by its msgspec shape (`shapes`). Where the shape refuses, fhir.resources
decides and the faults are told (`faults`). Beyond what fhir.resources refuses, these are faults: a
resource without a `resourceType`, and an element that holds JSON, a number or a boolean as text (fhir.resources would
parse it).
"""

from __future__ import annotations

from typing import Any

import orjson

from fhir_cpt.wire.faults import StructureFault, find_faults, json_kind
from fhir_cpt.wire.models import FhirVersion, resource_model
from fhir_cpt.wire.shapes import accepts

__all__ = ["MAX_FAULTS", "FhirVersion", "StructureFault", "check"]

MAX_FAULTS = 100
"""Faults told of one resource; a last one then says how many more there are."""

_RELEASE: dict[FhirVersion, str] = {"r4": "R4", "r5": "R5"}


def check(version: FhirVersion, resource_type: str | None, raw: bytes) -> list[StructureFault]:
    """The faults of a JSON text as a resource of that type (None: of any type); none for a good one.

    `raw` is UTF-8. Raises nothing for what it holds: bad UTF-8, bad JSON, an unknown resource type and
    nesting without end are faults. At most MAX_FAULTS + 1 are returned.
    """
    if accepts(version, resource_type, raw):
        return []
    try:
        raw.decode()
        resource = orjson.loads(raw)
    except UnicodeDecodeError as error:
        return [_whole(resource_type, "structure", f"The text is not UTF-8: see the byte at offset {error.start}.")]
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return [_whole(resource_type, "structure", f"The text is not JSON: {error.msg} ({place}).")]
    return _capped(_resource_faults(version, resource_type, resource))


def _resource_faults(version: FhirVersion, expected: str | None, resource: Any) -> list[StructureFault]:
    if not isinstance(resource, dict):
        return [_whole(expected, "structure", f"A resource is a JSON object; {json_kind(resource)} was sent.")]
    sent = resource.get("resourceType")
    if sent is None:
        return [_whole(expected, "required", "The resource must have a resourceType.")]
    if not isinstance(sent, str):
        return [_whole(expected, "structure", f"resourceType is a string; {json_kind(sent)} was sent.")]
    model = resource_model(version, sent)
    if model is None:
        return [_whole(expected, "invalid", f"FHIR {_RELEASE[version]} has no resource type {sent[:40]!r}.")]
    if expected not in (None, sent):
        return [_whole(expected, "invalid", f"A {expected} was expected; a {sent} was sent.")]
    try:
        return find_faults(version, model, resource)
    except RecursionError:
        return [_whole(sent, "too-costly", "The resource is nested too deeply to be checked.")]


def _whole(resource_type: str | None, code: str, message: str) -> StructureFault:
    """A fault of the resource as a whole."""
    return StructureFault(resource_type or "Resource", message, code)


def _capped(faults: list[StructureFault]) -> list[StructureFault]:
    more = len(faults) - MAX_FAULTS
    if more <= 0:
        return faults
    root = faults[0].expression.partition(".")[0]
    noun = "fault is" if more == 1 else "faults are"
    return [*faults[:MAX_FAULTS], StructureFault(root, f"{more} more {noun} not listed.", "structure")]
