"""Requests of CDS Hooks, written short, and answers that are checked against what the specification asks of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from fhir_cpt.cds.services import BY_ID
from fhir_cpt.claims.shorthand import system_of
from terminology.model import ICD10CM

from .client import check

Json = dict[str, Any]
SIGN = "claim-edits-order-sign"
SELECT = "claim-edits-order-select"
DISCHARGE = "claim-edits-encounter-discharge"
DAY = "2026-10-15"
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01", "gender": "female"}
_CARD = {"uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons"}
_CARD |= {"links"}


def order(code: str, at: str = "1", /, **elements: Any) -> Json:
    """A draft ServiceRequest (R4) for a code; `elements` replace its own, or take them away (None)."""
    made: Json = {
        "resourceType": "ServiceRequest",
        "id": at,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": system_of(code.split(":")[0]), "code": code}]},
        "occurrenceDateTime": DAY,
        **elements,
    }
    return {name: value for name, value in made.items() if value is not None}


VISIT_AND_INJECTION = (order("20610", "a"), order("99213", "b"))
"""Drafts of a visit and an injection, which are not paid together without a modifier."""


def reason(code: str) -> Json:
    """The elements of an order (R4) that give a diagnosis as its reason."""
    return {"reasonCode": [{"coding": [{"system": ICD10CM, "code": code}]}]}


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}


def hook(service: str, orders: Iterable[Json] = (), *selected: str, **prefetch: Any) -> Json:
    """The request of a service's hook."""
    context: Json = {"userId": "Practitioner/x", "patientId": "p"}
    if service == DISCHARGE:
        context["encounterId"] = "e"
    else:
        context["draftOrders"] = bundle(*orders)
    if service == SELECT:
        context["selections"] = list(selected)
    made: Json = {"hook": BY_ID[service].hook, "hookInstance": str(uuid.uuid4()), "context": context}
    return {**made, "prefetch": prefetch} if prefetch else made


def post(http: httpx.Client, service: str, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return http.post(f"/cds-services/{service}", content=content, headers={"content-type": "application/json"})


def cards(http: httpx.Client, service: str, body: Any) -> list[Json]:
    """The cards of an answer, each as CDS Hooks 2.0 has it."""
    found = post(http, service, body)
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "application/json"
    assert set(found.json()) == {"cards"}
    made: list[Json] = found.json()["cards"]
    for card in made:
        assert set(card) <= _CARD
        uuid.UUID(card["uuid"])
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert card["source"]["label"]
        assert ("suggestions" in card) is ("selectionBehavior" in card)
        for suggestion in card.get("suggestions", ()):
            assert suggestion["label"]
            uuid.UUID(suggestion["uuid"])
            for action in suggestion["actions"]:
                assert (action["type"], bool(action["description"])) == ("update", True)
                check(action["resource"], "r4")
        for reason in card.get("overrideReasons", ()):
            assert set(reason) == {"code", "system", "display"}
        for link in card.get("links", ()):
            assert link["type"] == "absolute"
    return made


def edits(found: list[Json]) -> list[str]:
    """The edit of each card."""
    return [card["source"]["topic"]["code"] for card in found]
