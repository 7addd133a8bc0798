"""`fhir-cpt history`: what a history holds, and the removal of what should no longer be in it."""

from __future__ import annotations

import argparse

from fhir_cpt.commands.console import CommandError, Subparsers, out, say
from fhir_cpt.commands.history_store import opened
from fhir_cpt.history import StoreUnavailable
from terminology.period import Day, parse_fhir, show


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "history",
        help="tell what a history holds, or remove from it",
        description="A history is what `serve --history` keeps; its salt is FHIR_CPT_HISTORY_SALT. Exit status: 0 "
        "done; 1 the history cannot be used, or does not answer; 2 wrong usage.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    info = actions.add_parser("info", help="how much is kept, and how old it is")
    purge = actions.add_parser("purge", help="remove a patient, or what is old, for good")
    what = purge.add_mutually_exclusive_group(required=True)
    what.add_argument("--patient", metavar="SYSTEM|VALUE", type=_identifier, help="all of the patient so identified")
    what.add_argument("--before", metavar="DATE", type=_day, help="all whose last day of service is before this day")
    for one, run in ((info, _info), (purge, _purge)):
        place = one.add_mutually_exclusive_group()
        place.add_argument("store", nargs="?", help="an SQLite file, or a redis:// URL (default: $FHIR_CPT_HISTORY)")
        place.add_argument("--history", metavar="STORE", dest="named", help="the same, as `serve` has it")
        one.set_defaults(run=run, failed=1)


def _info(arguments: argparse.Namespace) -> int:
    keeper = opened(arguments.store or arguments.named, 1)
    try:
        held = keeper.info()
    except StoreUnavailable as error:
        raise CommandError(str(error), 1) from None
    finally:
        keeper.close()
    oldest = f"; the oldest is of {show(held.oldest)}" if held.oldest is not None else ""
    say(out(), f"{held.documents:,} documents under {held.patients:,} keys of patients{oldest}")
    return 0


def _purge(arguments: argparse.Namespace) -> int:
    keeper = opened(arguments.store or arguments.named, 1)
    try:
        if arguments.patient is not None:
            removed = keeper.forget_patient(arguments.patient)
        else:
            removed = keeper.forget(arguments.before)
    except StoreUnavailable as error:
        raise CommandError(str(error), 1) from None
    finally:
        keeper.close()
    say(out(), f"{removed:,} documents removed")
    return 0


def _identifier(text: str) -> str:
    system, _, value = text.partition("|")
    if not system or not value:
        raise argparse.ArgumentTypeError("a patient is named as system|value")
    return text


def _day(text: str) -> Day:
    try:
        return parse_fhir(text).start
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (2026-10-15)") from None
