"""Which packs of payers a command works with, beside the built-in ones."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fhir_cpt.commands.console import CommandError
from fhir_cpt.payers.faults import PacksRefused
from fhir_cpt.payers.loading import Definitions, load
from fhir_cpt.served import Served

VARIABLE = "FHIR_CPT_PACKS"


def add_packs_option(parser: argparse.ArgumentParser, default: Any = ()) -> None:
    """Add `--packs PATH`, which may be repeated; an action whose command has it too suppresses the default."""
    parser.add_argument(
        "--packs",
        action="append",
        type=Path,
        default=default if default is argparse.SUPPRESS else list(default),
        metavar="PATH",
        help=f"a file or folder of payers' packs, beside the built-in ones (may be repeated; default: ${VARIABLE})",
    )


def named(given: Sequence[Path]) -> list[Path]:
    """The files and folders named, else those of the environment. Raises CommandError for one that is not there."""
    paths = list(given) or [Path(text.strip()) for text in os.environ.get(VARIABLE, "").split(",") if text.strip()]
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder of packs")
    return paths


def with_packs(served: Served, given: Sequence[Path]) -> Served:
    """The release with the packs named beside the built-in ones. Raises CommandError with every fault of theirs."""
    if not named(given):
        return served
    try:
        return served.with_packs(defined(given))
    except PacksRefused as refused:
        raise CommandError(f"the packs are refused:\n{refused}") from None


def defined(given: Sequence[Path]) -> Definitions:
    """The packs named and the built-in ones, not tried on any release. Raises CommandError with every fault."""
    try:
        return load(named(given))
    except PacksRefused as refused:
        raise CommandError(f"the packs are refused:\n{refused}") from None
