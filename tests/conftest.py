"""Fixtures that more than one test module uses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminology import Release, open_release
from terminology.release.build import Built, build

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the agencies' real files; skips where it is absent."""
    folder = (ROOT / os.environ.get("FHIR_CPT_SHARED", "../shared")).resolve()
    if not (folder / "data").is_dir():
        pytest.skip(f"the agencies' files are not in {folder} (set FHIR_CPT_SHARED)")
    return folder


@pytest.fixture(scope="session")
def sample_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the sample's source files, built once."""
    out = tmp_path_factory.mktemp("sample-release")
    build([str(ROOT / "fhir_cpt" / "sample")], out, experimental=True)
    return open_release(out)


@pytest.fixture(scope="session")
def real_build(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """What a build of all the real files did; made once a session (some 25 s), and removed at its end."""
    out = tmp_path_factory.mktemp("real")
    yield build([str(shared / "data")], out)
    shutil.rmtree(out)


@pytest.fixture(scope="session")
def real_release(real_build: Built) -> Release:
    """The release made of all the real files, opened."""
    return open_release(real_build.folder)
