"""`fhir-cpt validate` over NDJSON, on one core and on two."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from tests.bench.claims import ordinary
from tests.bench.measure import Result, best


def measured(folder: Path) -> Iterator[Result]:
    """`fhir-cpt validate` over NDJSON; without the time that it takes to start, which does not grow with the file."""
    count, lines = 20_000, [orjson.dumps(ordinary(seed)) + b"\n" for seed in range(1000)]
    rates: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as work:
        one, many = Path(work) / "one.ndjson", Path(work) / "many.ndjson"
        one.write_bytes(lines[0])
        with many.open("wb") as file:
            for _ in range(count // len(lines)):
                file.writelines(lines)
        for jobs in (1, 2):
            command = [sys.executable, "-m", "fhir_cpt.cli", "validate", "--release", str(folder), "--edits-only"]
            command += ["--format", "fhir", "--jobs", str(jobs)]

            def run(file: Path, command: list[str] = command) -> None:
                subprocess.run([*command, file], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

            start, whole = (best(lambda file=file: run(file), 1, 3) for file in (one, many))  # type: ignore[misc]
            rates[jobs] = count / (whole - start)
    yield Result("CLI, NDJSON, edits only, one core", rates[1], 5000, "claims/s", less_is_better=False)
    note = f"{rates[2]:.0f} claims/s; two bare loops here: {_two_loops():.2f} ×"
    yield Result("the same on two cores", rates[2] / rates[1], 1.9, "×", less_is_better=False, note=note)


def _two_loops() -> float:
    """What two processes that share nothing get done, to one: more than that no program has of this machine's cores."""
    command = [sys.executable, "-c", "for at in range(30_000_000): pass"]

    def both() -> None:
        for process in [subprocess.Popen(command) for _ in range(2)]:
            process.wait()

    return 2 * best(lambda: subprocess.run(command, check=True), 1, 3) / best(both, 1, 3)
