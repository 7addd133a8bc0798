"""CDS Hooks over HTTP: feedback on cards."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import httpx
import pytest

from .client import Json
from .hooks import (
    SIGN,
    VISIT_AND_INJECTION,
    cards,
    hook,
    post,
)


def feedback(card: str, **elements: Any) -> Json:
    """Feedback on one card."""
    moment = "2026-11-20T13:30:00Z"
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": moment, **elements}
    return {"feedback": [item]}


def test_feedback_is_counted_by_edit_and_nothing_else_of_it_is_written_down(
    http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    (card,) = cards(http, SIGN, hook(SIGN, VISIT_AND_INJECTION))
    said = {"reason": {"code": "documented", "system": "x"}, "userComment": "Mrs Secret said so"}
    given = feedback(card["uuid"], overrideReason=said)
    given["feedback"] += feedback(str(uuid.uuid4()), outcome="accepted", acceptedSuggestions=[{"id": card["uuid"]}])[
        "feedback"
    ]
    with caplog.at_level(logging.INFO, "fhir_cpt.cds"):
        found = post(http, f"{SIGN}/feedback", given)
    assert (found.status_code, found.json()) == (200, {})
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"feedback on {SIGN}: another card accepted 1",
        f"feedback on {SIGN}: ncci-ptp overridden 1",
    ]


CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "feedback"),
        ({"feedback": []}, "feedback"),
        ({"feedback": {}}, "feedback"),
        ({"feedback": [7]}, "feedback[0]"),
        (feedback("nope"), "feedback[0].card"),
        (feedback(CARD, outcome="ignored"), "feedback[0].outcome"),
        (feedback(CARD, outcome=["accepted"]), "feedback[0].outcome"),
        (feedback(CARD, outcomeTimestamp="yesterday"), "feedback[0].outcomeTimestamp"),
        (feedback(CARD, outcome="accepted"), "feedback[0].acceptedSuggestions"),
        (feedback(CARD, outcome="accepted", acceptedSuggestions=[{}]), "feedback[0].acceptedSuggestions[0].id"),
        (feedback(CARD, overrideReason=7), "feedback[0].overrideReason"),
        (feedback(CARD, overrideReason={"reason": {"code": 7}}), "feedback[0].overrideReason.reason"),
        (feedback(CARD, overrideReason={"userComment": 7}), "feedback[0].overrideReason.userComment"),
    ],
)
def test_feedback_that_is_malformed_is_named(http: httpx.Client, body: Json, path: str) -> None:
    found = post(http, f"{SIGN}/feedback", body)
    assert (found.status_code, found.json()["path"]) == (400, path)
