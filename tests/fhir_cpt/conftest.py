"""Fixtures of the tests of the server and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import Release


@pytest.fixture
def sample_folder(sample_release: Release) -> Path:
    """The folder of the sample release. Not to be written to: it is shared."""
    return sample_release.folder
