"""The examples in README are run against the sample release, and answer what the page says."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_cpt.commands import sample
from fhir_cpt.rules.catalogue import CATALOGUE
from terminology.release.build import build

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
REQUESTS = re.findall(r"```sh\n(curl (?:(?!```).)*)\n```\n```json\n(.*?)\n```", README, re.DOTALL)
STREAMS = re.findall(r"```sh\n(curl [^\n]*)\n```\n```ndjson\n(.*?)\n```", README, re.DOTALL)
PACKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
CODE = re.findall(r"```python\n(.*?)\n```", README, re.DOTALL)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "release"
    build([str(sample.sources())], folder, experimental=True)
    return folder


@pytest.fixture(scope="module")
def server(release: Path) -> Iterator[str]:
    """The address of a server in a process of its own, as `make run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "fhir_cpt.cli", "serve", "--release", str(release), "--port", str(port)]
    kept = {"FHIR_CPT_HISTORY": str(release.parent / "history.db"), "FHIR_CPT_HISTORY_SALT": "0123456789abcdef"}
    environment = {**os.environ, "FHIR_CPT_TODAY": "20261121", **kept}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def run(server: str, command: str) -> httpx.Response:
    words = shlex.split(command)[1:]
    url = words.pop().replace("http://127.0.0.1:8000", server)
    headers, body = {}, None
    for option, value in zip(words[::2], words[1::2], strict=True):
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        elif option == "--data-binary":
            body = (ROOT / value.removeprefix("@")).read_bytes()
        else:
            raise AssertionError(f"{option} is not known to this test")
    return httpx.request("GET" if body is None else "POST", url, headers=headers, content=body)


def holds(answer: Any, told: Any) -> bool:
    """Whether the answer has everything that the page tells, in any order."""
    if isinstance(told, dict):
        return isinstance(answer, dict) and all(name in answer and holds(answer[name], told[name]) for name in told)
    if isinstance(told, list):
        return isinstance(answer, list) and all(any(holds(one, item) for one in answer) for item in told)
    return bool(answer == told)


@pytest.mark.parametrize(("command", "told"), REQUESTS, ids=range(len(REQUESTS)))
def test_each_request_answers_what_the_page_says(server: str, command: str, told: str) -> None:
    answer = run(server, command)
    assert answer.status_code in (200, 201)
    assert holds(answer.json(), json.loads(told)), answer.text


@pytest.mark.parametrize(("command", "told"), STREAMS, ids=range(len(STREAMS)))
def test_each_stream_answers_line_by_line_what_the_page_says(server: str, command: str, told: str) -> None:
    answer = run(server, command)
    assert answer.status_code == 200
    for line, wanted in zip(answer.text.splitlines(), told.splitlines(), strict=True):
        assert holds(json.loads(line), json.loads(wanted)), line


def test_the_page_shows_ten_requests_and_a_stream() -> None:
    assert len(REQUESTS) == 10
    assert len(STREAMS) == 1


def test_the_page_tells_how_many_edits_there_are() -> None:
    assert f"[{len(CATALOGUE)} edits](CATALOGUE.md)" in README


@pytest.mark.parametrize("code", CODE, ids=range(len(CODE)))
def test_each_piece_of_python_runs(release: Path, code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=release.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("pack", PACKS, ids=range(len(PACKS)))
def test_each_pack_of_the_page_is_good(release: Path, tmp_path: Path, pack: str) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(pack, "utf-8")
    command = [sys.executable, "-m", "fhir_cpt.cli", "packs", "check", str(file), "--release", str(release)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_claim_with_25_is_reported_as_bypassed(server: str) -> None:
    body = (ROOT / "conformance/examples/claim-visit-with-25.json").read_bytes()
    answer = httpx.post(f"{server}/r4/Claim/$validate", content=body, headers={"Content-Type": "application/fhir+json"})
    states = [
        part["valueCode"]
        for issue in answer.json()["issue"]
        for extension in issue.get("extension", [])
        for part in extension["extension"]
        if part["url"] == "state" and issue["details"]["coding"][0]["code"] == "ncci-ptp"
    ]
    assert states == ["bypassed"]
