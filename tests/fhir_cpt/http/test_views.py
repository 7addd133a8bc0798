"""The views of `Claim/$validate` over HTTP: ClaimResponse, and flat JSON."""

from __future__ import annotations

import functools
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.claims.shorthand import charge, claim
from fhir_cpt.rules.code_system import CLAIM_EDIT
from fhir_cpt.wire import flat
from fhir_cpt.wire.claim_response import ADJUDICATION, REMARK
from fhir_cpt.wire.findings import CARC, RARC, RESULT

from .client import FHIR, Client, Json, Reply, check, parameters_of
from .test_claims import WRONG_TYPES

VALIDATE = "Claim/$validate"
DAY = "2026-10-15"
GOOD = {"date": DAY, "lines": ["99213"]}
INJECTION_AND_VISIT = {"date": DAY, "lines": ["20610", "99213"], "dx": ["M17.11"]}
BOTH = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": claim(GOOD)}]}
BOTH["entry"].append({"resource": claim(INJECTION_AND_VISIT)})  # type: ignore[attr-defined]


@functools.cache
def schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(orjson.loads(flat.schema()))


def responded(client: Client, resource: Json, query: str = "") -> Json:
    """The ClaimResponse for a resource."""
    found = client.post(f"{VALIDATE}?_view=claim-response{query}", resource)
    assert found.status == 200, found.resource
    assert found.kind == "ClaimResponse"
    return found.resource


def flattened(client: Client, resource: Any, query: str = "", **options: Any) -> Json:
    """The flat view of a resource, which fulfils its schema."""
    path = f"/{client.version}/{VALIDATE}?_view=flat{query}"
    found = client.http.post(path, content=orjson.dumps(resource), headers={"content-type": FHIR, **options})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "application/json"
    schema().validate(found.json())
    return dict(found.json())


def results(adjudications: list[Json]) -> list[tuple[str, str]]:
    """Edit and state of each result among adjudications."""
    found = []
    for item in adjudications:
        for extension in item.get("extension", ()):
            assert extension["url"] == RESULT
            state = next(part["valueCode"] for part in extension["extension"] if part["url"] == "state")
            edit = next(coding["code"] for coding in item["reason"]["coding"] if coding["system"] == CLAIM_EDIT)
            found.append((edit, state))
    return found


def everywhere(response: Json) -> list[Json]:
    """Every adjudication of a ClaimResponse."""
    found = list(response.get("adjudication", ()))
    for item in response.get("item", ()):
        found += item["adjudication"]
        for detail in item.get("detail", ()):
            found += detail["adjudication"]
            for below in detail.get("subDetail", ()):
                found += below["adjudication"]
    return found


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


def test_a_bundle_is_answered_claim_by_claim_in_its_order(client: Client) -> None:
    found = client.post(f"{VALIDATE}?_view=claim-response", BOTH)
    assert (found.kind, found.resource["type"]) == ("Bundle", "collection")
    assert [entry["resource"]["outcome"] for entry in found.resource["entry"]] == ["complete", "error"]
    for entry in found.resource["entry"]:
        check(entry["resource"], client.version)
    verdicts = flattened(client, BOTH)
    assert verdicts["result"] == "fail"
    assert [one["result"] for one in verdicts["claims"]] == ["pass", "fail"]
    assert [one["path"] for one in verdicts["claims"]] == [f"Bundle.entry[{at}].resource" for at in (0, 1)]


def test_structural_faults_stand_with_the_claim_that_they_are_in(client: Client) -> None:
    broken = {**BOTH, "entry": [{"resource": claim(GOOD)}, {"resource": {**claim(GOOD), "status": 7}}]}
    found = client.post(f"{VALIDATE}?_view=claim-response", broken).resource["entry"]
    assert [entry["resource"]["outcome"] for entry in found] == ["complete", "error"]
    assert [one["counts"]["errors"] for one in flattened(client, broken)["claims"]] == [0, 1]


