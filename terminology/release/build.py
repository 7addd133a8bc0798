"""From files to a release: recognise, read, compile. The library behind `fhir-cpt build`.

What a file is, is told by its content. A file that is no known table is left out and named; a file that is one,
but too much of which is wrong, stops the build before anything is written.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from terminology.errors import EditionUnknown, ReleaseError, SourceError, SourceRefused
from terminology.importers import xlsx
from terminology.importers.cpt_notice import NOTE_PREFIX
from terminology.importers.recognise import Recognised, recognise
from terminology.importers.registry import AnyImporter
from terminology.importers.source import Batch, GroupImporter, Member
from terminology.model import CPT, Edition
from terminology.period import show
from terminology.release.compiler import EXPANSION_CAP, compile_release
from terminology.release.manifest import Licence, SourceFile

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


@dataclass
class Taken:
    """A source file that was read: its kind, the editions that it gave, rows read, rows refused with their lines."""

    name: str
    kind: str
    editions: list[str] = field(default_factory=list)
    rows: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Built:
    """What a build did. `left` are files that are no tables, with the reason; `ignored` those expected to be none."""

    folder: Path
    taken: list[Taken]
    left: list[Recognised]
    ignored: list[Recognised]
    notes: list[str]


def build(
    files: Sequence[str],
    out: Path,
    *,
    expansion_cap: int | None = EXPANSION_CAP,
    experimental: bool = False,
    progress: Progress = lambda *_: None,
) -> Built:
    """Build a release from files, folders and archives, and make it the current one of `out`.

    `FILE@VERSION` gives the edition of a file that does not name its own. `expansion_cap` is the most concepts
    that one expansion with CPT content may hold under the licensee's agreement with the AMA.
    Raises SourceError for a file that cannot be taken, ReleaseError where nothing is left to build.
    """
    recognised = _distinct(found for name in files for found in recognise(*_given(name)))
    left = [found for found in recognised if found.importer is None]
    jobs = list(_jobs([found for found in recognised if found.importer is not None], left))
    readings = _read_all(jobs, lambda name, at: progress(name, at, 2 * len(jobs)))
    batches = [batch for reading in readings for batch in reading.batches]
    if not batches:
        reasons = "; ".join(f"{item.source.name} {item.reason}" for item in left[:5])
        raise ReleaseError(f"none of the files holds a table; nothing was built ({reasons or 'no file was given'})")
    taken = [_summary(reading) for reading in readings]
    folder, notes = compile_release(
        batches,
        [_manifest_entry(item, reading.sources) for item, reading in zip(taken, readings, strict=True)],
        out,
        licences=_licences(batches, expansion_cap),
        experimental=experimental,
        progress=lambda name, at, of: progress(name, len(jobs) + at * len(jobs) // max(of, 1), 2 * len(jobs)),
    )
    return Built(
        folder,
        taken,
        [item for item in left if not item.ignored],
        [item for item in left if item.ignored],
        notes,
    )


def _given(text: str) -> tuple[Path, str]:
    """Path and edition of `FILE@VERSION`; a file whose own name holds an @ is taken as it stands."""
    path, at, version = text.rpartition("@")
    if at and not Path(text).exists():
        return Path(path), version
    return Path(text), ""


def _distinct(recognised: Iterable[Recognised]) -> list[Recognised]:
    """Each file once, however often it was named; an edition that was given with it is kept."""
    distinct: dict[tuple[Path, str], Recognised] = {}
    for found in recognised:
        key = (found.source.path.resolve(), found.source.name)
        if key not in distinct or (found.source.version and not distinct[key].source.version):
            distinct[key] = found
    return list(distinct.values())


def _jobs(recognised: Sequence[Recognised], left: list[Recognised]) -> Iterator[tuple[AnyImporter, list[Member]]]:
    """What to read together: files of a group at once, others one by one, text before workbooks.

    A workbook beside a text file of the same name and kind holds the same rows, slower to read: it is left out.
    """
    groups: dict[AnyImporter, list[Member]] = defaultdict(list)
    texts: dict[tuple[object, ...], Member] = {}
    ordered = sorted(recognised, key=lambda found: xlsx.is_workbook(found.source))
    for found in ordered:
        source, importer = found.source, found.importer
        if importer is None:
            continue
        if isinstance(importer, GroupImporter):
            groups[importer].append(source)
            continue
        own = PurePosixPath(source.member or source.path.name)
        key = (_beside(source), own.stem.lower().removesuffix(".txt"), importer)
        if not xlsx.is_workbook(source):
            texts[key] = source
        elif key in texts:
            left.append(Recognised(source, None, f"holds the same rows as {texts[key].name}", ignored=True))
            continue
        yield importer, [source]
    yield from groups.items()


def _beside(source: Member) -> Path:
    """The folder or the archive that a file shares with those that came with it."""
    return source.path if source.member else source.path.parent


@dataclass
class _Reading:
    """Sources that were read together, and what they gave."""

    importer: AnyImporter
    sources: list[Member]
    batches: list[Batch]


def _read_all(jobs: Sequence[tuple[AnyImporter, list[Member]]], progress: Callable[[str, int], None]) -> list[_Reading]:
    """What all the files hold. One that names no edition waits until its companion has been read."""
    readings: list[_Reading] = []
    waiting: list[tuple[AnyImporter, Member, EditionUnknown]] = []
    for done, (importer, sources) in enumerate(jobs):
        progress(sources[0].name, done)
        try:
            readings.append(_Reading(importer, sources, _read(importer, sources)))
        except EditionUnknown as error:
            if not error.companion:
                raise
            waiting.append((importer, sources[0], error))
    for importer, source, unknown in waiting:
        edition = _companion(source, unknown, readings)
        dated = replace(source, version=f"{edition.version},{show(edition.start)}")
        batches = _read(importer, [dated])
        for batch in batches:
            batch.notes.append(f"names no edition; taken as {edition.version}, as the {edition.table} file beside it")
        readings.append(_Reading(importer, [dated], batches))
    return readings


def _companion(source: Member, error: EditionUnknown, readings: Sequence[_Reading]) -> Edition:
    """The one edition of the companion's table beside the file; raises `error` where there is none, or several."""
    found = {
        batch.edition
        for reading in readings
        if any(_beside(other) == _beside(source) for other in reading.sources)
        for batch in reading.batches
        if batch.edition.table == error.companion
    }
    if len(found) != 1:
        raise error
    return found.pop()


