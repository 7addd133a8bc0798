"""A new release goes into service under load: no request fails, and every answer is of one release or the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx
import orjson

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.settings import Settings
from terminology.importers.source import Batch
from terminology.model import HCPCS, Concept, Edition
from terminology.period import Period
from terminology.release.compiler import compile_release
from terminology.release.manifest import CURRENT

from .client import FHIR, TODAY, served

CLAIM = orjson.dumps(claim({"date": "2026-08-15", "lines": ["A0001"]}))


def make(out: Path, display: str) -> Path:
    """A release whose one code has that display, made the current one."""
    edition = Edition("hcpcs", "2026-07", *Period(20260701, 20260930), "rows")
    return compile_release([Batch(edition, [Concept("A0001", display)], 1)], [], out)[0]


def shown(http: httpx.Client) -> str:
    answer = http.get("/r4/CodeSystem/$lookup", params={"system": HCPCS, "code": "A0001", "date": "2026-08-15"})
    assert answer.status_code == 200, answer.text
    told = {item["name"]: item for item in answer.json()["parameter"]}
    return str(told["display"]["valueString"])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_no_request_fails_while_releases_change(tmp_path: Path) -> None:
    names = ["first", "second", "third"]
    make(tmp_path, names[0])
    stop = Event()

    def ask(http: httpx.Client) -> list[str]:
        seen: list[str] = []
        while not stop.is_set():
            found = shown(http)
            if not seen or seen[-1] != found:
                seen.append(found)
            answer = http.post("/r5/Claim/$validate", content=CLAIM, headers={"content-type": FHIR})
            assert answer.status_code == 200, answer.text
        return seen

    with served(Settings(release=tmp_path, today=TODAY, poll=0.0)) as http, ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ask, http) for _ in range(8)]
        try:
            for name in names[1:]:
                make(tmp_path, name)
                wait_for(lambda wanted=name: shown(http) == wanted)  # type: ignore[misc]
        finally:
            stop.set()
        for future in asking:
            seen = future.result(20)
            assert seen == [name for name in names if name in seen]
        release = (tmp_path / CURRENT).read_text().strip()
        told = http.get("/health").json()
        assert (told["status"], told["release"]) == ("ok", release)


def test_a_broken_release_is_never_served(tmp_path: Path) -> None:
    out = tmp_path / "out"
    make(out, "first")
    broken = make(tmp_path / "elsewhere", "broken")
    next(broken.glob("*.table")).write_bytes(b"nonsense")
    with served(Settings(release=out, today=TODAY, poll=0.0)) as http:
        shutil.move(broken, out)
        (out / "next").write_text(broken.name)
        (out / "next").replace(out / CURRENT)
        for _ in range(50):
            assert shown(http) == "first"
        make(out, "mended")
        wait_for(lambda: shown(http) == "mended")
