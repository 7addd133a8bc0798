"""fhir-kit-client (npm), unchanged, against a running server: fhir_kit.mjs asks, this module looks at the answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from terminology.model import HCPCS

PACKAGE = "fhir-kit-client@1.9.2"
"""The newest that runs on the Node.js of Debian 12 (18)."""
SCRIPT = Path(__file__).with_name("fhir_kit.mjs")
OPTIONS = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and the script; skips where they cannot be had, which in CI they must."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        _not_here(f"no {' and no '.join(missing)} here")
    made = tmp_path_factory.mktemp("fhir-kit")
    done = _run("npm", "install", "--prefix", str(made), *OPTIONS, PACKAGE, folder=made)
    if done.returncode:
        _not_here(f"npm cannot install {PACKAGE}: {done.stderr}")
    shutil.copy(SCRIPT, made)
    return made


def _not_here(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module", params=["r4", "r5"])
def answers(request: pytest.FixtureRequest, server: str, folder: Path) -> dict[str, Any]:
    """What the script was answered by each FHIR base."""
    done = _run("node", SCRIPT.name, f"{server}/{request.param}", folder=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def named(parameters: Any, name: str) -> Any:
    """The value of the one output parameter of that name."""
    (item,) = [item for item in parameters["parameter"] if item["name"] == name]
    return next(value for key, value in item.items() if key != "name")


def test_it_reads_the_capability_statement(answers: dict[str, Any]) -> None:
    found = answers["capabilities"]
    assert found["resourceType"] == "CapabilityStatement"
    assert {"CodeSystem", "ValueSet"} <= {entry["type"] for entry in found["rest"][0]["resource"]}


def test_it_looks_a_code_up(answers: dict[str, Any]) -> None:
    assert named(answers["lookup"], "display")
    assert answers["posted"] == answers["lookup"]


def test_it_validates_a_code(answers: dict[str, Any]) -> None:
    assert named(answers["validated"], "result") is True


def test_it_expands_a_value_set(answers: dict[str, Any]) -> None:
    assert "99213" in [item["code"] for item in answers["expanded"]["expansion"]["contains"]]


def test_it_reads_and_searches_code_systems(answers: dict[str, Any]) -> None:
    assert answers["read"]["url"] == HCPCS
    assert [entry["resource"] for entry in answers["searched"]["entry"]] == [answers["read"]]


def test_it_sees_the_outcome_of_what_fails(answers: dict[str, Any]) -> None:
    assert answers["refused"]["status"] == 404
    assert answers["refused"]["outcome"]["resourceType"] == "OperationOutcome"
