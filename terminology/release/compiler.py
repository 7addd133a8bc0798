"""From records to a release: an immutable folder, made whole or not at all.

    OUT/current            the id of the release in force
    OUT/<id>/manifest.json
    OUT/<id>/*.table

Everything is written to a folder of its own, flushed to disk, and renamed; then `current` is replaced. A kill
at any moment leaves `current` pointing at a whole release. The id is a digest of the content, so that the
same sources give the same release.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
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

CURRENT = "current"
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
    Raises ReleaseBusy where another build is writing there, ReleaseError where nothing is to be written.
    """
    plans, notes = editions.plan(batches)
    if not plans:
        raise ReleaseError("none of the files holds a table; there is nothing to build")
    out.mkdir(parents=True, exist_ok=True)
    with _Lock(out):
        for left in out.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left, ignore_errors=True)
        partial = out / f"{_PARTIAL}{os.getpid()}"
        partial.mkdir()
        try:
            tables: list[TableFile] = []
            for done, item in enumerate(plans):
                progress(item.name, done, len(plans))
                tables.extend(_write(partial, item))
            progress("manifest", len(plans), len(plans))
            made = Manifest(
                format=manifest.FORMAT,
                id=_identity(tables, experimental),
                created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                software=f"fhir-cpt {metadata.version('fhir-cpt')}",
                tables=tuple(tables),
                sources=tuple(sources),
                licences=tuple(_licences(licences, tables)),
                experimental=experimental,
            )
            (partial / manifest.NAME).write_bytes(manifest.encode(made))
            final = _settle(partial, out / made.id)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        activate(out, made.id)
        _prune(out, made.id)
    return final, notes


def activate(out: Path, release: str) -> None:
    """Make the release of that id the one that `open_release(out)` opens. Atomic: readers see the old or the new."""
    temporary = out / f".{CURRENT}-{os.getpid()}"
    temporary.write_text(release + "\n", "ascii")
    _flush(temporary)
    temporary.replace(out / CURRENT)
    _flush(out)


def _write(folder: Path, item: Plan) -> Iterator[TableFile]:
    path = folder / f"{item.name}.table"
    if item.shape == "concepts":
        rows = concepts.write(path, item.records)
    elif item.shape == "ptp":
        rows = ptp.write(path, item.records)
    else:
        rows = keyed.write(path, _KEYED[item.editions[0].table], item.records)
    _flush(path)
    sha256, size = manifest.digest(path), path.stat().st_size
    for edition in item.editions:
        yield TableFile(path.name, item.shape, edition, rows, size, sha256, item.content, item.merged, item.parts)


def _identity(tables: Iterable[TableFile], experimental: bool) -> str:
    described = msgspec.json.encode([list(tables), experimental])
    return hashlib.sha256(described).hexdigest()[:16]


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
            damaged = final.with_name(f"{_PARTIAL}damaged-{os.getpid()}")
            final.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)
        else:
            shutil.rmtree(partial)
            return final
    partial.rename(final)
    _flush(final.parent)
    return final


def _prune(out: Path, current: str) -> None:
    """Remove all releases but the current one and the newest before it; maps of open readers stay valid."""
    others = [path for path in out.iterdir() if (path / manifest.NAME).is_file() and path.name != current]
    others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[:-1]:
        shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Lock:
    """Holds the folder for one build at a time; the operating system releases it when the process ends."""

    def __init__(self, out: Path) -> None:
        self._path = out / _LOCK

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise ReleaseBusy(f"{self._path.parent}: another build is writing here") from error

    def __exit__(self, *_: object) -> None:
        self._file.close()
