"""The views of `Claim/$validate` over HTTP, of Bundles of claims and charges."""

from __future__ import annotations

from fhir_cpt.claims.shorthand import charge, claim

from .client import Client, check
from .views import BOTH, DAY, GOOD, VALIDATE, flattened, results


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
