"""CDS Hooks over HTTP: cards on draft orders, and the orders that their suggestions make of them."""

from __future__ import annotations

import httpx
import pytest

from fhir_cpt.claims.shorthand import charge, claim
from terminology.model import CPT, HCPCS
from terminology.systems import NPI

from .client import Json
from .hooks import (
    DAY,
    PATIENT,
    SELECT,
    SIGN,
    VISIT_AND_INJECTION,
    cards,
    edits,
    hook,
    order,
    post,
    reason,
)


def test_an_order_that_is_fine_gets_no_card(http: httpx.Client) -> None:
    assert cards(http, SIGN, hook(SIGN, [order("99213", **reason("I10"))], patient=PATIENT)) == []


def test_two_orders_that_may_not_be_paid_together_get_a_card(http: httpx.Client) -> None:
    (card,) = cards(http, SIGN, hook(SIGN, VISIT_AND_INJECTION))
    assert edits([card]) == ["ncci-ptp"]
    assert card["indicator"] == "warning"
    assert "99213" in card["summary"]
    assert "NCCI" in card["source"]["label"]
    assert card["links"][0]["url"] == f"{http.base_url}/codes/cpt/99213?date={DAY}"
    assert http.get(card["links"][0]["url"], headers={"accept": "text/html"}).status_code == 200
    assert "suggestions" not in card  # which modifier holds is known once the service is done
    assert len(card["overrideReasons"]) > 1


def test_an_ended_code_comes_with_the_order_under_its_successor(http: httpx.Client) -> None:
    sent = order("J1030", code={"coding": [{"system": HCPCS, "code": "J1030", "display": "x"}], "text": "a steroid"})
    (card,) = cards(http, SIGN, hook(SIGN, [sent]))
    assert edits([card]) == ["procedure-not-in-force"]
    (suggestion,) = card["suggestions"]
    made = suggestion["actions"][0]["resource"]
    assert made == {**sent, "code": {"coding": [{"system": HCPCS, "code": "J1010"}], "text": "a steroid"}}
    assert cards(http, SIGN, hook(SIGN, [made])) == []


@pytest.mark.parametrize(
    ("kind", "elements", "path"),
    [
        ("ServiceRequest", {"code": {"concept": {"coding": [{"system": HCPCS, "code": "J1030"}]}}}, "code.concept"),
        (
            "DeviceRequest",
            {"codeCodeableConcept": {"coding": [{"system": HCPCS, "code": "J1030"}]}},
            "codeCodeableConcept",
        ),
        ("DeviceRequest", {"code": {"concept": {"coding": [{"system": HCPCS, "code": "J1030"}]}}}, "code.concept"),
        (
            "MedicationRequest",
            {"medicationCodeableConcept": {"coding": [{"system": HCPCS, "code": "J1030"}]}},
            "medicationCodeableConcept",
        ),
        (
            "MedicationRequest",
            {"medication": {"concept": {"coding": [{"system": HCPCS, "code": "J1030"}]}}},
            "medication.concept",
        ),
    ],
)
def test_orders_of_each_kind_are_read_and_mended_in_r4_and_r5_shapes(
    http: httpx.Client, kind: str, elements: Json, path: str
) -> None:
    sent = {"resourceType": kind, "id": "1", "authoredOn": DAY, **elements}
    found = post(http, SIGN, hook(SIGN, [sent])).json()["cards"]
    assert edits(found) == ["procedure-not-in-force"]
    made = found[0]["suggestions"][0]["actions"][0]["resource"]
    for name in path.split("."):
        made = made[name]
    assert made["coding"][0]["code"] == "J1010"


@pytest.mark.parametrize(
    "elements",
    [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]}},
        {"code": {"text": "a blood test"}},
        {"code": {"reference": {"reference": "ActivityDefinition/1"}}},
        {"doNotPerform": True},
        {"status": "revoked"},
    ],
    ids=["LOINC", "text", "a reference", "not to be done", "revoked"],
)
def test_what_has_no_code_of_ours_or_is_not_to_be_done_is_passed_over(http: httpx.Client, elements: Json) -> None:
    assert cards(http, SIGN, hook(SIGN, [order("J1030", **elements)])) == []