def test_charges_in_a_bundle_make_one_response_of_as_many_items(client: Client) -> None:
    entries = [{"resource": charge(code, occurrenceDateTime=DAY, id=code)} for code in ("20610", "99213")]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = client.post(f"{VALIDATE}?_view=claim-response", bundle).resource["entry"][0]["resource"]
    assert [item["itemSequence"] for item in found["item"]] == [1, 2]
    assert ("ncci-ptp", "fail") in results(found["item"][1]["adjudication"])
    one = flattened(client, bundle)["claims"][0]
    assert (one["path"], one["id"], one["findings"][0]["lines"]) == ("Bundle", None, [2, 1])


def test_the_flat_view_tells_what_a_script_needs(client: Client) -> None:
    found = flattened(client, {**claim(INJECTION_AND_VISIT), "id": "c1"})
    assert (found["result"], found["id"], found["path"]) == ("fail", "c1", "Claim")
    finding, past = found["findings"]
    assert (past["state"], past["line"], found["counts"]["without_history"]) == ("no-data", None, 1)
    assert finding["line"] == 2
    assert finding["lines"] == [2, 1]
    assert (finding["severity"], finding["edit"], finding["state"]) == ("error", "ncci-ptp", "fail")
    assert (finding["code"], finding["remark"]) == ("236", None)
    assert finding["path"] == "Claim.item[1].productOrService"
    assert finding["fix"]["changes"][0]["path"] == "Claim.item[1]"
    assert found["counts"]["errors"] == 1
    assert any(edition.startswith("ptp-practitioner 2026q4") for edition in found["editions"])


@pytest.mark.parametrize(
    ("spec", "query", "result"),
    [
        (GOOD, "", "pass"),
        (GOOD, "&report=all", "pass"),
        (INJECTION_AND_VISIT, "", "fail"),
        ({**GOOD, "total": 3}, "", "warn"),
        ({**GOOD, "kind": "pharmacy"}, "&include=ncci", "unchecked"),
        ({**GOOD, "date": "2031-01-02"}, "&include=ncci", "unchecked"),
    ],
    ids=["clean", "clean with all", "an error", "a warning", "not checked", "out of date"],
)
def test_the_result_is_pass_only_where_all_was_checked_and_nothing_is_wrong(
    client: Client, spec: Json, query: str, result: str
) -> None:
    assert flattened(client, claim(spec), query)["result"] == result


def test_structural_faults_are_findings_of_no_line(client: Client) -> None:
    found = flattened(client, {**claim({**GOOD, "lines": ["80053"]}), "status": 7})
    assert found["result"] == "fail"
    assert [(one["edit"], one["line"], one["path"]) for one in found["findings"]] == [
        ("structure", None, "Claim.status")
    ]


def test_the_schema_is_served_and_refuses_what_is_none(http: httpx.Client) -> None:
    found = http.get("/verdict.schema.json")
    assert found.headers["content-type"] == "application/schema+json"
    jsonschema_rs.meta.validate(found.json())
    assert not schema().is_valid({"result": "fine", "claims": []})


@pytest.mark.parametrize(
    ("accept", "media", "kind"),
    [
        ("application/fhir+json", FHIR, "OperationOutcome"),
        ("application/json", FHIR, "OperationOutcome"),
        ("*/*", FHIR, "OperationOutcome"),
        ("application/fhir+json; view=outcome", FHIR, "OperationOutcome"),
        ("application/fhir+json; view=claim-response", FHIR, "ClaimResponse"),
        ("application/json;view=claim-response", FHIR, "ClaimResponse"),
        ("application/json; view=flat", "application/json", None),
        ('application/json; charset=utf-8; view="flat"', "application/json", None),
        ("application/json; view=flat; q=0.5, application/fhir+json; view=claim-response", FHIR, "ClaimResponse"),
        ("application/json; view=nonsense, application/json; view=flat", "application/json", None),
        ("text/html, */*; q=0.1; view=claim-response", FHIR, "ClaimResponse"),
        ("application/json; view=flat; q=0, */*", FHIR, "OperationOutcome"),
    ],
)
def test_the_header_accept_chooses_too(client: Client, accept: str, media: str, kind: str | None) -> None:
    headers = {"content-type": FHIR, "accept": accept}
    found = client.http.post(f"/{client.version}/{VALIDATE}", json=claim(GOOD), headers=headers)
    assert found.status_code == 200
    assert found.headers["content-type"] == media
    assert found.json().get("resourceType") == kind


