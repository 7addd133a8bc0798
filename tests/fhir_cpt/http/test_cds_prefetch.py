"""CDS Hooks over HTTP: what diagnoses, coverage and patient that come with draft orders say of them."""

from __future__ import annotations

import httpx

from .hooks import (
    PATIENT,
    SIGN,
    bundle,
    cards,
    edits,
    hook,
    order,
    post,
    reason,
)


def test_a_reason_that_is_a_heading_is_replaced_in_the_order(http: httpx.Client) -> None:
    sent = order("99213", **reason("U99"))
    (card,) = cards(http, SIGN, hook(SIGN, [sent]))
    assert edits([card]) == ["diagnosis-not-billable"]
    made = card["suggestions"][0]["actions"][0]["resource"]
    assert made == {**sent, **reason("U99.8")}
    in_r5 = order("99213", reason=[{"concept": reason("U99")["reasonCode"][0]}])
    (other,) = post(http, SIGN, hook(SIGN, [in_r5])).json()["cards"]
    mended = other["suggestions"][0]["actions"][0]["resource"]["reason"]
    assert mended == [{"concept": reason("U99.8")["reasonCode"][0]}]


def test_a_reason_in_a_condition_is_told_and_the_condition_left_alone(http: httpx.Client) -> None:
    condition = {"resourceType": "Condition", "id": "c", "code": reason("U99")["reasonCode"][0]}
    sent = order("99213", reasonReference=[{"reference": "Condition/c"}])
    assert cards(http, SIGN, hook(SIGN, [sent])) == []  # the condition is not at hand
    (card,) = cards(http, SIGN, hook(SIGN, [sent], conditions=bundle(condition)))
    assert edits([card]) == ["diagnosis-not-billable"]
    assert "suggestions" not in card


def test_problems_that_no_order_names_are_no_reasons(http: httpx.Client) -> None:
    condition = {"resourceType": "Condition", "id": "c", "code": reason("U99")["reasonCode"][0]}
    assert cards(http, SIGN, hook(SIGN, [order("99213")], conditions=bundle(condition))) == []


def test_the_payer_is_that_of_the_coverage(http: httpx.Client) -> None:
    coverage = {"resourceType": "Coverage", "status": "active", "payor": [{"identifier": {"value": "medicare-part-b"}}]}
    not_covered = order("99396")
    assert cards(http, SIGN, hook(SIGN, [not_covered])) == []
    found = cards(http, SIGN, hook(SIGN, [not_covered], coverage=bundle(coverage)))
    assert edits(found) == ["procedure-not-covered"]
    other = {**coverage, "id": "o", "payor": [{"display": "Another"}]}
    named = {**not_covered, "insurance": [{"reference": "Coverage/o"}]}
    assert cards(http, SIGN, hook(SIGN, [named], coverage=bundle(coverage, other))) == []
    assert cards(http, SIGN, hook(SIGN, [not_covered], coverage=bundle({**coverage, "status": "cancelled"}))) == []


def test_the_patient_matters_and_is_missed_only_where_it_does(http: httpx.Client) -> None:
    newborn = order("99213", **reason("Z00.110"))
    (asked,) = cards(http, SIGN, hook(SIGN, [newborn]))
    assert (edits([asked]), asked["indicator"]) == (["diagnosis-age"], "info")
    assert "birthDate" in asked["summary"]
    (wrong,) = cards(http, SIGN, hook(SIGN, [newborn], patient=PATIENT))
    assert "age" in wrong["summary"]
    nameless = {key: value for key, value in PATIENT.items() if key != "id"}
    assert len(cards(http, SIGN, hook(SIGN, [newborn], patient=nameless))) == 1
    assert cards(http, SIGN, hook(SIGN, [newborn], patient={**PATIENT, "birthDate": "2026-10-14"})) == []
    unborn = {"resourceType": "Patient", "id": "p"}
    assert cards(http, SIGN, hook(SIGN, [newborn], patient=unborn)) == []  # looked for, and not known
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    assert len(cards(http, SIGN, hook(SIGN, [newborn], patient=outcome))) == 1
