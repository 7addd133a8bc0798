"""`fhir-cpt`: build a release, serve it, validate claims and look up codes with it."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from fhir_cpt.commands.console import CommandError, complain, unforeseen
from terminology.errors import TerminologyError

COMMANDS = ("build", "serve", "validate", "edits", "packs", "lookup", "release", "history")
UNFORESEEN = 70
"""Exit status for a fault of our own (EX_SOFTWARE of sysexits.h): no status that a command gives a meaning to."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; what goes wrong is said in a line on standard error."""
    failed = 2
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character must not end the command
    try:
        arguments = _parser().parse_args(argv)
        failed = arguments.failed
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except SystemExit as stop:  # argparse, uvicorn
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except CommandError as error:
        complain(str(error))
        return error.status
    except TerminologyError as error:
        complain(str(error))
        return failed
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `fhir-cpt … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failed
    except Exception as error:
        complain(unforeseen(error))
        return UNFORESEEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fhir-cpt", description="A FHIR server for US procedure coding.")
    parser.add_argument("--version", action="version", version=f"fhir-cpt {version('fhir-cpt')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"fhir_cpt.commands.{name}").add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
