"""The CDS services that are offered, and what is told of them at `GET /cds-services`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Hook = Literal["order-sign", "order-select", "encounter-discharge"]

_PATIENT = {
    "patient": "Patient/{{context.patientId}}",
    "coverage": "Coverage?patient={{context.patientId}}&status=active",
}
_ORDERS = {**_PATIENT, "conditions": "Condition?patient={{context.patientId}}&clinical-status=active"}
_DISCHARGE = {
    **_PATIENT,
    "encounter": "Encounter/{{context.encounterId}}",
    "conditions": "Condition?encounter=Encounter/{{context.encounterId}}",
    "charges": "ChargeItem?context=Encounter/{{context.encounterId}}",
    "claims": "Claim?encounter=Encounter/{{context.encounterId}}&status=draft",
}
_OPTIONAL = "All prefetch is optional. Codes are looked at in CPT and HCPCS Level II; others are passed over."


@dataclass(frozen=True)
class Service:
    """One CDS service.

    `required` are the texts that the hook's context must have, `orders` tells whether it has draft orders, and
    `selections` whether some of them are selected. Of the prefetch keys in `needs` at least one must be satisfied.
    """

    id: str
    hook: Hook
    title: str
    description: str
    usage: str
    required: tuple[str, ...]
    prefetch: Mapping[str, str] = field(hash=False)
    orders: bool = False
    selections: bool = False
    needs: tuple[str, ...] = ()

    @property
    def described(self) -> Json:
        """The service as discovery tells it."""
        return {
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "id": self.id,
            "prefetch": dict(self.prefetch),
            "usageRequirements": self.usage,
        }


SERVICES = (
    Service(
        id="claim-edits-order-sign",
        hook="order-sign",
        title="Procedure coding of the orders to be signed",
        description="Checks the codes of the orders as on a claim: in force, units, pairs, diagnoses, payer.",
        usage=_OPTIONAL,
        required=("userId", "patientId"),
        prefetch=_ORDERS,
        orders=True,
    ),
    Service(
        id="claim-edits-order-select",
        hook="order-select",
        title="Procedure coding of the orders selected",
        description="Checks the codes of the orders just selected, among all draft orders, as on a claim.",
        usage=_OPTIONAL,
        required=("userId", "patientId"),
        prefetch=_ORDERS,
        orders=True,
        selections=True,
    ),
    Service(
        id="claim-edits-encounter-discharge",
        hook="encounter-discharge",
        title="Procedure coding of what the encounter will be billed for",
        description="Checks the charges and draft claims of the encounter against published coding and billing edits.",
        usage=f"{_OPTIONAL} Of charges and claims one at least is needed.",
        required=("userId", "patientId", "encounterId"),
        prefetch=_DISCHARGE,
        needs=("charges", "claims"),
    ),
)
BY_ID = {service.id: service for service in SERVICES}


def discovery() -> Json:
    """The answer to `GET /cds-services`. Source: CDS Hooks 2.0, discovery."""
    return {"services": [service.described for service in SERVICES]}
