"""`fhir-cpt validate` over NDJSON for machines: in order, on several cores, and to the end whatever happens."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.claims.shorthand import claim
from fhir_cpt.cli import main
from fhir_cpt.commands import claim_bulk, claim_files

Json = dict[str, Any]
COMMAND = [sys.executable, "-m", "fhir_cpt.cli", "validate"]
FORMATS = pytest.mark.parametrize("style", ["ndjson", "fhir", "flat"])


def made(number: int) -> Json:
    """A claim unlike its neighbours: clean, with an edit that fails, or not built as FHIR has it."""
    lines = [["99213"], ["20610", "99213"], ["93000", "20610", "J1030"]][number % 3]
    return {**claim({"lines": lines, "dx": ["M17.11"]}), "id": f"c{number}", **({"use": []} if number % 5 == 4 else {})}


CLAIMS = [made(number) for number in range(60)]


def ndjson(*resources: object) -> bytes:
    return b"".join(item if isinstance(item, bytes) else json.dumps(item).encode() + b"\n" for item in resources)


@pytest.fixture
def options(sample_folder: Path) -> list[str]:
    return ["--release", str(sample_folder), "--include", "ncci", "--format"]


def told(arguments: Sequence[object], capfdbinary: pytest.CaptureFixture[bytes]) -> tuple[int, list[Json], str]:
    """Exit status, the lines of the answer, and the complaints."""
    status = main(["validate", *map(str, arguments)])
    out, err = capfdbinary.readouterr()
    return status, [json.loads(line) for line in out.splitlines()], err.decode()


@FORMATS
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_findings_are_those_of_the_claims_one_by_one(
    style: str, jobs: int, options: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alone = []
    for number, resource in enumerate(CLAIMS):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(resource, indent=1))
        alone.append(file)
    together = tmp_path / "claims.ndjson"
    together.write_bytes(ndjson(*CLAIMS))
    status, wanted, _ = told([*options, style, *alone], capfdbinary)
    found = told([*options, style, "--jobs", jobs, together], capfdbinary)
    assert status == 1
    for line in (*wanted, *found[1]):
        line.pop("file", None)
        line.pop("record", None)
    assert found[:2] == (status, wanted)
    assert "60 claims: " in found[2]


@FORMATS
def test_many_pieces_on_several_cores_keep_their_order(
    style: str,
    options: list[str],
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claim_files, "_PART", 5000)
    file = tmp_path / "claims.ndjson"
    file.write_bytes(ndjson(*CLAIMS[:30], b"{oops\n", *CLAIMS[30:]))
    alone, together = (told([*options, style, "--jobs", jobs, file, file], capfdbinary) for jobs in (1, 3))
    assert together == alone


def test_other_processes_are_started_where_there_is_much_to_do(
    options: list[str],
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = []

    class Counted(claim_bulk.Workers):
        def __init__(self, count: int, *arguments: Any) -> None:
            counts.append(count)
            super().__init__(count, *arguments)

    monkeypatch.setattr(claim_bulk, "Workers", Counted)
    monkeypatch.setattr(claim_bulk, "cores", lambda: 2)
    monkeypatch.setattr(claim_files, "_PART", 5000)
    file = tmp_path / "claims.ndjson"
    file.write_bytes(ndjson(*CLAIMS))
    small = told([*options, "fhir", file], capfdbinary)
    assert counts == []
    monkeypatch.setattr(claim_bulk, "SMALL", 20_000)
    assert told([*options, "fhir", file], capfdbinary) == small
    assert counts == [2]


@FORMATS
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"{oops\n", "column 2"),
        (b'{"resourceType": "Patient"}\n', "not a claim: Patient"),
        (b"[]\n", "not a claim: the JSON is no object"),
        (b'{"resourceType": "Claim", "id": "\xff"}\n', "column 34"),
        (b'{"resourceType": "Claim", "x": "' + b"y" * 200_000 + b'"}\n', "longer than 100000 bytes"),
    ],
    ids=["not JSON", "another resource", "an array", "not UTF-8", "too long"],
)
def test_a_bad_line_is_answered_in_its_place_and_stops_nothing(
    style: str,
    bad: bytes,
    why: str,
    options: list[str],
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claim_files, "MOST", 100_000)
    file = tmp_path / "claims.ndjson"
    file.write_bytes(ndjson(CLAIMS[1], b"\n", bad, CLAIMS[1]))
    status, lines, complaints = told([*options, style, file], capfdbinary)
    assert status == 2
    assert f"claims.ndjson:3: {'' if 'column' in why else why}" in complaints
    before, [answer], after = lines[: len(lines) // 2], [lines[len(lines) // 2]], lines[len(lines) // 2 + 1 :]
    assert len(before) == len(after) == 1
    if style == "fhir":
        text = answer["issue"][0]["details"]["text"]
        assert text.startswith("Line 3, column ")
    elif style == "flat":
        text = answer["text"]
        assert text.startswith("Line 3, column ")
        assert (answer["result"], answer["findings"][0]["edit"]) == ("unread", "structure")
    else:
        text = answer["text"]
        assert (answer["record"], answer["edit"], answer["state"]) == (3, "structure", "fail")
        assert answer["claim"] is None
    assert why in text


def test_edits_only_leaves_fhir_s_structure_unchecked(
    options: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "claims.ndjson"
    file.write_bytes(ndjson(CLAIMS[4]))
    _, with_structure, _ = told([*options, "ndjson", file], capfdbinary)
    _, edits_only, _ = told([*options, "ndjson", "--edits-only", file], capfdbinary)
    assert [line["edit"] for line in with_structure] == ["structure", "ncci-ptp"]
    assert [line["edit"] for line in edits_only] == ["ncci-ptp"]


def test_standard_input_is_read_as_it_comes(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ndjson(*CLAIMS[:4]))))
    status, lines, _ = told([*options, "fhir", "--jobs", "2", "-"], capfdbinary)
    assert (status, len(lines)) == (1, 4)


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1000"])
def test_a_wrong_number_of_jobs_is_wrong_usage(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--jobs", jobs, "-"]) == 2
    assert "is not a number of processes from 1 to 256" in capsys.readouterr().err


@contextmanager
def running(options: list[str], jobs: int) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, in a group of its own, with standard input open."""
    command = [*COMMAND, *options, "fhir", "--jobs", str(jobs), "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of the workers."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [pid for pid in map(int, children) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def begun(process: subprocess.Popen[bytes], jobs: int) -> list[int]:
    """Send a few claims, no more than pipes hold, and wait until they are worked on: the workers' process ids.

    Standard input stays open.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(ndjson(*CLAIMS[:10]))
    process.stdin.flush()
    if jobs == 1:
        assert json.loads(process.stdout.readline())["resourceType"] == "OperationOutcome"
        return []
    for _ in range(600):
        if len(pids := workers_of(process)) == jobs:
            return pids
        time.sleep(0.05)
    raise AssertionError("no workers were started")


LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")


@LINUX
def test_a_worker_that_dies_is_told_and_ends_the_command(options: list[str]) -> None:
    with running(options, 2) as process:
        for pid in begun(process, 2):
            os.kill(pid, signal.SIGKILL)
        _, complaints = process.communicate(ndjson(*CLAIMS) * 20, timeout=60)
    assert process.returncode == 2
    assert b"a worker process was ended by signal 9" in complaints
    assert b"Traceback" not in complaints


@LINUX
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_it_and_its_workers(options: list[str], jobs: int) -> None:
    with running(options, jobs) as process:
        pids = begun(process, jobs)
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert complaints == b""
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@LINUX
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reader_that_leaves_ends_it(options: list[str], jobs: int) -> None:
    with running(options, jobs) as process:
        pids = begun(process, jobs)
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, complaints = process.communicate(ndjson(*CLAIMS) * 40, timeout=60)
    assert process.returncode == 2
    assert complaints == b""
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a command, and prints the most kilobytes that it or one of its workers had. Small itself: a process begins with
the figure of the one that starts it."""


@LINUX
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_does_not_grow_with_the_file(options: list[str], jobs: str, tmp_path: Path) -> None:
    """Sixty megabytes are checked in no more memory than six, within the sixteen that chance may add."""
    note = [{"sequence": 1, "category": {"text": "note"}, "valueString": "x" * 60_000}]
    line = ndjson(claim({"lines": ["99213"], "info": note}))
    most = []
    for count in (100, 1000):
        file = tmp_path / f"{count}.ndjson"
        file.write_bytes(line * count)
        command = [sys.executable, "-c", MEASURED, *COMMAND, *options, "fhir", "--jobs", jobs, str(file)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        most.append(int(done.stdout) / 1024)
    assert most[1] - most[0] < 16
