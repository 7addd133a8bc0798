"""`fhir-cpt packs`: the payers' packs in force, whether a file of one is good, and what it would alter."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec
import orjson
from rich.table import Table
from rich.text import Text

from fhir_cpt.commands.claim_files import documents
from fhir_cpt.commands.claim_results import counted
from fhir_cpt.commands.console import CommandError, Subparsers, complain, err, out, plain, say
from fhir_cpt.commands.pack_folders import add_packs_option, named, with_packs
from fhir_cpt.commands.release_folder import add_option, chosen
from fhir_cpt.commands.trying import tried
from fhir_cpt.payers.dry_run import DryRun
from fhir_cpt.payers.faults import PacksRefused
from fhir_cpt.payers.loading import load, pack_files
from fhir_cpt.payers.packs import UnknownName
from fhir_cpt.served import Served
from terminology import open_release


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "packs",
        help="list the payers' packs, check a file of one, or see what it would alter",
        description="Without an action, list the packs in force.",
    )
    add_packs_option(parser)
    parser.set_defaults(run=_list, failed=2)
    actions = parser.add_subparsers(metavar="ACTION")
    check = actions.add_parser(
        "check",
        help="check files of packs, and run their examples",
        description="Read the files in the place of the packs in force that have their ids, and run their examples on "
        "the release. Each fault is told with file, line and column. Exit status: 0 they are good; 1 they are refused; "
        "2 wrong usage.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files or folders of packs")
    dry_run = actions.add_parser(
        "dry-run",
        help="what a pack would alter over past claims",
        description="Check each claim twice: with the packs in force, and with PACK in the place of those that have "
        "its id. Each time the claim's payer chooses, unless --against names the pack to compare with: then PACK and "
        "that one are compared on all claims. Claims are seen one by one, without those before them as history. "
        "Exit status: 0 nothing would change; 1 something would; 2 PACK is refused, a claim could not be read, or "
        "wrong usage.",
    )
    dry_run.add_argument("pack", type=Path, metavar="PACK", help="the file of the pack as it would be")
    dry_run.add_argument("claims", nargs="+", metavar="CLAIMS", help="JSON or NDJSON; - is standard input")
    dry_run.add_argument("--against", metavar="ID", help="the pack in force to compare with, on all claims")
    dry_run.add_argument(
        "--examples", type=_number, default=5, metavar="N", help="claims named for each edit (default: %(default)s)"
    )
    dry_run.add_argument("--format", choices=("table", "json"), default="table", help="(default: %(default)s)")
    for action, carried_out in ((check, _check), (dry_run, _dry_run)):
        add_option(action)
        add_packs_option(action, default=argparse.SUPPRESS)
        action.set_defaults(run=carried_out, failed=2)


def _list(arguments: argparse.Namespace) -> int:
    try:
        definitions = load(named(arguments.packs))
    except PacksRefused as refused:
        raise CommandError(f"the packs are refused:\n{refused}") from None
    table = Table(
        "Pack", "In force", "Rules", "Extends", "Payers", "Title", box=None, header_style="bold", pad_edge=False
    )
    for pack in definitions.packs:
        days = f"{pack.start or '…'} to {pack.end or '…'}" if pack.start or pack.end else "always"
        payers = ", ".join(pack.payers[:3]) + (" …" if len(pack.payers) > 3 else "")
        cells = (pack.id, days, str(len(pack.rules)), pack.extends or "", payers, pack.title)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    out().print(table)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    files = _existing(arguments.files)
    served = Served(open_release(chosen(arguments.release)))
    try:
        checked = served.with_packs(load(named(arguments.packs), files)).packs.definitions
    except PacksRefused as refused:
        for line in str(refused).split("\n"):
            say(err(), line)
        return 1
    inside = {str(file) for file in pack_files(files)}
    for pack in checked.own:
        if (file := checked.sources[pack].file) in inside:
            told = [counted(len(pack.rules), "rule") or "no rules"]
            told += filter(None, [counted(sum(len(rule.examples) for rule in pack.rules), "example")])
            say(out(), f"{file}: {pack.id} is good: {', '.join(told)}")
    return 0


def _dry_run(arguments: argparse.Namespace) -> int:
    in_force = with_packs(Served(open_release(chosen(arguments.release))), arguments.packs)
    (file,) = _existing([arguments.pack])
    if file.is_dir():
        raise CommandError(f"{file}: a folder; name the file of one pack")
    try:
        changed, pack = tried(in_force, named(arguments.packs), file)
        in_force.packs.check_names(arguments.against, (), ())
    except PacksRefused as refused:
        raise CommandError(f"the pack is refused:\n{refused}") from None
    except UnknownName as error:
        raise CommandError(str(error)) from None
    result = DryRun(arguments.examples)
    unread = 0
    for document in documents(arguments.claims):
        problem = changed.compare(document, pack, arguments.against, result)
        if problem is not None:
            complain(f"{document.place}: {problem}")
            unread += 1
    _write(result, pack, arguments)
    return 2 if unread else int(bool(result.altered))


def _write(result: DryRun, pack: str, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        told: dict[str, Any] = msgspec.to_builtins(result)
        told |= {"pack": pack, "against": arguments.against, "changes": msgspec.to_builtins(result.listed)}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return
    console = out()
    if result.changes:
        headings = ("Edit", "Fail anew", "Charges", "Pass anew", "Charges", "Warned anew", "No longer", "For example")
        table = Table(*headings, box=None, header_style="bold", pad_edge=False)
        for column in table.columns[1:7]:
            column.justify = "right"
        for one in result.listed:
            numbers = (one.fails, one.charges_failing, one.passes, one.charges_passing, one.warned, one.unwarned)
            shown = (f"{number:,.2f}" if isinstance(number, float) else f"{number:,}" for number in numbers)
            table.add_row(Text(plain(one.edit)), *shown, Text(plain(", ".join(one.examples))))
        console.print(table)
    say(
        console,
        f"{result.claims:,} claims, {result.concerned:,} of them under {pack}; {result.altered:,} would end otherwise. "
        f"With errors: {result.failing_before:,} before, {result.failing_after:,} after.",
        "bold",
    )
    if result.claims and not result.concerned:
        say(console, "No claim names a payer of the pack: --against ID compares all claims.", "yellow")


def _existing(files: list[Path]) -> list[Path]:
    for file in files:
        if not file.exists():
            raise CommandError(f"{file}: there is no such file or folder")
    return files


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 999")
    return int(text)
