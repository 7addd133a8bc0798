"""`fhir-cpt history`, and how `serve` is told to keep one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
import uvicorn

from fhir_cpt.cli import main
from fhir_cpt.history import Keeper, open_history
from fhir_cpt.settings import Settings, from_environment

from .history.conftest import SALT
from .history.making import claim

TODAY = 20261120


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A history with two claims of one patient; its salt is in the environment."""
    monkeypatch.setenv("FHIR_CPT_HISTORY_SALT", SALT)
    monkeypatch.delenv("FHIR_CPT_HISTORY", raising=False)
    path = str(tmp_path / "history.db")
    keeper = opened(path)
    keeper.keep(claim("1", {"code": "99213", "date": "2025-03-01"}), TODAY)
    keeper.keep(claim("2"), TODAY)
    keeper.close()
    return path


def opened(path: str) -> Keeper:
    keeper = open_history(Settings(release=Path(), history=path, history_salt=SALT))
    assert keeper is not None
    return keeper


def test_info_tells_how_much_is_kept(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "info", store]) == 0
    assert capsys.readouterr().out == "2 documents under 1 keys of patients; the oldest is of 2025-03-01\n"


def test_the_store_may_be_named_by_the_environment(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FHIR_CPT_HISTORY", store)
    assert main(["history", "info"]) == 0


def test_the_store_may_be_named_as_serve_has_it(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "info", "--history", store]) == 0
    assert capsys.readouterr().out.startswith("2 documents")
    assert main(["history", "purge", "--history", store, "--before", "2025-03-02"]) == 0
    assert capsys.readouterr().out == "1 documents removed\n"


@pytest.mark.parametrize(
    ("options", "removed"),
    [
        (["--patient", "https://hospital.example/mrn|Zebra-4711"], 2),
        (["--patient", "https://hospital.example/mrn|another"], 0),
        (["--before", "2025-03-02"], 1),
        (["--before", "2025-03-01"], 0),
    ],
)
def test_purge_removes_what_is_named(
    store: str, options: list[str], removed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "purge", store, *options]) == 0
    assert capsys.readouterr().out == f"{removed} documents removed\n"
    keeper = opened(store)
    assert keeper.info().documents == 2 - removed
    keeper.close()


@pytest.mark.parametrize(
    ("argv", "status", "told"),
    [
        (["history", "info"], 2, "Name a history"),
        (["history", "info", "absent.db"], 1, "There is no history in absent.db"),
        (["history", "info", "https://a.example"], 2, "--history (FHIR_CPT_HISTORY) must be"),
        (["history", "info", "--history", "absent.db"], 1, "There is no history in absent.db"),
        (["history", "info", "absent.db", "--history", "other.db"], 2, "not allowed with"),
        (["history", "purge", "absent.db"], 2, "required"),
        (["history", "purge", "absent.db", "--patient", "123"], 2, "system|value"),
        (["history", "purge", "absent.db", "--before", "soon"], 2, "is not a date"),
    ],
)
def test_what_is_wrong_is_said(
    store: str, argv: list[str], status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == status
    assert told in capsys.readouterr().err
    assert not Path("absent.db").exists()


def test_a_wrong_salt_is_said(store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FHIR_CPT_HISTORY_SALT", "quite another secret of characters")
    assert main(["history", "info", store]) == 1
    assert "another salt" in capsys.readouterr().err


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What uvicorn would have been asked to run; the environment is put back afterwards."""
    calls: list[Any] = []
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if "FHIR_CPT" not in name})
    monkeypatch.setattr(uvicorn, "run", lambda app, **_: calls.append(app))
    return calls


def test_workers_are_told_where_the_history_is(served: list[Any], sample_folder: Path, tmp_path: Path) -> None:
    os.environ["FHIR_CPT_HISTORY_SALT"] = SALT
    path = str(tmp_path / "history.db")
    assert main(["serve", "--release", str(sample_folder), "--workers", "2", "--history", path]) == 0
    assert from_environment(os.environ).history == path
    assert served == ["fhir_cpt.app:create_app"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_history_without_a_salt_or_a_place_is_refused_before_anything_is_served(
    served: list[Any], sample_folder: Path, tmp_path: Path, workers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["serve", "--release", str(sample_folder), "--workers", workers, "--history"]
    assert main([*argv, str(tmp_path / "history.db")]) == 2
    assert "FHIR_CPT_HISTORY_SALT must be a secret" in capsys.readouterr().err
    os.environ["FHIR_CPT_HISTORY_SALT"] = SALT
    assert main([*argv, str(tmp_path / "absent" / "history.db")]) == 1
    assert "cannot be kept in" in capsys.readouterr().err
    assert not served


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_validate_sees_what_a_server_keeps(
    store: str, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    later = claim("3", {"code": "99203", "date": "2026-10-20"})
    file = tmp_path / "later.ndjson"
    file.write_bytes(orjson.dumps(later) + b"\n" + orjson.dumps(claim("2")) + b"\n")
    command = ["validate", "--release", str(sample_folder), "--format", "ndjson", "--jobs", jobs, str(file)]
    assert main(command) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {item["state"] for item in told} == {"no-data"}
    assert [item["record"] for item in told if "em-new-patient" in (item["edit"], *item["also"])] == [1]
    assert main([*command, "--history", store]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(item["record"], item["edit"], item["state"]) for item in told] == [(1, "em-new-patient", "fail")]


def test_validate_says_that_there_is_no_such_history(
    store: str, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(tmp_path / "other.db")
    assert main(["validate", "--release", str(sample_folder), "--history", other, "-"]) == 2
    assert f"There is no history in {other}" in capsys.readouterr().err
    assert not Path(other).exists()
    assert opened(store).info().documents == 2
