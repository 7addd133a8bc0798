"""Fixtures of the tests of the server and the command line."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminology import Release


@pytest.fixture
def sample_folder(sample_release: Release) -> Path:
    """The folder of the sample release. Not to be written to: it is shared."""
    return sample_release.folder


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own on a Unix socket; skips where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    folder = tmp_path_factory.mktemp("redis")
    path = folder / "s"
    command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _listening(path, process)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait(10)


def _listening(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "redis-server ended"
        with socket.socket(socket.AF_UNIX) as attempt:
            if path.exists() and attempt.connect_ex(str(path)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("redis-server does not listen")
