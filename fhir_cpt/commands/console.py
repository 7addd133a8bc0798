"""Where the commands write, and how they say what stands in their way."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import TextIO, TypeAlias

from rich.console import Console
from rich.text import Text

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What each command adds its parser to; a string, because the class is generic for the type checker alone."""

PIPED_WIDTH = 140
"""Columns where the output is no terminal and `COLUMNS` names no other figure: tables stay readable in a log."""


class CommandError(Exception):
    """What the user has to mend; `status` is the exit status. Its text is shown as it stands."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


def out() -> Console:
    """Standard output, for the answer."""
    return _console(sys.stdout)


def err() -> Console:
    """Standard error, for progress and for what went wrong."""
    return _console(sys.stderr)


def complain(text: str) -> None:
    """Say on standard error what is wrong."""
    say(err(), f"fhir-cpt: {text}", "red")


def say(console: Console, text: str, style: str = "") -> None:
    """One line, never wrapped and never read as markup."""
    console.print(Text(plain(text), style=style), soft_wrap=True)


def plain(text: str) -> str:
    """The text without characters that would steer the terminal: what a file holds may not do that."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def unforeseen(error: Exception) -> str:
    """A fault of our own for the user: its kind and place. Not its text, which may hold what a claim holds."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    return f"a fault of fhir-cpt itself: {type(error).__name__} in {where}; please report it"


def _console(file: TextIO) -> Console:
    width = None if file.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False)
