from __future__ import annotations

from pathlib import Path

import pytest

from fhir_cpt.cli import main
from fhir_cpt.commands import sample
from terminology import open_release


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no release in the environment."""
    monkeypatch.delenv("FHIR_CPT_RELEASE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "fhir-cpt" / "sample"


def test_without_a_release_the_sample_is_built_once_and_said_so(
    cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["lookup", "99213"]) == 0
    assert f"the sample in {cache}" in capsys.readouterr().err
    monkeypatch.delattr(sample, "build")
    assert main(["lookup", "99213"]) == 0


def test_the_sample_is_built_anew_where_its_sources_have_changed(cache: Path) -> None:
    sample.release()
    (cache / "made-from").write_text("other sources", "ascii")
    stamp = (cache / "current").stat().st_mtime_ns
    sample.release()
    assert (cache / "current").stat().st_mtime_ns > stamp


def test_a_damaged_sample_is_built_anew(cache: Path) -> None:
    folder = open_release(sample.release()).folder
    next(folder.glob("*.table")).write_bytes(b"")
    assert open_release(sample.release()).folder == folder


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sample.folder() == tmp_path / ".cache" / "fhir-cpt" / "sample"
