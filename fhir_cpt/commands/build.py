"""`fhir-cpt build`: from the agencies' files to a release."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from fhir_cpt.commands import sample
from fhir_cpt.commands.console import CommandError, Subparsers, err, out, plain, say
from terminology.importers.recognise import Recognised
from terminology.importers.registry import all_importers
from terminology.release import build as library
from terminology.release import manifest
from terminology.release.compiler import EXPANSION_CAP


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "build",
        help="make a release from the agencies' files",
        description="Recognise each file by its content (zip, gz, txt, csv, xlsx, xml) and make a release of them all. "
        "Exit status: 0 built; 1 a file was refused or none holds a table, and nothing was changed; 2 wrong usage.",
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="a file, folder or archive; FILE@2024q3 gives its edition"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of releases to build in")
    parser.add_argument(
        "--cpt-expansion-cap",
        type=_positive,
        default=EXPANSION_CAP,
        metavar="N",
        help="the most CPT concepts in one expansion, by your agreement with the AMA (default: %(default)s)",
    )
    parser.add_argument("--experimental", action="store_true", help="mark the release as not for claims in earnest")
    parser.add_argument("--sample", action="store_true", help="build the sample that comes with the package, not files")
    parser.set_defaults(run=run, failed=1)


def run(arguments: argparse.Namespace) -> int:
    """Build, and tell what was taken. Raises CommandError, SourceError, ReleaseError: nothing was changed."""
    if arguments.sample == bool(arguments.files):
        raise CommandError("build: name the files to build from, or --sample (and not both)")
    names: Sequence[str] = [str(sample.sources())] if arguments.sample else arguments.files
    for name in names:
        if not (Path(name).exists() or ("@" in name and Path(name.rpartition("@")[0]).exists())):
            raise CommandError(f"{name}: there is no such file; nothing was changed", 1)
    began = time.monotonic()
    with _progress(err()) as progress:
        built = library.build(
            names,
            arguments.out,
            expansion_cap=arguments.cpt_expansion_cap,
            experimental=arguments.experimental or arguments.sample,
            progress=progress,
        )
    _report(out(), built, time.monotonic() - began)
    return 0


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


@contextmanager
def _progress(console: Console) -> Iterator[library.Progress]:
    """A bar on a terminal, else nothing: the report names every file and table."""
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda name, at, of: bar.update(task, description=plain(name), completed=at, total=of)


def _report(console: Console, built: library.Built, seconds: float) -> None:
    for taken in built.taken:
        _taken(console, taken)
    _left(console, "Left out", built.left, "yellow")
    if any(item.importer is None and "no table that is known" in item.reason for item in built.left):
        say(console, f"  Known are: {', '.join(importer.name for importer in all_importers())}", "yellow")
    _left(console, "Passed over", built.ignored, "dim")
    for note in built.notes:
        say(console, f"Note: {note}", "yellow")
    tables = [table for table in manifest.read(built.folder).tables if not table.merged]
    rows = sum({table.file: table.rows for table in tables}.values())
    say(console, f"Release {built.folder}: {len(tables)} tables, {rows:,} rows, {seconds:.1f} s", "bold")


def _taken(console: Console, taken: library.Taken) -> None:
    say(console, taken.name, "bold")
    say(console, f"  {taken.kind}: {', '.join(taken.editions)}")
    say(console, f"  {taken.rows:,} rows read, {len(taken.refused):,} refused")
    for number, reason in taken.refused:
        say(console, f"    line {number}: {reason}", "yellow")
    for note in taken.notes:
        say(console, f"  note: {note}")


def _left(console: Console, title: str, files: Sequence[Recognised], style: str) -> None:
    if files:
        console.print(Text(f"{title}:", style=style))
    for item in files:
        say(console, f"  {item.source.name}: {item.reason}", style)
