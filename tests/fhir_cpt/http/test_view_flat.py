"""`Claim/$validate` over HTTP, viewed as flat JSON."""

from __future__ import annotations

import httpx
import jsonschema_rs
import pytest

from fhir_cpt.claims.shorthand import claim

from .client import Client, Json
from .views import GOOD, INJECTION_AND_VISIT, flattened, schema


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
