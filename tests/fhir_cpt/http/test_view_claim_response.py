"""`Claim/$validate` over HTTP, viewed as a ClaimResponse."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.shorthand import charge, claim
from fhir_cpt.rules.code_system import CLAIM_EDIT
from fhir_cpt.wire.claim_response import ADJUDICATION, REMARK
from fhir_cpt.wire.findings import CARC, RARC

from .client import Client, Json, parameters_of
from .views import DAY, GOOD, INJECTION_AND_VISIT, VALIDATE, everywhere, responded, results


def test_a_denied_line_has_its_reason_and_the_claim_an_error(client: Client) -> None:
    found = responded(client, {**claim(INJECTION_AND_VISIT), "id": "c1", "insurer": {"display": "A payer"}})
    assert (found["use"], found["status"], found["outcome"]) == ("predetermination", "active", "error")
    assert found["request"] == {"reference": "Claim/c1"}
    assert found["insurer"] == {"display": "A payer"}
    assert found["patient"] == {"reference": "Patient/example"}
    assert found["created"] == "2026-11-20"
    assert found["disposition"] == "1 error found: as it stands, expect a denial or a rejection."
    first, second = found["item"]
    assert (first["itemSequence"], second["itemSequence"]) == (1, 2)
    submitted, denied = second["adjudication"]
    assert submitted["category"] == {"coding": [{"system": ADJUDICATION, "code": "submitted"}]}
    assert submitted["amount"] == {"value": 100.0, "currency": "USD"}
    assert denied["reason"]["coding"] == [{"system": CARC, "code": "236"}, {"system": CLAIM_EDIT, "code": "ncci-ptp"}]
    assert "amount" not in denied
    error = found["error"][0]
    assert error["itemSequence"] == 2
    assert [coding["code"] for coding in error["code"]["coding"]] == ["ncci-ptp", "236"]
    paths = ["Claim.item[1].productOrService", "Claim.item[0].productOrService"]
    told = error["expression"] if client.version == "r5" else [item["valueString"] for item in error["extension"]]
    assert told == paths
    assert any(note["text"].startswith("Editions used: ") for note in found["processNote"])
    assert any("American Medical Association" in note["text"] for note in found["processNote"])


def test_a_remark_code_stands_with_a_note_that_the_line_refers_to(client: Client) -> None:
    found = responded(client, claim({"date": DAY, "lines": [{"code": "99213", "units": 99}]}))
    number = found["item"][0]["noteNumber"][0]
    note = next(note for note in found["processNote"] if note.get("number") == number)
    assert note["extension"] == [
        {"url": REMARK, "valueCodeableConcept": {"coding": [{"system": RARC, "code": "N362"}]}}
    ]
    assert "99213" in note["text"]


@pytest.mark.parametrize(
    ("spec", "query", "outcome"),
    [
        (GOOD, "", "complete"),
        (INJECTION_AND_VISIT, "", "error"),
        ({**INJECTION_AND_VISIT, "lines": ["20610", {"code": "99213", "modifiers": ["25"]}]}, "", "complete"),
        ({**GOOD, "total": 3}, "", "complete"),
        ({**GOOD, "kind": "pharmacy"}, "&include=ncci", "partial"),
        ({**GOOD, "date": "2031-01-02"}, "&include=ncci", "partial"),
    ],
    ids=["clean", "an error", "a lifted edit", "a warning", "not checked", "out of date"],
)
def test_the_outcome_is_complete_only_where_all_was_checked_and_nothing_is_wrong(
    client: Client, spec: Json, query: str, outcome: str
) -> None:
    assert responded(client, claim(spec), query)["outcome"] == outcome


@pytest.mark.parametrize("spec", [INJECTION_AND_VISIT, {**GOOD, "kind": "pharmacy"}, {"date": DAY, "lines": []}])
@pytest.mark.parametrize("query", ["", "&report=all"])
def test_nothing_that_the_outcome_tells_is_lost(client: Client, spec: Json, query: str) -> None:
    resource = claim(spec)
    outcome = client.post(f"{VALIDATE}?{query}", resource)
    wanted = [issue for issue in outcome.issues if "extension" in issue]
    held = everywhere(responded(client, resource, query))
    told = [item for item in held if "extension" in item]
    assert len(told) == len(wanted) > 0
    for issue in wanted:
        parts = issue["extension"][0]["extension"]
        more = {"severity": issue["severity"], "code": issue["code"]}
        paths = list(issue.get("expression", ()))
        assert any(
            item["reason"]["text"] == issue["details"]["text"]
            and [part for part in item["extension"][0]["extension"] if part["url"] not in ("expression", *more, "fix")]
            == [part for part in parts if part["url"] != "fix"]
            and all(
                {"url": name, "valueCode": value} in item["extension"][0]["extension"] for name, value in more.items()
            )
            and [p["valueString"] for p in item["extension"][0]["extension"] if p["url"] == "expression"] == paths
            for item in told
        ), issue


def test_a_fix_is_contained_as_in_the_outcome(client: Client) -> None:
    resource = claim(INJECTION_AND_VISIT)
    assert responded(client, resource)["contained"] == client.post(VALIDATE, resource).resource["contained"]


def test_details_are_found_by_their_own_sequence_numbers(client: Client) -> None:
    resource = claim({"date": DAY, "lines": ["99213"]})
    code = {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99999X"}]}
    resource["item"][0]["sequence"] = 7
    resource["item"][0]["detail"] = [
        {
            "sequence": 3,
            "productOrService": {"text": "grouping"},
            "subDetail": [{"sequence": 5, "productOrService": code}],
        }
    ]
    found = responded(client, resource)
    assert found["item"][0]["itemSequence"] == 7
    detail = found["item"][0]["detail"][0]
    assert detail["detailSequence"] == 3
    below = detail["subDetail"][0]
    assert below["subDetailSequence"] == 5
    assert ("procedure-unknown", "fail") in results(below["adjudication"])


def test_structural_faults_are_errors_with_their_place(client: Client) -> None:
    resource = claim(GOOD)
    resource["item"][0]["quantity"] = {"value": "two"}
    del resource["patient"]
    found = responded(client, resource)
    assert found["outcome"] == "error"
    codes = {(error["code"]["coding"][0]["code"], error.get("itemSequence")) for error in found["error"]}
    assert {("required", None), ("structure", 1)} <= codes
    assert found["patient"]["extension"][0]["valueCode"] == "unknown"


def test_a_fault_in_a_detail_that_is_no_line_names_the_detail(client: Client) -> None:
    resource = claim(GOOD)
    resource["item"][0]["detail"] = [{"sequence": 4, "productOrService": {"text": "x"}, "quantity": {"value": "two"}}]
    (error,) = responded(client, resource)["error"]
    assert (error["itemSequence"], error["detailSequence"]) == (1, 4)


def test_what_could_not_be_checked_on_several_lines_is_of_the_claim(client: Client) -> None:
    spec = {**GOOD, "kind": "pharmacy"}
    one = responded(client, claim(spec), "&include=ncci")
    assert results(one["item"][0]["adjudication"]) == [("ncci-ptp", "no-data")]
    several = responded(client, claim({**spec, "lines": ["99213", "20610"]}), "&include=ncci")
    assert results(several["adjudication"]) == [("ncci-ptp", "no-data")]
    assert [results(item["adjudication"]) for item in several["item"]] == [[], []]


def test_the_payor_of_the_coverage_is_the_insurer_where_the_claim_names_none(client: Client) -> None:
    coverage = {"resourceType": "Coverage", "id": "example", "status": "active"}
    key = "payor" if client.version == "r4" else "insurer"
    payor: Any = {"display": "The plan"}
    coverage[key] = [payor] if key == "payor" else payor
    parameters = parameters_of(("resource", "resource", claim(GOOD)), ("context", "resource", coverage))
    assert responded(client, parameters)["insurer"] == payor
    assert responded(client, claim(GOOD))["insurer"]["extension"][0]["valueCode"] == "unknown"
    first = {"sequence": 1, "focal": False, "coverage": {"reference": "Coverage/first"}}
    resource = claim(GOOD)
    resource["insurance"] = [first, {**resource["insurance"][0], "sequence": 2}]
    other: Json = {
        **coverage,
        "id": "first",
        key: [{"display": "Another"}] if key == "payor" else {"display": "Another"},
    }
    both = [("context", "resource", item) for item in (other, coverage)]
    assert responded(client, parameters_of(("resource", "resource", resource), *both))["insurer"] == payor


def test_a_charge_gets_a_response_of_one_item_by_its_setting(client: Client) -> None:
    found = responded(client, charge("20610", occurrenceDateTime=DAY))
    assert found["type"]["coding"][0]["code"] == "professional"
    assert "request" not in found
    assert [item["itemSequence"] for item in found["item"]] == [1]
    hospital = responded(client, charge("20610", occurrenceDateTime=DAY), "&setting=outpatient-hospital")
    assert hospital["type"]["coding"][0]["code"] == "institutional"
    group = responded(client, charge("20610", occurrenceDateTime=DAY, subject={"reference": "Group/1"}))
    assert "reference" not in group["patient"]
