"""CDS Hooks over HTTP: requests that are refused, and what is said of them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .client import Json
from .hooks import (
    DISCHARGE,
    SELECT,
    SIGN,
    VISIT_AND_INJECTION,
    bundle,
    hook,
    post,
)


def without(name: str, body: Json) -> Json:
    """The request without an element, which is named by its path."""
    head, _, rest = name.partition(".")
    return {
        key: without(rest, value) if rest and key == head else value
        for key, value in body.items()
        if rest or key != head
    }


@pytest.mark.parametrize("service", [SIGN, SELECT, DISCHARGE])
@pytest.mark.parametrize("name", ["hook", "hookInstance", "context", "context.userId", "context.patientId"])
def test_what_every_hook_must_have_is_named_where_it_is_missing(http: httpx.Client, service: str, name: str) -> None:
    found = post(http, service, without(name, hook(service, charges=None)))
    assert found.status_code == 400
    assert found.json()["path"] == name


@pytest.mark.parametrize(
    ("service", "name"),
    [(SIGN, "draftOrders"), (SELECT, "draftOrders"), (SELECT, "selections"), (DISCHARGE, "encounterId")],
)
def test_what_a_hook_must_have_is_named_where_it_is_missing(http: httpx.Client, service: str, name: str) -> None:
    found = post(http, service, without(f"context.{name}", hook(service, charges=None)))
    assert (found.status_code, found.json()["path"]) == (400, f"context.{name}")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"hook": "order-select"}, "hook"),
        ({"hook": 7}, "hook"),
        ({"hookInstance": " "}, "hookInstance"),
        ({"context": []}, "context"),
        ({"context": {"userId": 1}}, "context.userId"),
        ({"context": {"userId": "u", "patientId": "p", "draftOrders": {}}}, "context.draftOrders"),
        (
            {"context": {"userId": "u", "patientId": "p", "encounterId": 1, "draftOrders": bundle()}},
            "context.encounterId",
        ),
        (
            {"context": {"userId": "u", "patientId": "p", "draftOrders": {"resourceType": "Bundle", "entry": {}}}},
            "context.draftOrders.entry",
        ),
        (
            {"context": {"userId": "u", "patientId": "p", "draftOrders": {"resourceType": "Bundle", "entry": [{}]}}},
            "context.draftOrders.entry[0].resource",
        ),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": {"patient": "Patient/p"}}, "prefetch.patient"),
        ({"prefetch": {"patient": {"resourceType": "Device"}}}, "prefetch.patient"),
        ({"prefetch": {"coverage": [1]}}, "prefetch.coverage"),
        (
            {"prefetch": {"conditions": {"resourceType": "Bundle", "entry": [{"resource": {}}]}}},
            "prefetch.conditions.entry[0].resource",
        ),
    ],
)
def test_what_is_malformed_is_named(http: httpx.Client, changes: Json, path: str) -> None:
    found = post(http, SIGN, {**hook(SIGN), **changes})
    assert found.status_code == 400
    assert found.json()["path"] == path
    assert path.rpartition(".")[2].partition("[")[0] in found.json()["error"]


@pytest.mark.parametrize("selected", ["ServiceRequest/zzz", "a", 7])
def test_a_selection_of_what_is_not_there_is_named(http: httpx.Client, selected: Any) -> None:
    found = post(http, SELECT, hook(SELECT, VISIT_AND_INJECTION, "ServiceRequest/a", selected))
    assert (found.status_code, found.json()["path"]) == (400, "context.selections[1]")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", f"/cds-services/{SIGN}", 405, "POST"),
        ("PUT", f"/cds-services/{SIGN}", 405, "POST"),
        ("GET", f"/cds-services/{SIGN}/feedback", 405, "POST"),
        ("POST", "/cds-services", 405, "GET, HEAD"),
        ("POST", "/cds-services/nope", 404, None),
        ("GET", "/cds-services/nope", 404, None),
        ("POST", "/cds-services/nope/feedback", 404, None),
    ],
)
def test_what_is_not_offered_is_refused_in_json(
    http: httpx.Client, method: str, path: str, status: int, allow: str | None
) -> None:
    found = http.request(method, path, content=b"{}")
    assert (found.status_code, found.headers.get("allow")) == (status, allow)
    assert found.json()["error"]
    assert status != 404 or SIGN in found.json()["error"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"[]", {}, 400),
        (b"null", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b" " * (3 << 20), {}, 413),
    ],
)
@pytest.mark.parametrize("path", [f"/cds-services/{SIGN}", f"/cds-services/{SIGN}/feedback"])
def test_a_body_that_cannot_be_read_is_refused(
    http: httpx.Client, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    found = http.post(path, content=body, headers=headers)
    assert found.status_code == status
    assert found.json()["error"]
