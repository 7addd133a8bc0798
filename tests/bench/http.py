"""A server in a process of its own, and a client that keeps sixteen connections busy."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

CONNECTIONS = 16

_SERVER = """
import sys
from pathlib import Path
import uvicorn
from starlette.responses import JSONResponse
from starlette.routing import Route
from fhir_cpt.app import create_app
from fhir_cpt.settings import Settings

async def empty(request):
    return JSONResponse({})

app = create_app(Settings(release=Path(sys.argv[1]), today=20260115))
app.router.routes.insert(0, Route("/empty", empty, methods=["GET", "POST"]))
uvicorn.run(app, port=int(sys.argv[2]), access_log=False, log_level="warning")
"""


@contextmanager
def serving(release: Path) -> Iterator[tuple[int, int]]:
    """A worker that serves the release and an empty Starlette JSON route at `/empty`; gives its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(release), str(port)])
    try:
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def get(path: str) -> bytes:
    """A GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A POST request of FHIR JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/fhir+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def rate(port: int, requests: Sequence[bytes], seconds: float = 1.0) -> float:
    """Answers a second over sixteen connections, each sending the next of the requests as soon as it is answered.

    Raises RuntimeError where an answer is not 200.
    """
    sending = cycle(requests)
    selector = selectors.DefaultSelector()
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    waiting: dict[socket.socket, tuple[int, int]] = {}
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(next(sending))
        waiting[connection] = (0, -1)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for key, _ in selector.select(1):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            data = connection.recv(1 << 20)
            got, expected = waiting[connection]
            if expected < 0:
                expected = _length(data)
            got += len(data)
            if got >= expected:
                done += 1
                got, expected = 0, -1
                connection.sendall(next(sending))
            waiting[connection] = (got, expected)
    elapsed = time.perf_counter() - start
    selector.close()
    for connection in connections:
        connection.close()
    return done / elapsed


def streamed(port: int, path: str, parts: Sequence[bytes]) -> bytes:
    """The answer to NDJSON, of which one thread sends the parts while another reads; with its head.

    Raises RuntimeError where it is not 200.
    """
    with socket.create_connection(("127.0.0.1", port)) as connection:

        def send() -> None:
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/fhir+ndjson\r\n"
            size = sum(map(len, parts))
            connection.sendall(f"{head}Content-Length: {size}\r\nConnection: close\r\n\r\n".encode())
            for part in parts:
                connection.sendall(part)

        sender = threading.Thread(target=send)
        sender.start()
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        sender.join()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not answered: {answer[:200]!r}")
    return answer


def _length(data: bytes) -> int:
    """Bytes of the whole answer, told from its head."""
    head, _, _ = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not answered: {data[:200]!r}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(head) + 4 + int(length.split(b":")[1])


def cpu_seconds(pid: int) -> float:
    """Processor time that the process has used, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> tuple[float, float]:
    """Resident memory of the process and the part of it that is file pages, which workers share; in MB."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Rss")
    ) | dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line)
    total, files = (int(status[name].split()[0]) / 1000 for name in ("VmRSS", "RssFile"))
    return total, files
