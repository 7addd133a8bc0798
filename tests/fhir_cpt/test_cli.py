from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fhir_cpt import cli
from fhir_cpt.cli import UNFORESEEN, main
from fhir_cpt.commands import lookup
from fhir_cpt.commands.console import plain


def test_the_installed_command_tells_its_version() -> None:
    command = Path(sys.executable).with_name("fhir-cpt")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("fhir-cpt ")


def test_help_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(command in told for command in cli.COMMANDS)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["bake"],
        ["build", "file.txt"],
        ["build", "--out", "x"],
        ["build", "--out", "x", "--cpt-expansion-cap", "0", "file.txt"],
        ["validate"],
        ["validate", "--setting", "moon", "claim.json"],
        ["validate", "--format", "xml", "claim.json"],
        ["lookup"],
        ["lookup", "99213", "--system", "snomed"],
        ["lookup", "99213", "--date", "2024"],
        ["lookup", "99213", "--date", "yesterday"],
        ["release"],
        ["release", "forget"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_and_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    assert "fhir-cpt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["release", "info"], 1),
        (["release", "verify"], 1),
        (["lookup", "99213", "--release"], 2),
        (["validate", "claim.json", "--release"], 2),
        (["serve", "--release"], 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_folder_without_a_release_is_named(
    argv: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*argv, str(tmp_path)]) == status
    told = capsys.readouterr().err
    assert str(tmp_path) in told
    assert "Traceback" not in told


def test_a_fault_of_our_own_shows_no_traceback_and_nothing_of_what_was_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Jane Doe")

    monkeypatch.setattr(lookup, "open_release", broken)
    assert main(["lookup", "99213", "--release", str(tmp_path)]) == UNFORESEEN
    told = capsys.readouterr().err
    assert "KeyError in test_cli.py" in told
    assert "Jane" not in told
    assert "Traceback" not in told


def test_an_interrupted_command_ends_as_the_shell_expects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lookup, "open_release", interrupted)
    assert main(["lookup", "99213", "--release", str(tmp_path)]) == 130


def test_what_steers_a_terminal_is_not_shown() -> None:
    assert plain("a\x1b[31mb\x07\nc") == "a�[31mb�\nc"


def test_nobody_reading_on_is_no_fault(sample_folder: Path) -> None:
    command = [sys.executable, "-m", "fhir_cpt.cli", "release", "info", str(sample_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1
