"""Measures every budget of the design and prints it as a ratio; writes bench.json. Needs the agencies' files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.history import History, PriorLine
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.served import Source
from terminology.model import HCPCS
from terminology.period import show
from tests.bench import bulk, http
from tests.bench.claims import TODAY, bundled, ordinary, past
from tests.bench.measure import Result, best, median

ROOT = Path(__file__).parent.parent.parent
DAY = 20240815
_BUILD = """
import resource, sys
from pathlib import Path
from terminology.release.build import build
build(sys.argv[2:], Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_OPEN = """
import time
start = time.perf_counter()
import sys
from terminology import open_release
release = open_release(sys.argv[1])
assert release.ptp("practitioner").on(20240815).table.edit("20610", "99213", 20240815)
print(time.perf_counter() - start)
"""
_TYPED = (
    "d",
    "di",
    "dia",
    "diab",
    "k",
    "kn",
    "kne",
    "knee",
    "knee l",
    "knee le",
    "e11",
    "e11.",
    "fract",
    "fracture fem",
    "hyper",
    "hypert",
    "pain low",
    "asth",
    "m17.1",
    "sepsis",
    "cat",
    "burn sec",
    "z00",
    "frac rad",
)


_LINES = msgspec.msgpack.Decoder(list[PriorLine])


def measure(data: Path, folder: Path) -> Iterator[Result]:
    """Every budget, one after the other."""
    yield from _building(data, folder)
    yield from _opening(folder)
    yield from _tables(folder)
    yield from _claims(folder)
    yield from bulk.measured(folder)
    yield from _serving(folder)


def _building(data: Path, folder: Path) -> Iterator[Result]:
    files = [str(path) for path in sorted(data.glob("*/*"))]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, str(folder), *files], check=True, capture_output=True, text=True
    )
    yield Result("build from all files", time.perf_counter() - start, 60, "s")
    yield Result("build, peak memory of a process", max(map(int, done.stdout.split())) / 1e6, 1.5, "GB")


def _opening(folder: Path) -> Iterator[Result]:
    took = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", _OPEN, str(folder)], check=True, capture_output=True, text=True)
        took.append(float(done.stdout))
    yield Result("open a release (imports and digests too), first answer", median(took), 0.5, "s")


def _tables(folder: Path) -> Iterator[Result]:
    release = Source(folder).served.release
    answering = release.ptp("practitioner").on(DAY)
    assert answering
    clean = ["99213", "36415", "80053", "85025", "93000", "71046", "81002", "87880", "90686", "J1885"]
    usual = ["99213", "20610", "80053", "85025", "93000", "71046", "81002", "87880", "90686", "J1885"]
    for name, codes in (("no edit", clean), ("two edits", usual)):
        took = best(lambda codes=codes: answering.table.edits(codes, DAY)) * 1e6  # type: ignore[misc]
        yield Result(f"PTP, 90 ordered pairs, {name}", took, 20, "µs")
    system = release.code_system("http://hl7.org/fhir/sid/icd-10-cm").on(20260115).table
    took = [best(lambda text=text: system.matching(text), 3, 5) * 1e3 for text in _TYPED]  # type: ignore[misc]
    yield Result(
        f"typeahead over {len(system)} concepts, p50", median(took), 3, "ms", note=f"longest {max(took):.1f} ms"
    )


def _claims(folder: Path) -> Iterator[Result]:
    """The edits alone: parsed resource and history in, findings out.

    Both are read just before, as in a server. Of each claim the fastest of several runs counts.
    """
    served = Source(folder).served
    pasts = [msgspec.msgpack.encode(past(seed)) for seed in range(200)]
    for kind, make, packs, remembered in (
        ("ordinary", ordinary, ("medicare-part-b",), False),
        ("ordinary, history of 200 lines, two packs", ordinary, ("medicare-part-b", "example-health"), True),
        ("much bundled, history of 200 lines, two packs", bundled, ("medicare-part-b", "example-health"), True),
    ):
        selection = served.packs.select(packs, day=TODAY)
        facts = Facts(served.knowledge, TODAY, selection.medicare, selection.requirements)
        claims = [(orjson.dumps(make(seed)), written) for seed, written in enumerate(pasts)]
        took, findings = _edits(claims, selection, facts, remembered=remembered)
        note = f"{findings / len(claims):.1f} findings a claim"
        count = len(selection.edits) + len(selection.ruled)
        yield Result(f"all {count} edits, ten-line claim, median, {kind}", took, 150, "µs", note=note)
    lines = [orjson.dumps(ordinary(seed)) for seed in range(200)]
    selection = served.packs.select("medicare-part-b", day=TODAY)
    facts = Facts(served.knowledge, TODAY, selection.medicare, selection.requirements)

    def every() -> None:
        for line in lines:
            validate(claim_from(orjson.loads(line), "Claim", Resources()), facts, selection)

    rate = len(lines) / best(every, 1, 25)
    yield Result("NDJSON, edits only, one core", rate, 5000, "claims/s", less_is_better=False)


