"""The views of `Claim/$validate`: claims to look at, requests, and answers that are checked as they are read."""

from __future__ import annotations

import functools
from typing import Any

import jsonschema_rs
import orjson

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.rules.code_system import CLAIM_EDIT
from fhir_cpt.wire import flat
from fhir_cpt.wire.findings import RESULT

from .client import FHIR, Client, Json

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