def _read(importer: AnyImporter, sources: list[Member]) -> list[Batch]:
    try:
        if isinstance(importer, GroupImporter):
            return list(importer.read_group(sources))
        return list(importer.read(sources[0]))
    except SourceError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, UnicodeError, EOFError, OSError) as error:
        raise SourceRefused(sources[0].name, f"cannot be read as {importer.name}: {error}") from error


def _summary(reading: _Reading) -> Taken:
    taken = Taken(" + ".join(source.name for source in reading.sources), reading.importer.name)
    for batch in reading.batches:
        part = f" {batch.part}" if batch.part else ""
        taken.editions.append(f"{batch.edition.table} {batch.edition.version}{part}")
        taken.rows = max(taken.rows, batch.rows_read)
        taken.refused.extend(row for row in batch.refused if row not in taken.refused)
        taken.notes.extend(note for note in batch.notes if not note.startswith(NOTE_PREFIX) and note not in taken.notes)
    return taken


def _manifest_entry(taken: Taken, sources: Sequence[Member]) -> SourceFile:
    """The file on disk (the archive, for its members): several members of one archive share its digest."""
    hasher, size = hashlib.sha256(), 0
    for path in dict.fromkeys(source.path for source in sources):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
                size += len(block)
    return SourceFile(
        taken.name, hasher.hexdigest(), size, taken.kind, taken.rows, tuple(taken.refused), tuple(taken.notes)
    )


def _licences(batches: Sequence[Batch], cap: int | None) -> list[Licence]:
    """The terms for CPT content from the AMA's files: the fullest notice of the newest, and the licensee's cap."""
    licensed = [batch for batch in batches if batch.edition.table == "cpt"]
    if not licensed:
        return []
    newest = max(batch.edition.start for batch in licensed)
    notices = [
        note.removeprefix(NOTE_PREFIX)
        for batch in licensed
        if batch.edition.start == newest
        for note in batch.notes
        if note.startswith(NOTE_PREFIX)
    ]
    return [
        Licence(CPT, max(notices, key=lambda notice: (len(notice), notice), default=_CPT_LICENSED), cap, licensed=True)
    ]


_CPT_LICENSED = "CPT codes and descriptors are copyright of the American Medical Association and served under licence."
