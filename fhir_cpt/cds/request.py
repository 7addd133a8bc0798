"""A CDS Hooks request, checked: what the hook says, and what of the prefetch came along.

Source: CDS Hooks 2.0, calling a CDS service; hooks order-sign 1.1, order-select 1.0, encounter-discharge 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fhir_cpt.cds.services import Service
from fhir_cpt.wire.faults import json_kind

Json = Mapping[str, Any]
_TYPES = {"patient": "Patient", "encounter": "Encounter", "coverage": "Coverage", "conditions": "Condition"}
_TYPES |= {"charges": "ChargeItem", "claims": "Claim"}
"""The resource that a prefetch key is about; those found by a search come as a Bundle."""


class HookError(Exception):
    """A call that cannot be answered: HTTP status, a sentence, the element at fault (`context.draftOrders`)."""

    def __init__(self, status: int, text: str, path: str = "", allow: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.path = path
        self.allow = allow

    @property
    def json(self) -> dict[str, str]:
        """The body of the answer; CDS Hooks leaves its form open."""
        return {"error": str(self), "path": self.path} if self.path else {"error": str(self)}


class Placed(NamedTuple):
    """A resource and the element of the request that holds it."""

    resource: Json
    path: str
    full_url: str | None = None


@dataclass(frozen=True)
class HookRequest:
    """What a hook tells.

    `orders` are the draft orders, `selected` the places of those that are selected among them (None: the hook knows
    no selection), `prefetch` the resources of each key that was satisfied; a key whose search found nothing has none.
    """

    patient: str
    orders: tuple[Placed, ...]
    selected: frozenset[str] | None
    prefetch: Mapping[str, tuple[Placed, ...]]


def read(body: Any, service: Service) -> HookRequest:
    """The request. Raises HookError: 400 that names what is wrong, 412 where needed prefetch is missing."""
    if not isinstance(body, dict):
        raise HookError(400, f"A CDS Hooks request is a JSON object, not {json_kind(body)}")
    hook = _text(body, "hook", "")
    if hook != service.hook:
        raise HookError(400, f"{service.id} answers the hook {service.hook}, not {hook[:40]!r}", "hook")
    _text(body, "hookInstance", "")
    context = body.get("context")
    if not isinstance(context, dict):
        raise HookError(400, f"context must be an object, not {json_kind(context)}", "context")
    for name in service.required:
        _text(context, name, "context.")
    if context.get("encounterId") is not None:
        _text(context, "encounterId", "context.")
    orders = _bundle(context.get("draftOrders"), "context.draftOrders") if service.orders else ()
    selected = _selected(context.get("selections"), orders) if service.selections else None
    prefetch = _prefetch(body.get("prefetch"), service)
    if service.needs and not any(name in prefetch for name in service.needs):
        told = " or ".join(f"prefetch.{name}" for name in service.needs)
        raise HookError(412, f"{told} is needed, and this service does not fetch it itself", "prefetch")
    return HookRequest(context["patientId"].removeprefix("Patient/"), orders, selected, prefetch)


def _text(owner: Json, name: str, above: str) -> str:
    value = owner.get(name)
    if not isinstance(value, str) or not value.strip():
        told = "an empty string" if isinstance(value, str) else json_kind(value) if name in owner else "missing"
        raise HookError(400, f"{above}{name} must be a text, and is {told}", f"{above}{name}")
    return value


def _selected(value: Any, orders: tuple[Placed, ...]) -> frozenset[str]:
    """The places of the selected orders, which are named as `ServiceRequest/id`."""
    where = "context.selections"
    if not isinstance(value, list):
        raise HookError(400, f"{where} must be an array, not {json_kind(value)}", where)
    known = {f"{order.resource.get('resourceType')}/{order.resource.get('id')}": order.path for order in orders}
    for at, name in enumerate(value):
        if not isinstance(name, str) or name not in known:
            raise HookError(400, f"{where}[{at}] names none of the draft orders by type and id", f"{where}[{at}]")
    return frozenset(known[name] for name in value)


def _prefetch(value: Any, service: Service) -> dict[str, tuple[Placed, ...]]:
    """The resources of each key that was satisfied. What was prefetched beyond what is asked for is passed over."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise HookError(400, f"prefetch must be an object, not {json_kind(value)}", "prefetch")
    found: dict[str, tuple[Placed, ...]] = {}
    for name in service.prefetch:
        if name not in value:
            continue
        item, where = value[name], f"prefetch.{name}"
        kind = item.get("resourceType") if isinstance(item, dict) else None
        if item is None:  # the client looked, and there is nothing
            found[name] = ()
        elif kind == "OperationOutcome":  # the client could not look
            continue
        elif kind == "Bundle":
            found[name] = _bundle(item, where)
        elif kind == _TYPES[name]:
            found[name] = (Placed(item, where),)
        else:
            told = f"a {kind[:40]}" if isinstance(kind, str) else "no resource"
            raise HookError(400, f"{where} must be a {_TYPES[name]} or a Bundle of them, not {told}", where)
    return found


def _bundle(value: Any, where: str) -> tuple[Placed, ...]:
    """The resources of a Bundle. Raises HookError that names the entry which is none."""
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        kind = value.get("resourceType") if isinstance(value, dict) else None
        told = f"a {kind[:40]}" if isinstance(kind, str) else json_kind(value)
        raise HookError(400, f"{where} must be a Bundle, not {told}", where)
    entries = value.get("entry", [])
    if not isinstance(entries, list):
        raise HookError(400, f"{where}.entry must be an array, not {json_kind(entries)}", f"{where}.entry")
    found = []
    for at, entry in enumerate(entries):
        path = f"{where}.entry[{at}].resource"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise HookError(400, f"{path} must be a resource", path)
        full_url = entry.get("fullUrl")
        found.append(Placed(resource, path, full_url if isinstance(full_url, str) else None))
    return tuple(found)