def _edits(
    claims: list[tuple[bytes, bytes]], selection: Selection, facts: Facts, *, remembered: bool
) -> tuple[float, int]:
    """Microseconds of the median claim, and the findings on all; neither reading nor freeing what was read counts."""
    fastest, found = [float("inf")] * len(claims), 0
    for _ in range(25):
        found = 0
        for at, (resource, written) in enumerate(claims):
            history = History(_LINES.decode(written)) if remembered else None
            parsed = orjson.loads(resource)
            start = time.perf_counter()
            claim = claim_from(parsed, "Claim", Resources())
            claim.history = history
            report = validate(claim, facts, selection)
            fastest[at] = min(fastest[at], time.perf_counter() - start)
            found += len(report.findings)
            del claim, history, parsed
    return median(fastest) * 1e6, found


def _serving(folder: Path) -> Iterator[Result]:
    # Imported here: it is slow, and the figures above must not carry it.
    from fhir.resources.R4B.claim import Claim

    claims = [orjson.dumps(ordinary(seed)) for seed in range(40)]
    codes = _hcpcs(folder)
    asked = f"code={{}}&date={show(DAY)}"
    gets = {
        "$validate-code": [
            http.get(f"/r4/CodeSystem/$validate-code?url={HCPCS}&{asked.format(code)}") for code in codes
        ],
        "$lookup": [http.get(f"/r4/CodeSystem/$lookup?system={HCPCS}&{asked.format(code)}") for code in codes],
    }
    posts = [http.post("/r4/Claim/$validate", claim) for claim in claims]
    empty = [http.get("/empty")]
    with http.serving(folder) as (port, pid):
        for requests in (empty, posts, *gets.values()):
            http.rate(port, requests, 0.5)
        for name, requests in gets.items():
            ratios = [_beside(port, requests, empty) for _ in range(9)]
            yield Result(
                f"GET {name} to an empty route, 16 connections", median(ratios), 0.6, "×", less_is_better=False
            )
        shares = []
        for _ in range(7):
            before = http.cpu_seconds(pid)
            rate = http.rate(port, posts)
            cost = (http.cpu_seconds(pid) - before) / rate
            start = time.process_time()
            for claim in claims * 5:
                Claim.model_validate_json(claim)
            shares.append(cost / ((time.process_time() - start) / len(claims) / 5))
        yield Result("POST Claim/$validate to fhir.resources' parse, processor time", median(shares), 0.5, "×")
        yield _streaming(port, pid, posts, claims)
        total, files = http.resident_mb(pid)
        yield Result("resident memory of the worker", total, 250, "MB", note=f"{files:.0f} MB of it shared file pages")


def _streaming(port: int, pid: int, posts: list[bytes], claims: list[bytes]) -> Result:
    """NDJSON beside the same claims by themselves; the same work but for HTTP."""
    parts = [b"\n".join(claims) + b"\n"] * 50
    count = 50 * len(claims)
    shares, rates = [], []
    for _ in range(5):
        before = http.cpu_seconds(pid)
        rate = http.rate(port, posts)
        alone = (http.cpu_seconds(pid) - before) / rate
        before, start = http.cpu_seconds(pid), time.perf_counter()
        answer = http.streamed(port, "/r4/Claim/$validate", parts)
        rates.append(count / (time.perf_counter() - start))
        assert answer.count(b'"OperationOutcome"') == count
        shares.append((http.cpu_seconds(pid) - before) / count / alone)
    what = "POST NDJSON to single claims, processor time a claim"
    return Result(what, median(shares), 1, "×", note=f"{median(rates):.0f} claims/s on one connection")


def _beside(port: int, requests: list[bytes], empty: list[bytes]) -> float:
    """The rate of the requests to that of the empty route, measured just before and just after."""
    before, own, after = (http.rate(port, each, 0.7) for each in (empty, requests, empty))
    return own / ((before + after) / 2)


def _hcpcs(folder: Path) -> list[str]:
    """Two hundred codes from all over the table."""
    table = Source(folder).served.release.code_system(HCPCS).newest
    return [table.code(at) for at in range(0, len(table), max(1, len(table) // 200)) if len(table.code(at)) == 5]


def main() -> int:
    """Measure, print, write bench.json. 0 where every budget is kept or the files are absent, else 1."""
    console = Console(width=150)
    shared = (ROOT / os.environ.get("FHIR_CPT_SHARED", "../shared")).resolve()
    if not (shared / "data").is_dir():
        console.print(f"skipped: the agencies' files are not in {shared} (set FHIR_CPT_SHARED)")
        return 0
    results: list[Result] = []
    table = Table("what", "measured", "budget", "ratio", "", "note")
    with tempfile.TemporaryDirectory() as folder:
        for result in measure(shared / "data", Path(folder)):
            results.append(result)
            bound = "≤" if result.less_is_better else "≥"
            table.add_row(
                result.what,
                f"{result.measured:.3g} {result.unit}",
                f"{bound} {result.budget:g} {result.unit}",
                f"{result.ratio:.2f}",
                "kept" if result.kept else "MISSED",
                result.note,
            )
    console.print(table)
    (ROOT / "bench.json").write_text(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
