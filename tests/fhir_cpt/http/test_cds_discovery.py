"""CDS Hooks over HTTP: the services are found, also from other origins."""

from __future__ import annotations

import httpx

from fhir_cpt.settings import Settings
from terminology import Release

from .client import TODAY, served
from .hooks import (
    SIGN,
    cards,
    hook,
)


def test_discovery_lists_the_services_and_each_of_them_answers(http: httpx.Client) -> None:
    services = http.get("/cds-services").json()["services"]
    assert {service["hook"] for service in services} == {"order-sign", "order-select", "encounter-discharge"}
    for service in services:
        assert service["title"]
        assert service["description"]
        assert all("{{context." in template for template in service["prefetch"].values())
        prefetch = dict.fromkeys(service["prefetch"])
        assert cards(http, service["id"], hook(service["id"], **prefetch)) == []


def test_browsers_of_other_origins_are_told_of_only_where_the_settings_say_so(
    http: httpx.Client, sample_release: Release
) -> None:
    asking = {"origin": "https://a.example", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in http.get("/cds-services", headers=asking).headers
    with served(Settings(release=sample_release.folder, today=TODAY, cors=("https://a.example",))) as other:
        assert other.get("/cds-services", headers=asking).headers["access-control-allow-origin"] == "https://a.example"
        assert other.options(f"/cds-services/{SIGN}", headers=asking).status_code == 200
