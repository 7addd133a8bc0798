"""CDS Hooks over HTTP: no order, request, size or header breaks a service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .client import Json
from .hooks import (
    DAY,
    DISCHARGE,
    SIGN,
    VISIT_AND_INJECTION,
    bundle,
    cards,
    hook,
    order,
    post,
)

_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.sampled_from(["25", DAY]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["coding", "concept", "reference", "code", "value", "start", "end", "event", "repeat", "system"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_ELEMENTS = [
    "id",
    "code",
    "occurrencePeriod",
    "occurrenceTiming",
    "occurrenceDateTime",
    "authoredOn",
    "quantityQuantity",
]
_ELEMENTS += [
    "quantity",
    "performer",
    "reasonCode",
    "reasonReference",
    "reason",
    "insurance",
    "supportingInfo",
    "extension",
]
_ELEMENTS += ["orderDetail", "medication", "codeCodeableConcept", "contained", "subject", "item", "diagnosis", "status"]


@given(
    kind=st.sampled_from(["ServiceRequest", "DeviceRequest", "MedicationRequest", "Claim", "ChargeItem"]),
    elements=st.dictionaries(st.sampled_from(_ELEMENTS), _ANY, max_size=6),
    coded=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_order_breaks_a_service(http: httpx.Client, kind: str, elements: Json, coded: bool) -> None:
    sent = {**order("J1030"), "resourceType": kind, **elements}
    if coded:
        sent["code"] = order("J1030")["code"]
    found = post(http, SIGN, hook(SIGN, [sent, *VISIT_AND_INJECTION]))
    assert found.status_code == 200, found.text
    asked = hook(DISCHARGE, charges=bundle(sent), claims=bundle(sent), coverage=bundle(sent), encounter=None)
    assert post(http, DISCHARGE, asked).status_code == 200


@given(context=_ANY, prefetch=_ANY)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_a_service(http: httpx.Client, context: Any, prefetch: Any) -> None:
    for body in ({**hook(SIGN), "context": context}, {**hook(SIGN), "prefetch": prefetch}, context):
        assert post(http, SIGN, body).status_code < 500
        assert post(http, f"{SIGN}/feedback", {"feedback": [body]}).status_code == 400


def test_a_large_request_is_answered_too(http: httpx.Client) -> None:
    orders = [order("99213", str(at), note=[{"text": "x" * 300}]) for at in range(400)]
    assert len(cards(http, SIGN, hook(SIGN, orders))) == 20


@pytest.mark.parametrize("host", ["[::1", "x y", "\xe9", ""])
def test_no_host_header_breaks_a_service(http: httpx.Client, host: str) -> None:
    body = hook(SIGN, VISIT_AND_INJECTION)
    found = http.post(f"/cds-services/{SIGN}", json=body, headers={"host": host.encode("latin-1")})
    assert found.status_code in (200, 400)
