"""Packs written for tests, and the sample release that they are tried on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.served import Served
from terminology import Release

RULE: dict[str, Any] = {
    "id": "payer-test-visit",
    "title": "Visits are not covered",
    "citation": "Test Payer, page 1",
    "applies": {"codes": ["99213"]},
    "require": {"not-covered": True},
    "carc": ["96"],
    "examples": [
        {"name": "a visit", "claim": {"date": "2026-10-15", "lines": ["99213"]}, "expect": "fail"},
        {"name": "an injection", "claim": {"date": "2026-10-15", "lines": ["20610"]}, "expect": "pass"},
    ],
}
PACK: dict[str, Any] = {"id": "test-payer", "title": "Test Payer", "payers": ["TEST"], "rules": [RULE]}


def pack(**changes: Any) -> dict[str, Any]:
    """A good pack of one rule, with changes; None takes a key away."""
    return {key: value for key, value in {**PACK, **changes}.items() if value is not None}


def rule(**changes: Any) -> dict[str, Any]:
    """Its rule, with changes."""
    return {key: value for key, value in {**RULE, **changes}.items() if value is not None}


def write(folder: Path, *packs: dict[str, Any]) -> Path:
    """The packs as files of a folder: 0.yaml, 1.yaml …"""
    for at, one in enumerate(packs):
        (folder / f"{at}.yaml").write_text(yaml.safe_dump(one, sort_keys=False), "utf-8")
    return folder


@pytest.fixture(scope="session")
def served(sample_release: Release) -> Served:
    """The sample release with the built-in packs."""
    return Served(sample_release)
