"""Which release a command works with: the one that is named, that of the environment, or the sample."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from fhir_cpt.commands import sample
from fhir_cpt.commands.console import err, say

VARIABLE = "FHIR_CPT_RELEASE"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add `--release DIR`."""
    parser.add_argument(
        "--release",
        type=Path,
        metavar="DIR",
        help=f"a release, or a folder of releases that `build` made (default: ${VARIABLE}, else the sample)",
    )


def chosen(named: Path | None) -> Path:
    """The folder to open. Where neither the user nor the environment names one, the sample's, and it is said so.

    Raises SourceError, ReleaseError: the sample is needed, and cannot be built.
    """
    if named is not None:
        return named
    if from_environment := os.environ.get(VARIABLE):
        return Path(from_environment)
    folder = sample.release()
    say(
        err(),
        f"No release is named (--release DIR, or ${VARIABLE}): this is the sample in {folder}. "
        "It holds about 1,200 codes, with invented texts: not for claims in earnest.",
        "yellow",
    )
    return folder
