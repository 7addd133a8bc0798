"""What a hook asks to be checked, as claims: those that orders would become, and the charges and claims it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from fhir_cpt.cds.orders import ORDERS, Reason, as_charge, code_element, coverages, reasons
from fhir_cpt.cds.request import HookRequest, Placed
from fhir_cpt.claims.codings import codings
from fhir_cpt.claims.json import days_of
from fhir_cpt.claims.model import Claim, Diagnosis, Line
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.parties import payers
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.catalogue import BY_ID
from terminology.edits import Setting
from terminology.model import ICD10CM
from terminology.period import Day, show
from terminology.systems import PREFERRED

Json = Mapping[str, Any]
_NOT_OVER = ("active", "draft", None)


class Alias(NamedTuple):
    """The element of a resource that an element of a claim stands for."""

    source: Placed
    element: str


@dataclass
class Work:
    """One claim to check: where its elements come from, by FHIRPath, and the edits that do not speak of it."""

    claim: Claim
    aliases: dict[str, Alias] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()

    def source_of(self, path: str) -> Alias | None:
        """The resource and the element in it that a path of the claim stands for."""
        above = path
        while above:
            if (found := self.aliases.get(above)) is not None:
                rest = path[len(above) :].lstrip(".")
                return Alias(found.source, ".".join(filter(None, (found.element, rest))))
            above = above.rpartition(".")[0]
        return None


@cache
def not_of_orders() -> tuple[str, ...]:
    """The ids of the edits that ask for what an order cannot have (orders.yaml), as far as the catalogue has them."""
    told = yaml.safe_load(files(__package__).joinpath("orders.yaml").read_text("utf-8"))
    return tuple(edit for group in told for edit in group["edits"] if edit in BY_ID)


def work_of(request: HookRequest, today: Day) -> list[Work]:
    """The claims to check. Orders make one claim, device orders another, which a supplier bills; charges a third."""
    at_hand = _at_hand(request)
    of_orders: dict[Setting | None, list[tuple[Placed, str]]] = {}
    for order in request.orders:
        if order.resource["resourceType"] in ORDERS and (element := code_element(order.resource)) is not None:
            setting: Setting | None = "dme" if order.resource["resourceType"] == "DeviceRequest" else None
            of_orders.setdefault(setting, []).append((order, element))
    works = [_orders(group, setting, request, at_hand, today) for setting, group in of_orders.items()]
    brought = (*request.orders, *request.prefetch.get("charges", ()), *request.prefetch.get("claims", ()))
    charges = [item for item in brought if item.resource["resourceType"] == "ChargeItem"]
    if charges:
        works.append(_charges(charges, request, at_hand))
    works += [
        Work(claim_from(item.resource, item.path, at_hand), {item.path: Alias(item, "")})
        for item in brought
        if item.resource["resourceType"] == "Claim"
    ]
    return works


def _at_hand(request: HookRequest) -> Resources:
    found = Resources()
    for placed in request.orders + tuple(item for items in request.prefetch.values() for item in items):
        found.add(placed.resource, placed.full_url)
        found.add(placed.resource, placed.path)  # so that those without an id can be referred to as well
    for patient in request.prefetch.get("patient", ()):
        found.add(patient.resource, f"Patient/{request.patient}")  # also where the resource has no id
    return found


def _orders(
    group: Sequence[tuple[Placed, str]], setting: Setting | None, request: HookRequest, at_hand: Resources, today: Day
) -> Work:
    made = [(as_charge(order.resource, element, request.patient, today), order.path) for order, element in group]
    work = Work(charges_from(made, "context.draftOrders", at_hand, setting), exclude=not_of_orders())
    claim = work.claim
    claim.use = "predetermination"
    named = [item for order, _ in group for item in coverages(order.resource)]
    claim.payers = _payers([{"coverage": item} for item in named], request, at_hand)
    for order, element in group:
        work.aliases[order.path] = Alias(order, "")
        work.aliases[f"{order.path}.code"] = Alias(order, element)
    _diagnose(work, [order for order, _ in group], at_hand)
    return work


def _charges(charges: Sequence[Placed], request: HookRequest, at_hand: Resources) -> Work:
    day = _day_of_encounter(request)
    made = [(_dated(item.resource, day), item.path) for item in charges]
    work = Work(charges_from(made, "prefetch.charges", at_hand), {item.path: Alias(item, "") for item in charges})
    work.claim.payers = _payers([], request, at_hand)
    _diagnose(work, charges, at_hand)
    return work


def _dated(charge: Json, day: Day | None) -> Json:
    """The charge; one without a day gets that of the encounter, where that lasted one day alone."""
    if day is None or any(name.startswith("occurrence") for name in charge):
        return charge
    return {**charge, "occurrenceDateTime": show(day)}


def _day_of_encounter(request: HookRequest) -> Day | None:
    for item in request.prefetch.get("encounter", ()):
        period = item.resource.get("period") or item.resource.get("actualPeriod")  # R4, R5
        ends = [period.get("start"), period.get("end")] if isinstance(period, dict) else []
        days = [days_of(text) for text in ends if isinstance(text, str)]
        if len(days) == 2 and days[0] is not None and days[0] == days[1] and days[0].start == days[0].end:
            return days[0].start
    return None


def _payers(insurance: list[Json], request: HookRequest, at_hand: Resources) -> frozenset[str]:
    """Who may pay: by the coverages that the orders name, else by the patient's active ones."""
    if insurance:
        return frozenset(payers({"insurance": insurance}, at_hand))
    held = [
        item
        for item in request.prefetch.get("coverage", ())
        if item.resource["resourceType"] == "Coverage" and item.resource.get("status") in _NOT_OVER
    ]
    return frozenset(payers({"insurance": [{"coverage": {"reference": item.path}} for item in held]}, at_hand))


def _diagnose(work: Work, sources: Iterable[Placed], at_hand: Resources) -> None:
    """Give the claim the ICD-10-CM diagnoses that its orders or charges name as reasons, each once, and point there."""
    claim = work.claim
    lines: dict[str, Line] = {line.path: line for line in claim.lines}
    known: dict[str, Diagnosis] = {}
    for source in sources:
        pointers = []
        for reason in _resolved(source.resource, at_hand):
            for system, code, _ in codings(reason.concept):
                if PREFERRED.get(system or "") != ICD10CM:
                    continue
                found = known.get(key := code.replace(".", "").upper())
                if found is None:
                    sequence = len(known) + 1
                    path = f"{source.path}.diagnosis[{sequence - 1}].diagnosisCodeableConcept"
                    if reason.element is not None:
                        work.aliases[path] = Alias(source, reason.element)
                    else:
                        path = f"{source.path}.diagnosis[{sequence - 1}].diagnosisReference"
                    found = known[key] = Diagnosis(sequence, code, ICD10CM, path)
                pointers.append(found.sequence)
                break
        lines[source.path].pointers = tuple(dict.fromkeys(pointers))
    claim.diagnoses = tuple(known.values())


def _resolved(resource: Json, at_hand: Resources) -> Iterator[Reason]:
    """The reasons of a resource; of one that refers to a Condition, the Condition's code."""
    for reason, reference in reasons(resource):
        condition = at_hand.find(reference, resource) if reference is not None else None
        yield reason if condition is None else Reason(condition.get("code"), None)
