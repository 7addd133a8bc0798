"""A server in a process of its own, as people start it, for the clients that people use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminology import Release

STARTS_WITHIN = 30.0
"""Seconds."""


@pytest.fixture(scope="session")
def server(sample_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on the sample release, on 2026-11-21."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "fhir_cpt.cli", "serve", "--port", str(port)]
    said = Path(tmp_path_factory.mktemp("server")) / "said.txt"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--release", str(sample_release.folder)],
            env={**os.environ, "FHIR_CPT_TODAY": "20261121"},
            stdout=log,
            stderr=log,
        )
    try:
        _wait(process, port, said)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {said.read_text('utf-8')}")
