"""Packs of payers over HTTP: chosen by claim, changed while the server runs, refused without harm."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.app import create_app
from fhir_cpt.claims import shorthand
from fhir_cpt.payers.faults import PacksRefused
from fhir_cpt.settings import Settings
from terminology import Release
from terminology.model import CANONICAL

from ..payers.conftest import pack, rule
from .client import TODAY, Client, Reply, served

EDIT = f"{CANONICAL}CodeSystem/claim-edit"
RULE = "payer-test-visit"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "packs"
    made.mkdir()
    put(made, pack())
    return made


@pytest.fixture
def client(sample_release: Release, folder: Path) -> Iterator[Client]:
    with served(Settings(release=sample_release.folder, packs=(str(folder),), today=TODAY, poll=0.0)) as http:
        yield Client(http, "r4")


def put(folder: Path, changed: dict[str, Any], name: str = "test.yaml") -> None:
    """Write a pack as an editor does: aside, then in place of the old file."""
    aside = folder / f".{name}.new"
    aside.write_text(yaml.safe_dump(changed, sort_keys=False), "utf-8")
    aside.replace(folder / name)


def claim(**changes: Any) -> dict[str, Any]:
    return shorthand.claim({"date": "2026-10-15", "payer": "TEST", "lines": ["99213"], **changes})


def found(reply: Reply, edit: str = RULE) -> list[tuple[str, str]]:
    """Severity and text of the issues about an edit."""
    return [
        (issue["severity"], issue["details"]["text"])
        for issue in reply.issues
        if any(coding["code"] == edit for coding in issue["details"].get("coding", ()))
    ]


def until(ask: Callable[[], bool]) -> bool:
    """Whether what is asked comes true soon."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if ask():
            return True
        time.sleep(0.02)
    return False


def validate(client: Client, **changes: Any) -> Reply:
    return client.post("Claim/$validate", claim(**changes))


def test_the_claims_payer_chooses_the_pack_unless_the_request_does(client: Client) -> None:
    assert found(validate(client)) == [("error", "Test Payer does not cover 99213.")]
    assert found(validate(client, payer="SOMEBODY")) == []
    named = client.call("Claim/$validate", ("resource", "resource", claim()), ("payer", "string", "default"))
    assert found(named) == []
    narrowed = client.call("Claim/$validate", ("resource", "resource", claim()), ("include", "string", RULE))
    assert len(narrowed.issues) == 2
    unknown = client.call("Claim/$validate", ("resource", "resource", claim()), ("payer", "string", "nobody"))
    assert unknown.status == 400
    assert "test-payer" in unknown.texts


def test_a_finding_of_a_pack_carries_the_rule_its_codes_and_evidence(client: Client) -> None:
    (issue,) = [one for one in validate(client).issues if "coding" in one["details"] and found_in(one)]
    assert [coding["code"] for coding in issue["details"]["coding"]] == [RULE, "96"]
    assert issue["expression"] == ["Claim.item[0].productOrService"]
    parts = issue["extension"][0]["extension"]
    told = {part["url"]: part for part in parts}
    assert told["citation"]["valueString"] == "Test Payer, page 1"
    evidence = [tuple(item["valueString"] for item in part["extension"]) for part in parts if part["url"] == "evidence"]
    assert evidence == [("pack", "test-payer"), ("rule", RULE)]


def found_in(issue: dict[str, Any]) -> bool:
    return any(coding["code"] == RULE for coding in issue["details"]["coding"])


def test_all_that_passed_is_told_of_rules_too(client: Client) -> None:
    parameters = (("resource", "resource", claim(lines=["20610"])), ("report", "code", "all"))
    assert found(client.call("Claim/$validate", *parameters)) == [("information", "Visits are not covered")]


def test_a_pack_that_is_not_in_force_cannot_be_asked_for(client: Client) -> None:
    early = claim(date="2024-12-31")
    reply = client.call("Claim/$validate", ("resource", "resource", early), ("payer", "string", "example-health"))
    assert reply.status == 400
    assert "not in force on 2024-12-31" in reply.texts


