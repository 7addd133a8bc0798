"""An opened release: code systems and tables, each asked for by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from terminology import period
from terminology.edits import (
    AddOnEdit,
    CoveragePolicy,
    DiagnosisEdit,
    DiagnosisNote,
    FeeScheduleRow,
    Mue,
    Setting,
)
from terminology.errors import CodeSystemUnknown, EditionNotLoaded, ReleaseMismatch, ReleaseNotFound
from terminology.model import HCPCS, Edition
from terminology.period import Day
from terminology.release import manifest
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.keyed import KeyedReader
from terminology.release.manifest import Licence, Manifest
from terminology.release.ptp import PtpReader
from terminology.release.tables import CODE_SYSTEMS, KEYED, PTP

T = TypeVar("T")
R = TypeVar("R")


class Answering(NamedTuple, Generic[T]):
    """The edition that answers for a day, its table, and whether it is older than the day asked about."""

    edition: Edition
    table: T
    stale: bool


class Editions(Generic[T]):
    """All loaded editions of one table, oldest first."""

    def __init__(self, held: Sequence[tuple[Edition, T]]) -> None:
        self._held = sorted(held, key=lambda pair: (pair[0].start, pair[0].version))
        self._periods = [edition.period for edition, _ in self._held]
        self.on = lru_cache(maxsize=4096)(self._on)

    def __bool__(self) -> bool:
        return bool(self._held)

    def __iter__(self) -> Iterator[tuple[Edition, T]]:
        """The editions and their tables, oldest first."""
        return iter(self._held)

    @property
    def newest_first(self) -> Sequence[tuple[Edition, T]]:
        """The editions and their tables, newest first."""
        return self._held[::-1]

    def _on(self, day: Day) -> Answering[T] | None:
        """The edition that answers for the day; None where every edition starts later (or none is loaded).

        Where rows carry their own dates, and where no dates are known, the newest edition answers for any day.
        """
        if self._held and self._held[-1][0].basis != "snapshot":
            edition, table = self._held[-1]
            return Answering(edition, table, edition.basis == "rows" and day > edition.end)
        choice = period.choose(self._periods, day)
        if choice is not None:
            edition, table = self._held[choice.at]
            return Answering(edition, table, choice.stale)
        return None


class CodeSystemEditions:
    """All loaded editions of one code system."""

    def __init__(self, held: Sequence[CompiledCodeSystem], merged: CompiledCodeSystem | None) -> None:
        self.url = held[0].url
        self.title = held[0].title
        self._held = {system.version: system for system in held}
        self._editions = Editions([(system.edition, system) for system in held])
        self._merged = merged

    @property
    def versions(self) -> list[CompiledCodeSystem]:
        """Every edition, oldest first."""
        return [system for _, system in self._editions]

    @property
    def newest(self) -> CompiledCodeSystem:
        """All concepts of any edition where they carry their own dates, else the newest edition."""
        return self._merged or self.versions[-1]

    def edition(self, version: str) -> CompiledCodeSystem:
        """The edition of that version. Raises EditionNotLoaded."""
        try:
            return self._held[version]
        except KeyError:
            raise EditionNotLoaded(self.url, version, list(self._held)) from None

    def on(self, day: Day) -> Answering[CompiledCodeSystem]:
        """The edition that answers for the day.

        Where concepts carry their own dates, it is one table of all that any edition lists. A fragment (CPT
        without the AMA's files) also answers for days before its first year: it only knows that a code exists.
        """
        found = self._editions.on(day)
        if found is None:
            edition, system = next(iter(self._editions))
            return Answering(edition, system, stale=system.content != "fragment")
        if self._merged is not None and found.edition.basis == "rows":
            return Answering(found.edition, self._merged, found.stale)
        return found

    def holds(self, day: Day) -> bool:
        """Whether any edition speaks for the day; where none does, `on` answers with the earliest."""
        return self._editions.on(day) is not None


class Release:
    """A release, opened. Safe to share between threads; its maps are closed when nobody refers to it any more."""

    def __init__(self, folder: Path, *, check: bool = True) -> None:
        """Open the release in the folder, after checking every file against the manifest.

        Raises ReleaseNotFound, ReleaseMismatch.
        """
        self.folder = folder
        self.manifest: Manifest = manifest.verify(folder) if check else manifest.read(folder)
        systems = {table.name: table for table in CODE_SYSTEMS}
        records = {table.name: table.record for table in KEYED}
        pairs = {table.name for table in PTP}
        held: dict[str, list[CompiledCodeSystem]] = defaultdict(list)
        merged: dict[str, CompiledCodeSystem] = {}
        ptp: dict[str, list[tuple[Edition, PtpReader]]] = defaultdict(list)
        keyed: dict[str, list[tuple[Edition, KeyedReader[object]]]] = defaultdict(list)
        for entry in self.manifest.tables:
            path, edition, name = folder / entry.file, entry.edition, entry.edition.table
            if entry.shape == "ptp" and name in pairs:
                ptp[name].append((edition, PtpReader(path)))
            elif entry.shape == "keyed" and name in records:
                keyed[name].append((edition, KeyedReader(path, records[name])))
            elif entry.shape == "concepts" and name in systems:
                system = CompiledCodeSystem(path, systems[name], edition, entry.content)
                if entry.merged:
                    merged[name] = system
                else:
                    held[name].append(system)
            else:
                raise ReleaseMismatch(f"{path}: a table of a kind ({name}) that this software does not know")
        self._keyed = {name: Editions(tables) for name, tables in keyed.items()}
        self._ptp = {name: Editions(tables) for name, tables in ptp.items()}
        self.code_systems: Mapping[str, CodeSystemEditions] = {
            systems[name].url: CodeSystemEditions(tables, merged.get(name)) for name, tables in held.items()
        }
        if HCPCS in self.code_systems:  # its modifiers stand on CPT codes too
            newest = self.code_systems[HCPCS].newest
            for system in held.get("cpt", ()):
                system.modifiers_from = (newest,)

    @property
    def id(self) -> str:
        """The digest that names the release."""
        return self.manifest.id

    def code_system(self, url: str) -> CodeSystemEditions:
        """All editions of a code system. Raises CodeSystemUnknown."""
        try:
            return self.code_systems[url]
        except KeyError:
            raise CodeSystemUnknown(url) from None

    def licence(self, url: str) -> Licence | None:
        """The terms under which content of the code system is served, where there are any."""
        return next((licence for licence in self.manifest.licences if licence.system == url), None)

    def ptp(self, setting: Setting) -> Editions[PtpReader]:
        """The procedure-to-procedure edits of a setting; DME suppliers have none of their own."""
        return self._ptp.get(f"ptp-{setting}") or Editions([])

    def mue(self, setting: Setting) -> Editions[KeyedReader[Mue]]:
        """The medically unlikely edits of a setting, by code."""
        return self._table(f"mue-{setting}", Mue)

    @property
    def add_ons(self) -> Editions[KeyedReader[AddOnEdit]]:
        """The add-on code edits, by add-on code."""
        return self._table("addon", AddOnEdit)

    @property
    def fee_schedule(self) -> Editions[KeyedReader[FeeScheduleRow]]:
        """The physician fee schedule, by code; one record a modifier."""
        return self._table("pfs", FeeScheduleRow)

    @property
    def diagnosis_edits(self) -> Editions[KeyedReader[DiagnosisEdit]]:
        """The Medicare Code Editor's edits, by ICD-10-CM code."""
        return self._table("mce", DiagnosisEdit)

    @property
    def diagnosis_notes(self) -> Editions[KeyedReader[DiagnosisNote]]:
        """The notes of the ICD-10-CM tabular list, by the code or range that they stand on."""
        return self._table("icd10cm-notes", DiagnosisNote)

    @property
    def coverage(self) -> Editions[KeyedReader[CoveragePolicy]]:
        """Coverage policies, by their id."""
        return self._table("coverage", CoveragePolicy)

    def table(self, name: str) -> Editions[KeyedReader[object]]:
        """A keyed table by its name in `terminology.release.tables`."""
        return self._keyed.get(name) or Editions([])

    def editions(self) -> list[Edition]:
        """Every edition of every table."""
        return [entry.edition for entry in self.manifest.tables if not entry.merged]

    def _table(self, name: str, record: type[R]) -> Editions[KeyedReader[R]]:
        del record
        return self._keyed.get(name) or Editions([])  # type: ignore[return-value]


def current(folder: Path) -> Path:
    """The release that a folder stands for: the folder itself, or the one that its file `current` names.

    Raises ReleaseNotFound.
    """
    if (folder / manifest.NAME).is_file():
        return folder
    try:
        name = (folder / manifest.CURRENT).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseNotFound(
            f"{folder}: no release here; make one with `fhir-cpt build --out {folder} FILE…`"
        ) from error
    return folder / name


def open_release(folder: str | Path, *, check: bool = True) -> Release:
    """Open the release in a folder, or the current one of a folder of releases.

    With `check`, every file is compared with its digest in the manifest first. Raises ReleaseNotFound where there
    is none, ReleaseMismatch where a file is missing or is not the one that was built.
    """
    return Release(current(Path(folder)), check=check)
