from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fhir_cpt.cli import main
from terminology import open_release


def test_info_lists_every_table_and_source(sample_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "info", str(sample_folder)]) == 0
    told = capsys.readouterr().out
    held = open_release(sample_folder).manifest
    assert held.id in told
    assert "experimental" in told
    assert all(table.edition.table in told and table.edition.version in told for table in held.tables)
    assert all(source.name in told for source in held.sources)
    assert all(licence.notice in told for licence in held.licences)


def test_the_release_of_the_environment_is_taken_where_none_is_named(
    sample_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FHIR_CPT_RELEASE", str(sample_folder))
    assert main(["release", "verify"]) == 0
    assert open_release(sample_folder).id in capsys.readouterr().out


def test_verify_names_the_file_that_was_changed(
    sample_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sample_folder, folder)
    table = next(folder.glob("mue-dme-*.table"))
    content = bytearray(table.read_bytes())
    content[-1] ^= 1
    table.write_bytes(content)
    assert main(["release", "verify", str(folder)]) == 1
    assert table.name in capsys.readouterr().err
