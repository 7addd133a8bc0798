"""CDS Hooks over HTTP: cards on the charges and draft claims of an encounter that ends."""

from __future__ import annotations

import httpx

from fhir_cpt.claims.shorthand import charge, claim

from .hooks import (
    DAY,
    DISCHARGE,
    PATIENT,
    bundle,
    cards,
    edits,
    hook,
    post,
)


def test_at_discharge_charges_and_draft_claims_are_checked(http: httpx.Client) -> None:
    charges = [{**charge(code, occurrenceDateTime=DAY), "id": code} for code in ("20610", "99213")]
    (card,) = cards(http, DISCHARGE, hook(DISCHARGE, charges=bundle(*charges)))
    assert edits([card]) == ["ncci-ptp"]
    made = card["suggestions"][0]["actions"][0]["resource"]
    assert (made["id"], made["code"]["coding"][0]["code"]) == ("99213", "99213:25")
    draft = claim({"date": DAY, "lines": ["99213"], "total": 3})
    (card,) = cards(http, DISCHARGE, hook(DISCHARGE, claims=bundle(draft), charges=None))
    assert (edits([card]), card["indicator"]) == (["claim-total-mismatch"], "info")


def test_a_charge_without_a_day_has_that_of_an_encounter_of_one_day(http: httpx.Client) -> None:
    undated = bundle({**charge("99213"), "id": "x"})
    assert edits(cards(http, DISCHARGE, hook(DISCHARGE, charges=undated))) == ["line-date-missing"]
    visit = {"resourceType": "Encounter", "id": "e", "period": {"start": f"{DAY}T09:00:00Z", "end": f"{DAY}T10:00:00Z"}}
    assert cards(http, DISCHARGE, hook(DISCHARGE, charges=undated, encounter=visit)) == []
    stay = {**visit, "period": {"start": "2026-10-12", "end": DAY}}
    assert edits(cards(http, DISCHARGE, hook(DISCHARGE, charges=undated, encounter=stay))) == ["line-date-missing"]


def test_at_discharge_nothing_can_be_said_without_charges_or_claims(http: httpx.Client) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    for prefetch in ({}, {"patient": PATIENT}, {"charges": outcome}):
        found = post(http, DISCHARGE, hook(DISCHARGE, **prefetch))
        assert found.status_code == 412
        assert found.json()["path"] == "prefetch"
        assert "prefetch.charges or prefetch.claims" in found.json()["error"]
