from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fhir_cpt.cli import main
from fhir_cpt.commands import sample
from terminology import open_release
from terminology.model import CPT

MUE = "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv"


@pytest.fixture
def limits() -> Path:
    """A small table of the sample."""
    return sample.sources() / "ncci" / MUE


def test_a_build_tells_what_it_took_and_ends_with_the_release(
    limits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir\n", "ascii")
    out = tmp_path / "out"
    assert main(["build", "--out", str(out), str(limits), str(tmp_path / "letter.txt")]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    at = lines.index(MUE)
    assert "mue-dme 2026q4" in lines[at + 1]
    assert lines[at + 2].endswith("rows read, 0 refused")
    assert any("letter.txt: is no table" in line for line in lines)
    assert sum("Known are: " in line and "NCCI PTP edits" in line for line in lines) == 1
    assert lines[-1].startswith(f"Release {open_release(out).folder}: 1 tables, ")
    assert not told.err  # a bar is for terminals


def test_refused_rows_are_told_with_their_lines(
    limits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = limits.read_bytes().splitlines(keepends=True)
    copy = tmp_path / MUE
    copy.write_bytes(b"".join([*rows, rows[-1].replace(b",", b",x", 1)]))
    assert main(["build", "--out", str(tmp_path / "out"), str(copy)]) == 0
    told = capsys.readouterr().out
    assert f"line {len(rows) + 1}: " in told
    assert "rows read, 1 refused" in told


def test_the_edition_may_be_given_with_the_file(limits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    unnamed = shutil.copy(limits, tmp_path / "limits-dme.csv")
    assert main(["build", "--out", str(out), f"{unnamed}@2025q2"]) == 0
    assert {edition.version for edition in open_release(out).editions()} == {"2025q2"}


@pytest.mark.parametrize("content", [b"", b"Dear Sir\n", b'{"resourceType": "Claim"}'])
def test_nothing_is_built_where_no_file_is_a_table(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.txt"
    file.write_bytes(content)
    assert main(["build", "--out", str(tmp_path / "out"), str(file)]) == 1
    assert "file.txt" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["absent.csv", "absent.csv@2024q3"])
def test_a_file_that_is_not_there_stops_the_build(
    name: str, limits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--out", str(tmp_path / "out"), str(limits), str(tmp_path / name)]) == 1
    assert name in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_refused_file_leaves_the_release_in_force_as_it_was(
    limits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["build", "--out", str(out), str(limits)]) == 0
    before = open_release(out).id
    rows = limits.read_bytes().splitlines(keepends=True)
    spoilt = tmp_path / MUE
    spoilt.write_bytes(b"".join([*rows[:-12], *(row.replace(b",", b",x", 1) for row in rows[-12:])]))
    assert main(["build", "--out", str(out), str(spoilt)]) == 1
    assert MUE in capsys.readouterr().err
    assert open_release(out).id == before


def test_files_and_the_sample_exclude_each_other(limits: Path, tmp_path: Path) -> None:
    assert main(["build", "--sample", "--out", str(tmp_path / "out"), str(limits)]) == 2


def test_the_sample_is_built_as_experimental_with_the_cap_that_was_given(tmp_path: Path) -> None:
    assert main(["build", "--sample", "--cpt-expansion-cap", "50", "--out", str(tmp_path / "out")]) == 0
    release = open_release(tmp_path / "out")
    assert release.manifest.experimental
    assert CPT in release.code_systems
