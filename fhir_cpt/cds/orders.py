"""Orders read as the ChargeItems that they would become: code, modifiers, units, day, performer. R4 and R5 shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fhir_cpt.claims.codings import codings
from fhir_cpt.claims.json import days_of, dicts, strings
from terminology.period import Day, show
from terminology.systems import PREFERRED, PROCEDURE

Json = Mapping[str, Any]
ORDERS = ("ServiceRequest", "DeviceRequest", "MedicationRequest")
CODED = ("code", "code.concept", "codeCodeableConcept", "medicationCodeableConcept", "medication.concept")
"""Where an order has its code: R4 a CodeableConcept, R5 a CodeableReference."""
_OVER = frozenset({"revoked", "cancelled", "entered-in-error", "completed", "stopped", "ended"})
"""Statuses of orders that nobody will carry out (again). Source: FHIR, request-status, medicationrequest-status."""


class Reason(NamedTuple):
    """Why something is ordered or charged: the concept, and its element below the resource (None: in another one)."""

    concept: Any
    element: str | None


def code_element(order: Json) -> str | None:
    """The element with the order's CPT or HCPCS code; None where it has none, or is not to be done."""
    if order.get("doNotPerform") is True or str(order.get("status")) in _OVER:
        return None
    for element in CODED:
        for system, code, _ in codings(at(order, element)):
            if system and PREFERRED.get(system) in PROCEDURE and len(code) > 2:
                return element
    return None


def as_charge(order: Json, element: str, patient: str, today: Day) -> dict[str, Any]:
    """The ChargeItem that the order would become, for `charges_from`; `element` is that of its code."""
    made: dict[str, Any] = {
        "resourceType": "ChargeItem",
        "code": at(order, element),
        "subject": {"reference": f"Patient/{patient}"},
        "performer": [{"actor": actor} for actor in _performers(order)],
        **_occurrence(order, today),
    }
    for name in ("contained", "id"):
        if name in order:
            made[name] = order[name]
    if (quantity := _quantity(order)) is not None:
        made["quantity"] = quantity
    made["extension"] = [*dicts(order.get("extension")), *_modifiers(order)]
    return made


def reasons(resource: Json) -> Iterator[tuple[Reason, Any]]:
    """The reasons of an order or charge, each with the reference to a Condition where it has one."""
    for name in ("reasonCode", "reason"):
        for place, item in enumerate(dicts(resource.get(name))):
            if "coding" in item:
                yield Reason(item, f"{name}[{place}]"), None
            elif isinstance(item.get("concept"), dict):
                yield Reason(item["concept"], f"{name}[{place}].concept"), None
            else:
                yield Reason(None, None), item.get("reference")
    for item in dicts(resource.get("reasonReference")):
        yield Reason(None, None), item


def coverages(order: Json) -> Sequence[Json]:
    """References to the coverages that the order names."""
    return dicts(order.get("insurance"))


def at(resource: Any, element: str) -> Any:
    """The value at an element such as `code.concept`; None where there is none."""
    for name in element.split("."):
        resource = resource.get(name) if isinstance(resource, dict) else None
    return resource


def _performers(order: Json) -> Iterator[Json]:
    for item in dicts(order.get("performer")):
        inner = item.get("reference")
        yield inner if isinstance(inner, dict) else item  # R5's DeviceRequest has a CodeableReference


def _quantity(order: Json) -> Any:
    """Units of service; what a pharmacy is to hand out is counted otherwise and is left out."""
    quantity = order.get("quantityQuantity")
    if quantity is None and order.get("resourceType") == "DeviceRequest":
        quantity = order.get("quantity")
        return {"value": quantity} if isinstance(quantity, int) else None
    return quantity


def _modifiers(order: Json) -> Iterator[Json]:
    """Modifiers among the details of the order (R4), as the extensions of a ChargeItem."""
    for detail in dicts(order.get("orderDetail")):
        for system, code, _ in codings(detail):
            if len(code) == 2 and system and PREFERRED.get(system) in PROCEDURE:
                yield {"url": "modifier", "valueCode": code}


def _occurrence(order: Json, today: Day) -> dict[str, Any]:
    """The day or days on which it is to be done, else that of the order, else today.

    A month or a year counts from its first day: a plan need not name the day, as a claim must.
    """
    period = order.get("occurrencePeriod")
    if isinstance(period, dict):
        ends = [_day(period.get("start")), _day(period.get("end"))]
        first, last = ends[0] or ends[1], ends[1] or ends[0]
        if first and last and first <= last:
            return {"occurrencePeriod": {"start": first, "end": last}}
    timing = order.get("occurrenceTiming")
    events = strings(timing.get("event")) if isinstance(timing, dict) else []
    bounds = at(timing, "repeat.boundsPeriod.start")
    for text in (order.get("occurrenceDateTime"), *events, bounds, order.get("authoredOn")):
        if (day := _day(text)) is not None:
            return {"occurrenceDateTime": day}
    return {"occurrenceDateTime": show(today)}


def _day(text: Any) -> str | None:
    """The first day that a dateTime names, as `2026-11-21`."""
    days = days_of(text) if isinstance(text, str) else None
    return show(days.start) if days else None
