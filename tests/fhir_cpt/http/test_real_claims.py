"""Claims as HL7's projects publish them, validated over HTTP (realdata)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from .client import Client
from .views import flattened

pytestmark = pytest.mark.realdata


def claims_in(folder: Path) -> dict[str, Any]:
    """Every Claim and ChargeItem, and every Bundle that holds one, by its file's name. One file is cut short."""
    found = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            resource = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError:
            continue
        held = [resource, *(entry.get("resource", {}) for entry in resource.get("entry", ()))]
        if any(one.get("resourceType") in ("Claim", "ChargeItem") for one in held):
            found[path.name] = resource
    return found


def test_every_published_claim_is_answered_with_findings_and_editions(r4: Client, shared: Path) -> None:
    claims = claims_in(shared / "data" / "claims")
    assert len(claims) >= 5
    for name, resource in claims.items():
        found = r4.post("Claim/$validate?report=all", resource)
        assert found.status == 200, (name, found.texts)
        assert found.issues[-1]["code"] == "informational", name


def test_published_examples_of_r4_have_no_structural_faults(r4: Client, shared: Path) -> None:
    for name, resource in claims_in(shared / "data" / "claims" / "fhir-r4-examples").items():
        found = r4.post("Claim/$validate", resource)
        faults = [issue for issue in found.issues if "extension" not in issue and issue["severity"] == "error"]
        assert faults == [], name


def test_every_published_claim_is_answered_in_every_view(client: Client, shared: Path) -> None:
    for name, resource in claims_in(shared / "data" / "claims").items():
        several = resource["resourceType"] == "Bundle"
        found = client.post("Claim/$validate?report=all&_view=claim-response", resource)
        assert (found.status, found.kind) == (200, "Bundle" if several else "ClaimResponse"), name
        assert ("claims" in flattened(client, resource, "&report=all")) is several, name
