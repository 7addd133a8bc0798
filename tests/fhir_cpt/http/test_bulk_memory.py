"""However much NDJSON passes through a server, it holds no more of it than a line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson
import pytest

from fhir_cpt.claims.shorthand import claim

MEGABYTE = 1 << 20
PASSED = 50
"""Megabytes that pass through at the least."""
ALLOWED = 24
"""Megabytes by which the server may grow meanwhile."""

if not Path("/proc/self/status").exists():
    pytest.skip("resident memory is read from /proc", allow_module_level=True)


@pytest.fixture
def server(sample_folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "fhir_cpt.cli", "serve", "--release", str(sample_folder), "--port", str(port)]
    environment = {**os.environ, "FHIR_CPT_MAX_BODY": str(MEGABYTE)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def most_resident(pid: int) -> float:
    """The most memory that the process has had so far, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def long_claim(number: int) -> bytes:
    """A line of some 60 kB: a claim whose note is long."""
    note = [{"sequence": 1, "category": {"text": "note"}, "valueString": f"{number} " + "x" * 60_000}]
    return orjson.dumps(claim({"lines": ["99213"], "info": note})) + b"\n"


def endless_line(_: int) -> bytes:
    return b" " * 60_000


def tiny(_: int) -> bytes:
    """Lines whose answers are a hundred times as long as they are."""
    return b"1\n" * 300


def passed(port: int, parts: Iterable[bytes]) -> int:
    """Bytes of the answer to a request whose body is sent by one thread while another reads."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:

        def send() -> None:
            head = "POST /r4/Claim/$validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+ndjson\r\n"
            client.sendall(head.encode() + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in parts:
                client.sendall(b"%x\r\n%b\r\n" % (len(part), part))
            client.sendall(b"0\r\n\r\n")

        sender = threading.Thread(target=send)
        sender.start()
        first = client.recv(1 << 16)
        assert first.startswith(b"HTTP/1.1 200"), first
        size = len(first) + sum(map(len, iter(lambda: client.recv(1 << 16), b"")))
        sender.join()
        return size


@pytest.mark.parametrize("make", [long_claim, endless_line, tiny])
def test_memory_does_not_grow_with_the_stream(server: tuple[int, int], make: Callable[[int], bytes]) -> None:
    port, pid = server
    passed(port, [make(0), b"\n{}\n"])
    before = most_resident(pid)
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for number in range(1000):
            part = make(number)
            sent += len(part)
            yield part
        yield b"\n{}\n"

    received = passed(port, body())
    assert sent + received > PASSED * MEGABYTE
    assert most_resident(pid) - before < ALLOWED
