from __future__ import annotations

import logging
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from uvicorn.config import Config

from fhir_cpt.cli import main
from fhir_cpt.commands.serve import WithoutIdentifiers
from fhir_cpt.settings import from_environment


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What uvicorn would have been asked to run; the environment is put back afterwards."""
    calls: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if "FHIR_CPT" not in name})
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: calls.append((app, options)))
    return calls


def test_one_worker_serves_an_app_and_the_addresses_are_told(
    served: list[tuple[Any, dict[str, Any]]], sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--release", str(sample_folder), "--port", "8123", "--cors", "https://a.example"]) == 0
    [(app, options)] = served
    assert isinstance(app, FastAPI)
    assert (options["host"], options["port"], options["access_log"]) == ("127.0.0.1", 8123, False)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8123/r4" in told
    assert "http://127.0.0.1:8123/r5" in told
    assert "ptp-practitioner 2026q4" in told
    assert "experimental" in told


def test_several_workers_are_set_up_by_the_environment(
    served: list[tuple[Any, dict[str, Any]]], sample_folder: Path
) -> None:
    argv = ["serve", "--release", str(sample_folder), "--workers", "2", "--cors", "https://a.example", "--access-log"]
    assert main([*argv, "--cors", "https://b.example"]) == 0
    [(app, options)] = served
    assert app == "fhir_cpt.app:create_app"
    assert (options["workers"], options["factory"], options["access_log"]) == (2, True, True)
    settings = from_environment(os.environ)
    assert settings.release == sample_folder.resolve()
    assert settings.cors == ("https://a.example", "https://b.example")


def test_the_options_and_the_logging_suit_uvicorn(
    served: list[tuple[Any, dict[str, Any]]], sample_folder: Path
) -> None:
    assert main(["serve", "--release", str(sample_folder)]) == 0
    [(app, options)] = served
    config = Config(app, **{**options, "log_config": None})
    config.load()
    assert options["log_config"]["loggers"]["fhir_cpt"]["handlers"] == ["default"]


def test_an_address_of_version_6_is_told_in_brackets(
    served: list[tuple[Any, dict[str, Any]]], sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--release", str(sample_folder), "--host", "::1"]) == 0
    assert "http://[::1]:8000/r4" in capsys.readouterr().out


def test_a_wrong_setting_of_the_environment_is_named(
    served: list[tuple[Any, dict[str, Any]]], sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.environ["FHIR_CPT_MAX_BODY"] = "much"
    assert main(["serve", "--release", str(sample_folder)]) == 2
    assert "FHIR_CPT_MAX_BODY" in capsys.readouterr().err
    assert not served


def test_a_port_in_use_ends_the_command_with_1(sample_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--release", str(sample_folder), "--port", str(taken.getsockname()[1])]) == 1


def test_packs_that_are_refused_keep_it_from_starting(
    tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("id: x\ntitel: X", "utf-8")
    assert main(["serve", "--release", str(sample_folder), "--packs", str(tmp_path)]) == 1
    assert "bad.yaml:2:1: unknown key 'titel'; did you mean 'title'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("DELETE", "/r4/Claim?identifier=urn%3Ax%7CC-4711", "/r4/Claim?…"),
        ("DELETE", "/r4/Claim/4711", "/r4/Claim/4711"),
        ("GET", "/r4/CodeSystem/$lookup?code=99213", "/r4/CodeSystem/$lookup?code=99213"),
    ],
)
def test_the_access_log_names_no_claim_that_is_deleted(method: str, path: str, told: str) -> None:
    arguments = ("127.0.0.1:1", method, path, "1.1", 200)
    record = logging.LogRecord("x", logging.INFO, "x", 1, '%s - "%s %s HTTP/%s" %d', arguments, None)
    assert WithoutIdentifiers().filter(record)
    assert record.getMessage() == f'127.0.0.1:1 - "{method} {told} HTTP/1.1" 200'
