"""`Claim/$validate` and `ChargeItem/$validate` over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fhir_cpt.claims.shorthand import charge, claim
from terminology.model import CANONICAL

from .client import Client, Json, Reply, check, parameters_of

VALIDATE = "Claim/$validate"
RESULT = f"{CANONICAL}StructureDefinition/claim-edit-result"
EDIT = f"{CANONICAL}CodeSystem/claim-edit"
DAY = "2026-10-15"
GOOD = {"date": DAY, "lines": ["80053"]}
"""A claim on which no edit speaks, not even of what went before it."""
INJECTION_AND_VISIT = {"date": DAY, "lines": ["20610", "99213"], "dx": ["M17.11"]}


def edits(reply: Reply) -> dict[str, tuple[str, str]]:
    """State and severity of each edit found, by its id, but for those that only lack the patient's history."""
    assert reply.status == 200, reply.texts
    found = {}
    for issue in told(reply):
        for extension in issue.get("extension", ()):
            assert extension["url"] == RESULT
            parts = {part["url"]: part for part in extension["extension"]}
            found[issue["details"]["coding"][0]["code"]] = (parts["state"]["valueCode"], issue["severity"])
    return found


def told(reply: Reply) -> list[Json]:
    """The issues, but for the one that says that nothing is known of what went before the claim."""
    return [issue for issue in reply.issues if "no prior claims" not in issue["details"]["text"]]


def faults(reply: Reply) -> list[str]:
    """Where the structure is at fault."""
    return [issue["expression"][0] for issue in reply.issues if "expression" in issue and "extension" not in issue]


def closing(reply: Reply) -> str:
    """What the last issue says: the editions used."""
    last = reply.issues[-1]
    assert (last["severity"], last["code"]) == ("information", "informational")
    return str(last["details"]["text"])


def test_a_good_claim_gets_the_editions_used_and_nothing_else(client: Client) -> None:
    found = client.post(VALIDATE, claim(GOOD))
    assert found.status == 200
    assert len(found.issues) == 1
    assert closing(found).startswith("Editions used: cpt 2026")
    assert "mue-practitioner 2026q4" in closing(found)
    assert "American Medical Association" in found.issues[0]["diagnostics"]


def test_a_bad_claim_is_answered_200_with_what_is_wrong_where_and_how_to_mend_it(client: Client) -> None:
    found = client.post(VALIDATE, claim(INJECTION_AND_VISIT))
    assert edits(found) == {"ncci-ptp": ("fail", "error")}
    issue = found.issues[0]
    assert issue["code"] == "business-rule"
    assert issue["expression"] == ["Claim.item[1].productOrService", "Claim.item[0].productOrService"]
    assert [coding["system"].rsplit("/", 1)[1] for coding in issue["details"]["coding"]] == [
        "claim-edit",
        "claim-adjustment-reason-codes",
    ]
    parts = issue["extension"][0]["extension"]
    named = {part["url"]: part for part in parts if part["url"] != "evidence"}
    assert set(named) == {"state", "disposition", "citation", "edition", "fix"}
    assert named["disposition"]["valueCode"] in ("deny", "reject", "review", "inform")
    assert named["edition"]["valueString"].startswith("ptp-practitioner 2026q4")
    evidence = {
        item["extension"][0]["valueString"]: item["extension"][1]["valueString"]
        for item in parts
        if item["url"] == "evidence"
    }
    assert (evidence["column1"], evidence["column2"], evidence["indicator"]) == ("20610", "99213", "1")


def test_a_fix_is_a_contained_patch_that_the_finding_refers_to(client: Client) -> None:
    found = client.post(VALIDATE, claim(INJECTION_AND_VISIT))
    fix = next(part for part in found.issues[0]["extension"][0]["extension"] if part["url"] == "fix")
    parts = {part["url"]: part for part in fix["extension"]}
    assert parts["documentation"]["valueBoolean"] is True
    contained = {f"#{item['id']}": item for item in found.resource["contained"]}
    patch = contained.pop(parts["patch"]["valueReference"]["reference"])
    assert contained == {}
    check(patch, client.version)
    operation = {part["name"]: part for part in patch["parameter"][0]["part"]}
    assert operation["type"]["valueCode"] == "add"
    assert operation["path"]["valueString"] == "Claim.item[1]"
    assert operation["value"]["valueCodeableConcept"]["coding"][0]["code"] == "25"


