"""The app as a guest in another one, browsers of other origins, and failures of the server's own."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from fhir_cpt.app import FhirApp
from fhir_cpt.operations.registry import BY_TYPE
from fhir_cpt.settings import Settings
from fhir_cpt.wire.http import Answer
from terminology import Release
from terminology.model import CPT

from .client import TODAY, Client, check, served, serving

KEY = ("CodeSystem", "$lookup")
ASKED = f"CodeSystem/$lookup?system={CPT}&code=99213"


def test_a_fhir_base_can_be_mounted_anywhere(sample_release: Release) -> None:
    base = FhirApp("r4", Settings(release=sample_release.folder, today=TODAY))
    app = Starlette(routes=[Mount("/deep", Starlette(routes=[Mount("/inside", base)]))])
    with serving(app) as http:
        found = http.get("/deep/inside/CodeSystem?_id=cpt")
        assert found.status_code == 200
        check(found.json(), "r4")
        assert found.json()["entry"][0]["fullUrl"] == f"{http.base_url}/deep/inside/CodeSystem/cpt"
        assert http.get("/deep/inside/metadata").json()["implementation"]["url"] == f"{http.base_url}/deep/inside"


def test_links_name_the_base_that_was_asked(client: Client) -> None:
    base = f"{client.http.base_url}/{client.version}"
    assert client.get("metadata").resource["implementation"]["url"] == base
    found = client.get("ValueSet", _id="cpt-all").resource
    assert found["link"][0]["url"] == f"{base}/ValueSet?_id=cpt-all"
    assert found["entry"][0]["fullUrl"] == f"{base}/ValueSet/cpt-all"


def test_each_base_says_its_version_of_fhir(client: Client) -> None:
    wanted = {"r4": "4.0.1", "r5": "5.0.0"}[client.version]
    assert client.get("metadata").resource["fhirVersion"] == wanted
    assert client.get("metadata", mode="terminology").kind == "TerminologyCapabilities"


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [(("*",), "*"), (("https://a.example",), "https://a.example"), (("https://b.example",), None)],
)
def test_browsers_of_the_origins_set_may_call(
    sample_release: Release, origins: tuple[str, ...], allowed: str | None
) -> None:
    asking = {"origin": "https://a.example", "access-control-request-method": "POST"}
    with served(Settings(release=sample_release.folder, today=TODAY, cors=origins)) as http:
        answer = http.get(f"/r4/{ASKED}", headers=asking)
        assert answer.status_code == 200
        assert answer.headers.get("access-control-allow-origin") == allowed
        preflight = http.options("/r4/Claim/$validate", headers=asking)
        assert preflight.headers.get("access-control-allow-origin") == allowed
        assert (preflight.status_code == 200) is (allowed is not None)


def boom(*_: Any) -> Answer:
    raise RuntimeError("a secret of the server's")


@pytest.mark.parametrize(
    "handle", [boom, lambda _: Answer({"resourceType": object()})], ids=["it raises", "it cannot be encoded"]
)
def test_a_failure_of_our_own_is_an_outcome_that_tells_no_secrets_and_is_logged(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, handle: Callable[[Any], Answer]
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(BY_TYPE, KEY, dataclasses.replace(BY_TYPE[KEY], handle=handle))
        with caplog.at_level(logging.ERROR, "fhir_cpt.dispatch"):
            found = client.request("GET", ASKED)
    assert found.status == 500
    assert found.issues[0]["code"] == "exception"
    assert b"secret" not in found.content
    assert "CodeSystem/$lookup" in caplog.text
    assert CPT not in caplog.records[0].getMessage()  # what was asked is not written down
    assert client.request("GET", ASKED).status == 200
