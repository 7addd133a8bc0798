"""`fhir-cpt release`: what a release holds, and whether it is still what was built."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fhir_cpt.commands.console import Subparsers, out, plain, say
from fhir_cpt.commands.release_folder import chosen
from terminology import Release
from terminology.release import manifest
from terminology.release.inventory import describe
from terminology.release.manifest import Manifest
from terminology.release.reader import current


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "release",
        help="tell what a release holds, or whether its files are as built",
        description="Exit status: 0 all is well; 1 there is no release, or a file of it is not what was built; "
        "2 wrong usage.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, action, told in (
        ("info", _info, "list the tables with their editions and rows, the source files, the licences"),
        ("verify", _verify, "compare every file with the digest in the manifest"),
    ):
        one = actions.add_parser(name, help=told, description=told)
        one.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="a release, or a folder of releases")
        one.set_defaults(run=action, failed=1)


def _info(arguments: argparse.Namespace) -> int:
    release = Release(current(chosen(arguments.folder)), check=False)
    console, held = out(), release.manifest
    say(console, f"Release {held.id} in {release.folder}", "bold")
    marked = "; experimental: not for claims in earnest" if held.experimental else ""
    say(console, f"Built {held.created} by {held.software}{marked}")
    console.print(_tables(release))
    _sources(console, held)
    for licence in held.licences:
        cap = "no cap" if licence.expansion_cap is None else f"at most {licence.expansion_cap:,} concepts an expansion"
        say(console, f"Licence for {licence.system} ({cap}): {licence.notice}")
    return 0


def _tables(release: Release) -> Table:
    table = Table("Table", "Edition", "Days", "Rows", "Bytes", "Content", box=None, header_style="bold", pad_edge=False)
    for column in (3, 4):
        table.columns[column].justify = "right"
    for item in describe(release):
        content = item.content if item.content != "complete" else " ".join(item.parts)
        cells = (item.table, item.version, item.days, f"{item.rows:,}", f"{item.bytes:,}", content)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _sources(console: Console, held: Manifest) -> None:
    say(console, "Built from:", "bold")
    for source in held.sources:
        refused = f", {len(source.refused):,} refused" if source.refused else ""
        say(console, f"  {source.name} ({source.kind}): {source.rows_read:,} rows read{refused}")
        for number, reason in source.refused:
            say(console, f"    line {number}: {reason}", "yellow")
        for note in source.notes:
            say(console, f"    note: {note}")


def _verify(arguments: argparse.Namespace) -> int:
    folder = current(chosen(arguments.folder))
    held = manifest.verify(folder)
    files = {table.file: table.bytes for table in held.tables}
    say(out(), f"Release {held.id} in {folder}: {len(files)} files, {sum(files.values()):,} bytes, all as built")
    return 0