@pytest.mark.parametrize("accept", ["application/json; view=nonsense", "application/fhir+json; view=flat"])
def test_a_header_that_takes_no_view_that_is_offered_is_refused(client: Client, accept: str) -> None:
    found = client.post(VALIDATE, claim(GOOD), headers={"content-type": FHIR, "accept": accept})
    assert found.status == 406
    assert "outcome, claim-response, flat" in found.texts


def test_the_parameter_wins_over_the_header_and_stands_in_parameters_too(client: Client) -> None:
    parameters = parameters_of(("resource", "resource", claim(GOOD)), ("_view", "code", "claim-response"))
    headers = {"content-type": FHIR, "accept": "application/json; view=flat"}
    assert client.post(VALIDATE, parameters, headers=headers).kind == "ClaimResponse"
    assert client.post(f"{VALIDATE}?_view=outcome", claim(GOOD), headers=headers).kind == "OperationOutcome"


@pytest.mark.parametrize("view", ["nonsense", "FLAT", "fhir", "claim-response%20"])
def test_an_unknown_view_is_refused_with_those_that_are_known(client: Client, view: str) -> None:
    for kind in ("Claim", "ChargeItem"):
        found = client.post(f"{kind}/$validate?_view={view}", claim(GOOD))
        assert found.status == 400
        assert view == "claim-response%20" or "outcome, claim-response, flat" in found.texts
        assert found.issues[0]["expression"] == ["_view"]


def test_what_cannot_be_validated_is_an_outcome_in_every_view(client: Client) -> None:
    for view in ("claim-response", "flat"):
        found = client.post(f"{VALIDATE}?_view={view}", {"resourceType": "Patient"})
        assert (found.status, found.kind) == (400, "OperationOutcome")


def test_in_a_batch_there_are_resources_alone(client: Client) -> None:
    entries = [
        {"request": {"method": "POST", "url": f"{VALIDATE}?_view={view}"}, "resource": claim(GOOD)}
        for view in ("claim-response", "flat")
    ]
    found = client.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    response, refused = found.resource["entry"]
    assert response["resource"]["resourceType"] == "ClaimResponse"
    assert refused["response"]["status"].startswith("400")


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=lambda wrong: ",".join(wrong))
@pytest.mark.parametrize("base", [{}, GOOD], ids=["bare", "good"])
def test_values_of_the_wrong_type_make_neither_view_invalid(client: Client, wrong: Json, base: Json) -> None:
    resource = {**(claim(base) if base else {"resourceType": "Claim"}), **wrong}
    assert responded(client, resource)["outcome"] == "error"
    assert flattened(client, resource)["result"] == "fail"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.just("http://x y"),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["reference", "display", "coding"]), inner)
    ),
    max_leaves=4,
)


@given(
    whole=st.dictionaries(
        st.sampled_from(["type", "patient", "insurer", "insurance", "identifier", "id", "item", "subject"]), _ANY
    ),
    item=st.dictionaries(st.sampled_from(["sequence", "net", "detail", "quantity"]), _ANY),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_copied_from_the_claim_never_makes_an_answer_invalid(client: Client, whole: Json, item: Json) -> None:
    resource = claim(INJECTION_AND_VISIT)
    resource["item"][0].update(item)
    resource.update(whole)
    found: Reply = client.post(f"{VALIDATE}?_view=claim-response", resource)
    assert found.status == 200, found.resource
    flattened(client, resource)
