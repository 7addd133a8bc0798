"""What a server serves from: one release, the payers' packs and all that is derived from them.

Replaced whole when a new release comes, or when the files of packs change.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from fhir_cpt.claims.knowledge import Knowledge
from fhir_cpt.payers.faults import MOST_FAULTS, Fault, PacksRefused
from fhir_cpt.payers.loading import Definitions, built_in, load, stamp
from fhir_cpt.payers.packs import Packs
from fhir_cpt.payers.trial import faults_of
from fhir_cpt.payers.value_sets import ValueSets
from fhir_cpt.rules.catalogue import CONTRIBUTED
from fhir_cpt.rules.code_system import claim_edits
from terminology import Release, open_release
from terminology.built_in import value_sets
from terminology.errors import ReleaseError
from terminology.own_maps import OwnMaps
from terminology.period import Day
from terminology.queries.directory import DayDirectory
from terminology.release.manifest import NAME
from terminology.release.reader import current
from terminology.resources import NOTHING, Resources
from terminology.versions import NO_RULES, Rules

log = logging.getLogger(__name__)


class Served:
    """A release, its value sets, what is remembered of its codes, and the payer packs. Never changed once made.

    `claim_edits` is the code system of the edits, those of other distributions and the rules of packs among them.
    """

    def __init__(self, release: Release, definitions: Definitions | None = None) -> None:
        """`definitions` are the packs; the built-in ones where none are given."""
        self.release = release
        self.knowledge = Knowledge(release)
        self.value_sets = value_sets(release)
        self.value_sets_by_id = {item.id: item for item in self.value_sets.values()}
        self.concept_maps = OwnMaps(release)
        self.packs = Packs(definitions or built_in(), ValueSets(release, self.value_sets))
        self.claim_edits = claim_edits((*CONTRIBUTED, *self.packs.edits))

    def with_packs(self, definitions: Definitions) -> Served:
        """The same release with other packs, which the release has nothing against. Raises PacksRefused."""
        changed = copy.copy(self)
        changed.packs = Packs(definitions, self.packs.values)
        changed.claim_edits = claim_edits((*CONTRIBUTED, *changed.packs.edits))
        if faults := changed.pack_faults():
            raise PacksRefused(faults)
        return changed

    def pack_faults(self) -> list[Fault]:
        """What the release has against the packs that are not built in: examples that end otherwise on it."""
        held = self.packs.definitions
        return list(islice(faults_of(held.own, held.sources, self.knowledge, self.packs.values), MOST_FAULTS + 1))

    def on(
        self, day: Day, brought: Resources = NOTHING, rules: Rules = NO_RULES, supplements: Sequence[str] = ()
    ) -> DayDirectory:
        """The code systems and value sets as they stand on a day, and those that a client brought along."""
        own = {self.claim_edits.url: self.claim_edits}
        return DayDirectory(self.release, self.value_sets, day, brought, rules, supplements, own)


class Source:
    """Keeps the current release of a folder open, and moves on when another is made current.

    Requests that began with the old release end with it: they hold it until they are done. The folder is looked at
    by whoever asks, at most once in `interval` seconds; opening happens in a thread of its own. A release that
    cannot be opened is logged, and the one in use stays. So it is with the files of packs: when one of them changes,
    all are read and tried on the release, and taken all together or, with the reasons logged, not at all.
    """

    def __init__(self, folder: Path, *, interval: float = 1.0, packs: Sequence[Path] = ()) -> None:
        """Open the folder's current release; `packs` are files and folders of packs beside the built-in ones.

        Raises ReleaseNotFound, ReleaseMismatch, PacksRefused.
        """
        self._folder = folder
        self._interval = interval
        self._looked = time.monotonic()
        self._opening = threading.Lock()
        self._refused: tuple[Path, float] | None = None
        self._pack_paths = tuple(packs)
        self._packs_seen = stamp(self._pack_paths)
        self._packs_refused = False
        self.served = Served(open_release(folder))
        if packs:
            self.served = self.served.with_packs(load(self._pack_paths))

    def get(self) -> Served:
        """What to serve from now."""
        now = time.monotonic()
        if now - self._looked > self._interval:
            self._looked = now
            if (self._moved() or self._packs_changed()) and self._opening.acquire(blocking=False):
                threading.Thread(target=self._open, name="fhir-cpt-release", daemon=True).start()
        return self.served

    def _moved(self) -> Path | None:
        """The folder of a release other than the one in use, and than the one last refused."""
        try:
            found = current(self._folder)
        except ReleaseError:
            return None
        return None if found == self.served.release.folder or self._refused == _stamped(found) else found

    def _open(self) -> None:
        try:
            found = self._moved()  # again, under the lock: since it was first seen, another thread may have moved on
            if found is not None:
                self._serve(found)
            if self._packs_changed():
                self._take_packs()
        finally:
            self._opening.release()

    def _serve(self, found: Path) -> None:
        try:
            served = Served(Release(found), self.served.packs.definitions)
            against = served.pack_faults()
        except Exception as error:  # whatever is wrong with it, the one in use stays
            self._refused = _stamped(found)
            log.error("the new release is not served: %s", error, exc_info=not isinstance(error, ReleaseError))
        else:
            self.served = served
            log.info("serving release %s", served.release.id)
            if self._packs_refused:  # what the old release had against them, this one may not
                self._packs_seen = ()
            if against:  # the payer's rules did not change with the tables: they stay, and their owner is told
                log.error("packs in force do not fit the new release:\n%s", "\n".join(map(str, against)))

    def _packs_changed(self) -> bool:
        return bool(self._pack_paths) and stamp(self._pack_paths) != self._packs_seen

    def _take_packs(self) -> None:
        self._packs_seen = stamp(self._pack_paths)
        try:
            self.served = self.served.with_packs(load(self._pack_paths))
        except PacksRefused as refused:
            self._packs_refused = True
            log.error("the packs are refused, those in force stay:\n%s", refused)
        except Exception:
            log.exception("the packs cannot be read, those in force stay")
        else:
            self._packs_refused = False
            log.info("packs in force: %s", ", ".join(self.served.packs.definitions.by_id))


def _stamped(folder: Path) -> tuple[Path, float]:
    """The folder and when its manifest was written: a release that was mended in place is another one."""
    try:
        return folder, (folder / NAME).stat().st_mtime
    except OSError:
        return folder, 0.0