def test_a_lifted_edit_is_told_as_bypassed(client: Client) -> None:
    lines = ["20610", {"code": "99213", "modifiers": ["25"]}]
    found = client.post(VALIDATE, claim({**INJECTION_AND_VISIT, "lines": lines}))
    assert edits(found)["ncci-ptp"][0] == "bypassed"


@pytest.mark.parametrize(
    ("parameters", "states"),
    [
        ((), {"ncci-ptp": "fail"}),
        ((("include", "string", "ncci"),), {"ncci-ptp": "fail"}),
        ((("include", "string", "ncci-ptp"), ("include", "string", "claim")), {"ncci-ptp": "fail"}),
        ((("include", "string", "diagnosis"),), {}),
        ((("exclude", "string", "ncci-ptp"),), {"modifier-25-needed": "fail"}),
        ((("exclude", "string", "ncci"), ("exclude", "code", "modifier")), {}),
        ((("payer", "string", "medicare-part-b"),), {"ncci-ptp": "fail"}),
        ((("payer", "uri", "default"), ("report", "code", "findings")), {"ncci-ptp": "fail"}),
        ((("setting", "code", "practitioner"),), {"ncci-ptp": "fail"}),
        ((("mode", "code", "create"), ("profile", "canonical", "http://x.example/p")), {"ncci-ptp": "fail"}),
    ],
)
def test_parameters_stand_beside_the_resource_or_in_the_query(
    client: Client, parameters: tuple[tuple[str, str, Any], ...], states: dict[str, str]
) -> None:
    resource = claim(INJECTION_AND_VISIT)
    wrapped = client.call(VALIDATE, ("resource", "resource", resource), *parameters)
    assert {edit: state for edit, (state, _) in edits(wrapped).items()} == states
    query = [(name, value) for name, _, value in parameters]
    in_query = client.post(VALIDATE, resource, params=query)
    assert in_query.resource == wrapped.resource


def test_the_setting_chooses_the_tables(client: Client) -> None:
    found = client.post(f"{VALIDATE}?setting=outpatient-hospital", claim(INJECTION_AND_VISIT))
    assert "mue-hospital 2026q4" in closing(found)
    assert "mue-practitioner" not in closing(found)


def test_all_that_passed_is_told_on_request(client: Client) -> None:
    every = edits(client.post(f"{VALIDATE}?report=all", claim(GOOD)))
    assert every["ncci-ptp"] == ("pass", "information")
    assert len(every) > 20
    assert {state for state, _ in every.values()} <= {"pass", "no-data", "bypassed"}


def test_the_context_tells_of_the_patient(client: Client) -> None:
    resource = claim({"date": DAY, "lines": ["99213"], "dx": ["C61"]})
    patient = {"resourceType": "Patient", "id": "example", "gender": "female", "birthDate": "1960-01-01"}
    alone = client.call(VALIDATE, ("resource", "resource", resource), ("include", "string", "diagnosis-sex"))
    known = client.call(
        VALIDATE,
        ("resource", "resource", resource),
        ("context", "resource", patient),
        ("context", "resource", {"resourceType": "Coverage", "id": "unused"}),
        ("include", "string", "diagnosis-sex"),
    )
    assert edits(known) != edits(alone)
    assert edits(known)["diagnosis-sex"][0] == "fail"


def test_a_charge_is_validated_by_itself_under_either_type(client: Client) -> None:
    resource = charge("20610", occurrenceDateTime=DAY)
    own = client.post("ChargeItem/$validate", resource)
    assert edits(own) == {}
    assert "cpt 2026" in closing(own)
    assert client.post(VALIDATE, resource).resource == own.resource


