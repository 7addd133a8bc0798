"""From files to a release: recognise, read, compile. The library behind `fhir-cpt build`.

What a file is, is told by its content. A file that is no known table is left out and named; a file that is one,
but too much of which is wrong, stops the build before anything is written.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from terminology.errors import ReleaseError, SourceError, SourceRefused
from terminology.importers import xlsx
from terminology.importers.recognise import Recognised, recognise
from terminology.importers.registry import AnyImporter
from terminology.importers.source import Batch, GroupImporter, Member
from terminology.model import CPT
from terminology.release.compiler import EXPANSION_CAP, compile_release
from terminology.release.manifest import Licence, SourceFile

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""
_NOTICE = "notice: "


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
    recognised = [found for name in files for found in recognise(*_given(name))]
    left = [found for found in recognised if found.importer is None]
    jobs = list(_jobs([found for found in recognised if found.importer is not None], left))
    taken: list[Taken] = []
    batches: list[Batch] = []
    for done, (importer, sources) in enumerate(jobs):
        progress(sources[0].name, done, 2 * len(jobs))
        found = _read(importer, sources)
        batches.extend(found)
        taken.append(_summary(importer, sources, found))
    if not batches:
        reasons = "; ".join(f"{item.source.name} {item.reason}" for item in left[:5])
        raise ReleaseError(f"none of the files holds a table; nothing was built ({reasons or 'no file was given'})")
    folder, notes = compile_release(
        batches,
        [_manifest_entry(item, sources) for item, (_, sources) in zip(taken, jobs, strict=True)],
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
        key = (
            source.path.parent if not source.member else source.path,
            own.stem.lower().removesuffix(".txt"),
            importer,
        )
        if not xlsx.is_workbook(source):
            texts[key] = source
        elif key in texts:
            left.append(Recognised(source, None, f"holds the same rows as {texts[key].name}", ignored=True))
            continue
        yield importer, [source]
    yield from groups.items()


def _read(importer: AnyImporter, sources: list[Member]) -> list[Batch]:
    try:
        if isinstance(importer, GroupImporter):
            return list(importer.read_group(sources))
        return list(importer.read(sources[0]))
    except SourceError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, UnicodeError, EOFError, OSError) as error:
        raise SourceRefused(sources[0].name, f"cannot be read as {importer.name}: {error}") from error


def _summary(importer: AnyImporter, sources: Sequence[Member], batches: Sequence[Batch]) -> Taken:
    taken = Taken(" + ".join(source.name for source in sources), importer.name)
    for batch in batches:
        part = f" {batch.part}" if batch.part else ""
        taken.editions.append(f"{batch.edition.table} {batch.edition.version}{part}")
        taken.rows = max(taken.rows, batch.rows_read)
        taken.refused.extend(row for row in batch.refused if row not in taken.refused)
        taken.notes.extend(note for note in batch.notes if not note.startswith(_NOTICE) and note not in taken.notes)
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
    """The terms for CPT content from the AMA's files: their own notice, and the licensee's cap."""
    notices = [
        note.removeprefix(_NOTICE)
        for batch in batches
        if batch.edition.table == "cpt"
        for note in batch.notes
        if note.startswith(_NOTICE)
    ]
    if not any(batch.edition.table == "cpt" for batch in batches):
        return []
    return [Licence(CPT, notices[0] if notices else _CPT_LICENSED, cap, licensed=True)]


_CPT_LICENSED = "CPT codes and descriptors are copyright of the American Medical Association and served under licence."
