"""CDS Hooks over HTTP: discovery, cards, refusals, feedback."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.claims.shorthand import charge, claim
from fhir_cpt.settings import Settings
from terminology import Release
from terminology.model import CPT, HCPCS, ICD10CM
from terminology.systems import NPI

from .client import TODAY, Json, served
from .hooks import DAY, DISCHARGE, SELECT, SIGN, bundle, cards, edits, hook, order, post

VISIT_AND_INJECTION = (order("20610", "a"), order("99213", "b"))
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01", "gender": "female"}


def reason(code: str) -> Json:
    return {"reasonCode": [{"coding": [{"system": ICD10CM, "code": code}]}]}


def test_discovery_lists_the_services_and_each_of_them_answers(http: httpx.Client) -> None:
    services = http.get("/cds-services").json()["services"]
    assert {service["hook"] for service in services} == {"order-sign", "order-select", "encounter-discharge"}
    for service in services:
        assert service["title"]
        assert service["description"]
        assert all("{{context." in template for template in service["prefetch"].values())
        prefetch = dict.fromkeys(service["prefetch"])
        assert cards(http, service["id"], hook(service["id"], **prefetch)) == []


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


def test_more_findings_than_anybody_reads_end_in_one_card_that_counts_the_rest(http: httpx.Client) -> None:
    found = post(http, SIGN, hook(SIGN, [order(f"Q9{at:03}", str(at)) for at in range(50)])).json()["cards"]
    assert len(found) == 20
    assert found[-1]["summary"] == "31 more findings are not shown"


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


def test_browsers_of_other_origins_are_told_of_only_where_the_settings_say_so(
    http: httpx.Client, sample_release: Release
) -> None:
    asking = {"origin": "https://a.example", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in http.get("/cds-services", headers=asking).headers
    with served(Settings(release=sample_release.folder, today=TODAY, cors=("https://a.example",))) as other:
        assert other.get("/cds-services", headers=asking).headers["access-control-allow-origin"] == "https://a.example"
        assert other.options(f"/cds-services/{SIGN}", headers=asking).status_code == 200


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