def test_a_changed_pack_is_in_force_without_a_restart(client: Client, folder: Path) -> None:
    put(folder, pack(rules=[rule(severity="warning")]))
    assert until(lambda: found(validate(client)) == [("warning", "Test Payer does not cover 99213.")])
    put(folder, pack(id="second", rules=[rule(id="payer-second", message="No.")]), "second.yaml")
    assert until(lambda: found(validate(client), "payer-second") == [("error", "No.")])
    (folder / "test.yaml").unlink()
    assert until(lambda: found(validate(client)) == [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (pack(rules=[rule(severity="eror")]), "test.yaml:29:13: 'eror' is not one of"),
        (pack(rules=[rule(applies={"codes": ["99214"]})]), "the example 'a visit' ends as pass, not as fail"),
        (pack(extends="nobody"), "there is no pack 'nobody' to extend"),
    ],
)
def test_a_bad_pack_leaves_the_old_one_in_force_and_says_why(
    bad: dict[str, Any], reason: str, client: Client, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "fhir_cpt"):
        put(folder, bad)
        assert until(lambda: bool(found(validate(client))) and "those in force stay" in caplog.text)
    assert reason in caplog.text
    assert found(validate(client)) == [("error", "Test Payer does not cover 99213.")]
    put(folder, pack(rules=[rule(severity="information")]))
    assert until(lambda: found(validate(client)) == [("information", "Test Payer does not cover 99213.")])


def test_a_bad_pack_keeps_the_server_from_starting(sample_release: Release, tmp_path: Path) -> None:
    put(tmp_path, pack(extends="nobody"), "bad.yaml")
    with pytest.raises(PacksRefused, match=r"bad\.yaml:\d+:\d+: there is no pack 'nobody'"):
        create_app(Settings(release=sample_release.folder, packs=(str(tmp_path),)))


def test_a_new_release_keeps_the_packs_and_says_which_do_not_fit_it(
    sample_release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    releases, packs = tmp_path / "releases", tmp_path / "packs"
    packs.mkdir()
    first = releases / "first"
    shutil.copytree(sample_release.folder, first)
    (releases / "current").write_text("first", "utf-8")
    put(packs, pack())
    with served(Settings(release=releases, packs=(str(packs),), today=TODAY, poll=0.0)) as http:
        client = Client(http, "r4")
        assert found(validate(client))
        shutil.copytree(sample_release.folder, releases / "second")
        (releases / "next").write_text("second", "utf-8")
        (releases / "next").replace(releases / "current")
        with caplog.at_level(logging.INFO, "fhir_cpt"):
            assert until(lambda: bool(found(validate(client))) and "serving release" in caplog.text)
        assert found(validate(client))


def test_a_hidden_file_is_no_pack(client: Client, folder: Path) -> None:
    put(folder, pack(id="hidden", rules=[rule(id="payer-hidden")]), ".hidden.yaml")
    put(folder, pack(rules=[rule(severity="warning")]))
    assert until(lambda: found(validate(client)) == [("warning", "Test Payer does not cover 99213.")])
    assert found(validate(client), "payer-hidden") == []


def test_health_names_the_packs_in_force(client: Client) -> None:
    told = client.http.get("/health").json()["packs"]
    assert {"id": "test-payer", "title": "Test Payer"} in told
    assert {"id": "example-health", "title": "Example Health", "start": "2025-01-01"} in told


@pytest.mark.parametrize("version", ["r4", "r5"])
def test_the_code_system_of_edits_has_the_rules_of_packs(version: Any, client: Client, folder: Path) -> None:
    client = Client(client.http, version)
    whole = client.get("CodeSystem/claim-edit").resource
    titles = {concept["code"]: concept["display"] for concept in whole["concept"]}
    assert titles["ncci-ptp"] == "Two services that are not paid together on one day"
    assert titles[RULE] == "Visits are not covered"
    assert whole["count"] == len(whole["concept"])
    assert client.get("CodeSystem", url=EDIT).resource["entry"][0]["resource"] == whole
    assert client.get("CodeSystem/$lookup", system=EDIT, code=RULE).named("definition") == "Test Payer, page 1"
    assert client.get("CodeSystem/claim-edit/$validate-code", code="ncci-mue-line").named("result") is True
    assert client.get("CodeSystem/$validate-code", url=EDIT, code="ncci-ppt").named("result") is False
    put(folder, pack(rules=None))
    assert until(lambda: client.get("CodeSystem/claim-edit").resource["version"] != whole["version"])
    assert client.get("CodeSystem/$validate-code", url=EDIT, code=RULE).named("result") is False


def test_a_pack_that_is_touched_and_not_changed_changes_nothing(client: Client, folder: Path) -> None:
    os.utime(folder / "test.yaml")
    assert all(found(validate(client)) for _ in range(5))
