"""Two server processes that post at once into one history lose nothing, and both recall all of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from fhir_cpt.history.keys import Keys
from fhir_cpt.history.redis import RedisStore
from fhir_cpt.history.sqlite import SqliteStore
from fhir_cpt.history.store import Store

from .conftest import SALT
from .making import claim

CLAIMS = 300
PATIENTS = 10


@pytest.fixture
def servers(place: str, sample_folder: Path) -> Iterator[list[httpx.Client]]:
    """Clients of two servers in processes of their own, which share the history."""
    started = [_started(place, sample_folder) for _ in range(2)]
    # Below the 5 seconds after which uvicorn closes an idle connection: one that is closed while it is reused fails.
    limits = httpx.Limits(keepalive_expiry=1)
    clients = [httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits) for _, port in started]
    try:
        for (process, _), client in zip(started, clients, strict=True):
            _await(process, client)
        yield clients
    finally:
        for client in clients:
            client.close()
        for process, _ in started:
            process.terminate()
            process.wait(20)


def _started(place: str, release: Path) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "fhir_cpt.cli", "serve", "--release", str(release), "--port", str(port)]
    environment = {**os.environ, "FHIR_CPT_TODAY": "20261120", "FHIR_CPT_HISTORY_SALT": SALT}
    process = subprocess.Popen(
        [*command, "--history", place], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return process, port


def _await(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def patient(at: int) -> dict[str, object]:
    return {"identifier": {"system": "https://hospital.example/mrn", "value": f"P{at % PATIENTS}"}}


def test_claims_posted_to_two_servers_at_once_are_all_kept_once(servers: list[httpx.Client], place: str) -> None:
    def post(at: int) -> int:
        resource = claim(str(at), "99213", "20610", patient=patient(at))
        return servers[at % 2].post("/r4/Claim", json=resource).status_code

    def repeat(at: int) -> int:  # every claim to the other server, and so while others are being posted
        resource = claim(str(at), "99214", patient=patient(at))
        return servers[(at + 1) % 2].post("/r4/Claim", json=resource).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(post, range(CLAIMS))) == [201] * CLAIMS
        again = [pool.submit(repeat, at) for at in range(0, CLAIMS, 3)]
        more = [pool.submit(post, at) for at in range(CLAIMS, CLAIMS + 50)]
        assert {future.result() for future in again} == {200}
        assert {future.result() for future in more} == {201}
    store: Store = RedisStore(place, Keys(SALT).seal) if "://" in place else SqliteStore(Path(place), Keys(SALT).seal)
    held = store.info()
    assert (held.documents, held.patients) == (CLAIMS + 50, PATIENTS)
    of_one = store.find([Keys(SALT).identified("https://hospital.example/mrn|P0")])
    assert len(of_one) == (CLAIMS + 50) // PATIENTS
    store.close()


def test_what_one_server_was_given_the_other_recalls(servers: list[httpx.Client]) -> None:
    asking = claim("asking", "99213", patient=patient(0), auth=["A-1"])
    reply = {
        "resourceType": "ClaimResponse",
        "identifier": [{"system": "urn:payer", "value": "1"}],
        "status": "active",
        "type": asking["type"],
        "use": "preauthorization",
        "patient": patient(0),
        "created": "2026-10-01",
        "insurer": {"display": "Example Health"},
        "outcome": "complete",
        "preAuthRef": "A-1",
        "preAuthPeriod": {"start": "2026-09-01", "end": "2026-09-30"},
    }
    assert servers[0].post("/r4/ClaimResponse", json=reply).status_code == 201
    answer = servers[1].post("/r4/Claim/$validate", json=asking).text
    assert "covers 99213 from 2026-09-01 to 2026-09-30" in answer