@pytest.mark.parametrize(
    ("elements", "ended"),
    [
        ({"occurrenceDateTime": "2026-03-31"}, False),
        ({"occurrenceDateTime": "2026-04-01T09:00:00Z"}, True),
        ({"occurrenceDateTime": None, "occurrencePeriod": {"start": "2026-04-01", "end": "2026-04-02"}}, True),
        ({"occurrenceDateTime": None, "occurrencePeriod": {"end": "2026-03-30"}}, False),
        ({"occurrenceDateTime": None, "occurrenceTiming": {"event": ["2026-03-31"]}}, False),
        (
            {"occurrenceDateTime": None, "occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-03-31"}}}},
            False,
        ),
        ({"occurrenceDateTime": None, "authoredOn": "2026-03-31"}, False),
        ({"occurrenceDateTime": "2026-03", "authoredOn": "2026-04-01"}, False),
        ({"occurrenceDateTime": "2026-02-30", "authoredOn": "2026-04-01"}, True),
        ({"occurrenceDateTime": None}, True),
        ({"occurrenceDateTime": "2027-05-01"}, True),
    ],
)
def test_the_day_is_that_of_the_order_else_when_it_was_written_else_today(
    http: httpx.Client, elements: Json, ended: bool
) -> None:
    found = post(http, SIGN, hook(SIGN, [order("C9990", **elements)])).json()["cards"]
    assert ("procedure-not-in-force" in edits(found)) is ended


def test_modifiers_of_an_order_count(http: httpx.Client) -> None:
    modifier = {"coding": [{"system": CPT, "code": "25"}]}
    injection = order("20610", "a")
    for visit in (
        order("99213:25", "b"),
        order("99213", "b", orderDetail=[modifier]),
        order("99213", "b", extension=[{"url": "https://x.example/modifier", "valueCodeableConcept": modifier}]),
        order("99213", "b", code={"coding": [{"system": CPT, "code": "99213"}, {"system": CPT, "code": "25"}]}),
    ):
        assert cards(http, SIGN, hook(SIGN, [injection, visit])) == []


def test_an_order_is_not_blamed_for_what_billing_adds(http: httpx.Client) -> None:
    wrong = {"identifier": {"system": NPI, "value": "1234567890"}}
    assert cards(http, SIGN, hook(SIGN, [order("99213", performer=[wrong])])) == []
    charged = charge("99213", occurrenceDateTime=DAY, performer=[{"actor": wrong}])
    assert edits(cards(http, SIGN, hook(SIGN, [charged]))) == ["claim-provider-npi"]


def test_orders_for_different_performers_are_no_pair(http: httpx.Client) -> None:
    orders = [
        {**item, "performer": [{"reference": f"Practitioner/{at}"}]} for at, item in enumerate(VISIT_AND_INJECTION)
    ]
    assert cards(http, SIGN, hook(SIGN, orders)) == []
    orders[1]["performer"] = orders[0]["performer"]
    assert len(cards(http, SIGN, hook(SIGN, orders))) == 1


def test_units_count_and_what_a_pharmacy_hands_out_does_not(http: httpx.Client) -> None:
    found = cards(http, SIGN, hook(SIGN, [order("99213", quantityQuantity={"value": 99})]))
    assert edits(found) == ["ncci-mue-date"]
    medication = {"coding": [{"system": HCPCS, "code": "J1010"}]}
    handed = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "medicationCodeableConcept": medication,
        "authoredOn": DAY,
        "dispenseRequest": {"quantity": {"value": 10_000}},
    }
    assert cards(http, SIGN, hook(SIGN, [handed])) == []


def test_of_the_draft_orders_those_selected_are_spoken_of(http: httpx.Client) -> None:
    orders = [*VISIT_AND_INJECTION, order("J1030", "c"), order("C9990", "d")]
    assert edits(cards(http, SELECT, hook(SELECT, orders, "ServiceRequest/c"))) == ["procedure-not-in-force"]
    assert edits(cards(http, SELECT, hook(SELECT, orders, "ServiceRequest/a"))) == ["ncci-ptp"]
    assert cards(http, SELECT, hook(SELECT, orders)) == []
    assert len(cards(http, SIGN, hook(SIGN, orders))) == 3


def test_claims_and_charges_among_the_draft_orders_are_checked_as_what_they_are(http: httpx.Client) -> None:
    draft = {**claim({"date": DAY, "lines": ["20610", "99213"], "dx": ["M17.11"]}), "id": "k"}
    (card,) = cards(http, SIGN, hook(SIGN, [draft]))
    made = card["suggestions"][0]["actions"][0]["resource"]
    assert made["item"][1]["modifier"] == [{"coding": [{"system": CPT, "code": "25"}]}]
    assert "modifier" not in made["item"][0]
    assert cards(http, SIGN, hook(SIGN, [made])) == []
    charged = {**charge("J1030", occurrenceDateTime=DAY), "id": "h"}
    (card,) = cards(http, SELECT, hook(SELECT, [charged], "ChargeItem/h"))
    assert card["suggestions"][0]["actions"][0]["resource"]["code"]["coding"][0]["code"] == "J1010"


def test_more_findings_than_anybody_reads_end_in_one_card_that_counts_the_rest(http: httpx.Client) -> None:
    found = post(http, SIGN, hook(SIGN, [order(f"Q9{at:03}", str(at)) for at in range(50)])).json()["cards"]
    assert len(found) == 20
    assert found[-1]["summary"] == "31 more findings are not shown"
