"""Fixtures of the release's tests: batches and releases made of them, and one built from the sample files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fhir_cpt
from terminology.importers.source import Batch
from terminology.model import Edition
from terminology.release.compiler import compile_release
from terminology.release.reader import Release, open_release

SAMPLE = Path(fhir_cpt.__file__).parent / "sample"

Batched = Callable[..., Batch]
Compiled = Callable[..., Release]


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder with the sample files, in the agencies' layouts."""
    return SAMPLE


@pytest.fixture
def batch() -> Batched:
    """Make a batch: `batch("pos", records, version="2024", start=…, end=…, basis=…, part=…)`."""

    def make(table: str, records: Any, version: str = "2024", part: str = "", **edition: Any) -> Batch:
        return Batch(Edition(table, version, **edition), records, len(records), part=part)

    return make


@pytest.fixture
def compiled(tmp_path: Path) -> Compiled:
    """Compile batches into a release of `tmp_path / "out"`, and open it."""

    def make(*batches: Batch, **options: Any) -> Release:
        folder, _ = compile_release(batches, [], tmp_path / "out", **options)
        return open_release(folder)

    return make
