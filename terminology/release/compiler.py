"""From records to a release: an immutable folder, made whole or not at all.

    OUT/current            the id of the release in force
    OUT/<id>/manifest.json
    OUT/<id>/*.table

Everything is written to a folder of its own, flushed to disk, and renamed; then `current` is replaced. A kill
at any moment leaves `current` pointing at a whole release. The id is a digest of the content, so that the
same sources give the same release. What a build that was killed leaves behind, the next one removes.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import msgspec

from terminology.errors import ReleaseBusy, ReleaseError
from terminology.importers.source import Batch
from terminology.model import CPT
from terminology.release import concepts, editions, keyed, manifest, ptp
from terminology.release.editions import Plan
from terminology.release.manifest import Licence, Manifest, SourceFile, TableFile
from terminology.release.tables import KEYED

_LOCK = "build.lock"
_PARTIAL = ".partial-"
_KEYED = {table.name: table for table in KEYED}
EXPANSION_CAP = 1000
"""Concepts that one expansion with CPT content may hold, where the licensee's agreement names no other figure."""

CPT_NOTICE = (
    "CPT is a registered trademark of the American Medical Association, which holds the copyright in the CPT code set. "
    "This answer holds code numbers as published in CMS's public files, and no descriptors."
)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


def compile_release(
    batches: Sequence[Batch],
    sources: Sequence[SourceFile],
    out: Path,
    *,
    licences: Sequence[Licence] = (),
    experimental: bool = False,
    progress: Progress = lambda *_: None,
) -> tuple[Path, list[str]]:
    """Write a release from the batches and make it the current one of the folder `out`.

    Returns the release's folder and what people should know (files that say the same, editions that differ).
    Raises ReleaseBusy where another build is writing there, ReleaseError where nothing is to be written or the
    folder cannot be written to. The release that was in force before stays so in any of these cases.
    """
    plans, notes = editions.plan(batches)
    if not plans:
        raise ReleaseError("none of the files holds a table; there is nothing to build")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _locked(out):
            _sweep(out)
            with _workspace(out) as partial:
                tables = _tables(partial, plans, progress)
                made = Manifest(
                    format=manifest.FORMAT,
                    id="",
                    created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                    software=f"fhir-cpt {metadata.version('fhir-cpt')}",
                    tables=tuple(tables),
                    sources=tuple(sorted(sources, key=lambda source: (source.name, source.sha256))),
                    licences=tuple(_licences(licences, tables)),
                    experimental=experimental,
                )
                made = msgspec.structs.replace(made, id=manifest.identity(made))
                (partial / manifest.NAME).write_bytes(manifest.encode(made))
                final = _settle(partial, out / made.id)
            activate(out, made.id)
            _prune(out, made.id)
    except OSError as error:
        raise ReleaseError(f"{out}: the release cannot be written: {error.strerror or error}") from error
    return final, notes


def activate(out: Path, release: str) -> None:
    """Make the release of that id the one that `open_release(out)` opens. Atomic: readers see the old or the new."""
    temporary = out / f"{_PARTIAL}{manifest.CURRENT}"
    temporary.write_text(release + "\n", "ascii")
    _flush(temporary)
    temporary.replace(out / manifest.CURRENT)
    _flush(out)


def _tables(folder: Path, plans: Sequence[Plan], progress: Progress) -> list[TableFile]:
    tables: list[TableFile] = []
    for done, item in enumerate(plans):
        progress(item.name, done, len(plans))
        try:
            tables.extend(_write(folder, item))
        except ValueError as error:
            raise ReleaseError(f"{item.name}: {error}") from error
    progress("manifest", len(plans), len(plans))
    return tables


def _write(folder: Path, item: Plan) -> Iterator[TableFile]:
    path = folder / f"{item.name}.table"
    if item.shape == "concepts":
        rows = concepts.write(path, item.records)
    elif item.shape == "ptp":
        rows = ptp.write(path, item.records)
    else:
        rows = keyed.write(path, _KEYED[item.editions[0].table], item.records)
    sha256, size = manifest.digest(path), path.stat().st_size
    for edition in item.editions:
        yield TableFile(path.name, item.shape, edition, rows, size, sha256, item.content, item.merged, item.parts)


def _licences(given: Sequence[Licence], tables: Iterable[TableFile]) -> Iterator[Licence]:
    yield from given
    if any(table.edition.table == "cpt" for table in tables) and not any(item.system == CPT for item in given):
        yield Licence(CPT, CPT_NOTICE, EXPANSION_CAP)


def _settle(partial: Path, final: Path) -> Path:
    """Move the finished folder to its place. A release of the same content that is whole already stays."""
    for path in partial.iterdir():
        _flush(path)
    _flush(partial)
    if final.exists():
        try:
            manifest.verify(final)
        except ReleaseError:
            _remove(final)
        else:
            return final
    partial.rename(final)
    _flush(final.parent)
    return final


def _prune(out: Path, current: str) -> None:
    """Remove all releases but the current one and the newest before it; maps of open readers stay valid."""
    others = [path for path in out.iterdir() if (path / manifest.NAME).is_file() and path.name != current]
    others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[:-1]:
        _remove(path)


def _remove(release: Path) -> None:
    """Remove a release. It is renamed first: what a kill leaves of it must not look like one."""
    doomed = release.with_name(f"{_PARTIAL}{release.name}")
    release.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _sweep(out: Path) -> None:
    """Remove what builds that were killed have left."""
    for left in out.glob(f"{_PARTIAL}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _workspace(out: Path) -> Iterator[Path]:
    """A folder to write in, which is gone afterwards unless it has been renamed."""
    partial = out / f"{_PARTIAL}release"
    partial.mkdir()
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Holds the folder for one build at a time; the operating system releases it when the process ends."""
    with (out / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReleaseBusy(f"{out}: another build is writing here; try again when it has ended") from error
        yield
