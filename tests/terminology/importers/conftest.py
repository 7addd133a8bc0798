"""Fixtures of the importers' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from terminology.importers.source import Member

FileOf = Callable[..., Member]


@pytest.fixture
def file_of(tmp_path: Path) -> FileOf:
    """Write a text to a file of this name, and give it as importers see it: `file_of(text, name, version="")`."""

    def write(text: str | bytes, name: str = "file.csv", version: str = "") -> Member:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Member(path, version=version)

    return write