def test_charges_of_one_patient_in_a_bundle_are_looked_at_together(client: Client) -> None:
    entries = [{"resource": charge(code, occurrenceDateTime=DAY)} for code in ("20610", "99213")]
    together = client.post(VALIDATE, {"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert edits(together)["ncci-ptp"][0] == "fail"
    assert together.issues[0]["expression"][0].startswith("Bundle.entry[1].resource.code")
    entries[1]["resource"]["subject"] = {"reference": "Patient/another"}
    apart = client.post(VALIDATE, {"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert "ncci-ptp" not in edits(apart)


def test_each_claim_of_a_bundle_is_validated_and_placed(client: Client) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:5b3e7c1a-0f0e-4d6c-9d6f-3a9f6f0c1a11", "resource": claim(GOOD)},
            {"resource": claim(INJECTION_AND_VISIT)},
            {"resource": {"resourceType": "Patient", "id": "example"}},
        ],
    }
    found = client.post(VALIDATE, bundle)
    places = [place for issue in told(found) for place in issue.get("expression", ())]
    assert places == [f"Bundle.entry[1].resource.item[{at}].productOrService" for at in (1, 0)]


def test_structural_faults_stand_beside_what_the_edits_find(client: Client) -> None:
    resource = claim(INJECTION_AND_VISIT)
    resource["status"] = 7
    resource["colour"] = "red"
    del resource["created"]
    resource["item"][0]["servicedDate"] = "2026-02-30"
    found = client.post(VALIDATE, resource)
    places = faults(found)
    assert {"Claim.status", "Claim.created", "Claim"} <= set(places)
    assert any(place.startswith("Claim.item[0].serviced") for place in places)
    codes = {issue["code"] for issue in found.issues if "extension" not in issue}
    assert {"structure", "required"} <= codes  # each by its own code
    assert "line-date-invalid" in edits(found)


def test_faults_within_parameters_are_placed_as_the_findings_are(client: Client) -> None:
    resource = {**claim(INJECTION_AND_VISIT), "status": 7}
    patient = {"resourceType": "Patient", "birthDate": 7}
    found = client.call(VALIDATE, ("context", "resource", patient), ("resource", "resource", resource))
    assert set(faults(found)) == {"Claim.status", "Parameters.parameter[0].resource.birthDate"}
    assert told(found)[-2]["expression"][0].startswith("Claim.item[1]")


def test_a_claim_for_a_day_that_no_edition_reaches_is_told_so_once_a_table(client: Client) -> None:
    found = client.post(VALIDATE, claim({**GOOD, "date": "2026-11-01"}))
    assert "Out of date" not in found.texts
    late = client.post(VALIDATE, claim({**GOOD, "date": "2031-01-02"}))
    stale = [issue["details"]["text"] for issue in late.issues if issue["details"]["text"].startswith("Out of date")]
    assert len(stale) == len(set(stale)) > 1
    assert all("2031-01-02" in text for text in stale)


@pytest.mark.parametrize(
    ("kind", "lines", "code"),
    [("professional", 50, "80053"), ("institutional", 999, "99213"), ("professional", 1, "25")],
)
def test_claims_of_any_length_are_answered(client: Client, kind: str, lines: int, code: str) -> None:
    found = client.post(VALIDATE, claim({"date": DAY, "kind": kind, "lines": [code] * lines}))
    assert found.status == 200
    assert edits(found)


def test_of_findings_without_end_the_first_are_told_and_the_others_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fhir_cpt.wire.findings.MOST", 20)
    found = client.post(VALIDATE, claim({"date": DAY, "lines": ["20610", "99213"] * 12}))
    listed = [issue for issue in found.issues if "extension" in issue]
    *_, rest, last = found.issues
    assert len(listed) == 20
    assert last["details"]["text"].startswith("Editions used")
    assert (rest["severity"], rest["code"]) == ("error", "too-costly")
    counted = re.fullmatch(r"(\d+) more findings are not listed: .*ncci-ptp \((\d+)\).*", rest["details"]["text"])
    assert counted
    told = sum(issue["details"]["coding"][0]["code"] == "ncci-ptp" for issue in listed)
    assert told + int(counted[2]) == 12


def test_an_empty_claim_is_a_claim_with_faults(client: Client) -> None:
    found = client.post(VALIDATE, {"resourceType": "Claim"})
    assert edits(found)["claim-no-lines"][0] == "fail"
    assert {"Claim.status", "Claim.use", "Claim.patient"} <= set(faults(found))


WRONG_TYPES: list[Any] = [
    {"item": "x"},
    {"item": [7, None, [], "x", {}]},
    {"item": [{"productOrService": "99213"}]},
    {"item": [{"productOrService": {"coding": "99213"}}]},
    {"item": [{"productOrService": {"coding": [{"code": 99213, "system": 1}]}}]},
    {"item": [{"productOrService": {"coding": [{"code": "99213"}]}, "quantity": {"value": "two"}}]},
    {"item": [{"quantity": {"value": 1e308}, "net": {"value": 1e308}, "factor": -1e308}]},
    {"item": [{"quantity": {"value": 2**64 - 1}, "unitPrice": {"value": -(2**63)}}]},
    {"item": [{"sequence": "one", "diagnosisSequence": ["1"], "careTeamSequence": [{}]}]},
    {"item": [{"servicedPeriod": {"start": 2026, "end": []}}, {"servicedPeriod": "2026"}]},
    {"item": [{"servicedDate": "0000-00-00"}, {"servicedDate": "9999-12-31"}, {"servicedDate": "0001-01-01"}]},
    {"item": [{"servicedPeriod": {"start": "0001-01-01", "end": "9999-12-31"}}] * 3},
    {"item": [{"modifier": [{"coding": [{"code": None}]}], "locationCodeableConcept": []}]},
    {"item": [{"detail": [{"subDetail": [{"productOrService": {"coding": [{"code": "25"}]}}]}]}]},
    {"diagnosis": [{"sequence": 1.5, "diagnosisCodeableConcept": {"coding": [{"code": "E11"}]}}] * 2},
    {"diagnosis": [{"diagnosisReference": {"reference": "#self"}}], "contained": [{"id": "self"}, 1]},
    {"diagnosis": {"sequence": True}},
    {"careTeam": [{"sequence": [], "provider": {"reference": "#x"}}], "provider": []},
    {"patient": {"reference": "#p"}, "contained": [{"resourceType": "Patient", "id": "p", "birthDate": 7}]},
    {"insurance": [{"coverage": {"reference": "Claim/1"}, "preAuthRef": [1, None]}], "id": "1"},
    {"total": {"value": "many"}, "billablePeriod": [], "supportingInfo": ["x", {"sequence": {}}]},
    {"type": {"coding": [{"code": ["professional"]}]}, "subType": 1, "use": {}, "insurer": "Medicare"},
    {"extension": "x", "meta": [], "id": {}, "language": 0, "text": {"div": 1}},
]


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=lambda wrong: ",".join(wrong))
@pytest.mark.parametrize("base", [{}, GOOD], ids=["bare", "good"])
def test_values_of_the_wrong_type_are_faults_and_nothing_worse(client: Client, wrong: Json, base: Json) -> None:
    resource = {**(claim(base) if base else {"resourceType": "Claim"}), **wrong}
    found = client.post(VALIDATE, resource)
    assert found.status == 200
    assert any(issue["severity"] == "error" for issue in found.issues)
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}] * 2}
    assert client.post(VALIDATE, bundle).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "99213"},
        {"code": {"coding": [{"code": "99213:"}]}},
        {"code": {"coding": [{"code": ":::"}]}},
        {"occurrencePeriod": {"start": "x"}},
        {"occurrenceTiming": {"event": [1]}},
        {"quantity": {"value": "1"}},
        {"subject": [], "performer": [{"actor": 1}], "priceOverride": True},
    ],
    ids=lambda wrong: ",".join(wrong),
)
def test_charges_with_values_of_the_wrong_type_are_answered(client: Client, wrong: Json) -> None:
    found = client.post("ChargeItem/$validate", {**charge("99213"), **wrong})
    assert found.status == 200
    assert any(issue["severity"] == "error" for issue in found.issues)


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "resourceType"),
        ([], 400, "resourceType"),
        ({"resourceType": "Patient"}, 400, "Patient"),
        (parameters_of(), 400, "resource is required"),
        (parameters_of(("resource", "resource", {"resourceType": "Patient"})), 400, "Patient"),
        (parameters_of(("resource", "resource", {})), 400, "None"),
        (parameters_of(("resource", "string", "x")), 400, "must hold a resource"),
        (parameters_of(("resource", "resource", [])), 400, "must hold a resource"),
        (parameters_of(*[("resource", "resource", {"resourceType": "Claim"})] * 2), 400, "not 2"),
        (parameters_of(("claim", "resource", {"resourceType": "Claim"})), 400, "claim"),
        ({"resourceType": "Bundle", "type": "collection"}, 400, "no Claim"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}, 400, "no Claim"),
        ({"resourceType": "Bundle", "entry": "x"}, 400, "no Claim"),
    ],
)
def test_what_cannot_be_validated_is_refused(client: Client, body: Any, status: int, named: str) -> None:
    found = client.post(VALIDATE, body)
    assert found.status == status
    assert named in found.texts


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("payer=nobody", "Known: default, example-health, medicare-part-b"),
        ("include=nonsense", "nonsense"),
        ("exclude=nonsense", "nonsense"),
        ("setting=moon", "practitioner, outpatient-hospital, dme"),
        ("report=some", "findings or all"),
        ("payer=default&payer=default", "payer may be given 1 time"),
        ("colour=red", "colour"),
        ("resource=x", "resource"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(client: Client, query: str, named: str) -> None:
    found = client.post(f"{VALIDATE}?{query}", claim(GOOD))
    assert found.status == 400
    assert named in found.texts
    assert found.issues[0]["expression"] == [query.partition("=")[0]]
