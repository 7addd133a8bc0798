"""Which view `Claim/$validate` answers with over HTTP: by parameter, by header, in a batch."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.shorthand import claim

from .client import FHIR, Client, parameters_of
from .views import GOOD, VALIDATE


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
