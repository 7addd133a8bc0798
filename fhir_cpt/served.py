"""What a server serves from: one release and all that is derived from it, replaced whole when a new one comes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from fhir_cpt.claims.knowledge import Knowledge
from fhir_cpt.payers.packs import Packs
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
    """A release, its value sets, what is remembered of its codes, and the payer packs. Never changed once made."""

    def __init__(self, release: Release, packs: Packs) -> None:
        self.release = release
        self.knowledge = Knowledge(release)
        self.value_sets = value_sets(release)
        self.value_sets_by_id = {item.id: item for item in self.value_sets.values()}
        self.concept_maps = OwnMaps(release)
        self.packs = packs

    def on(
        self, day: Day, brought: Resources = NOTHING, rules: Rules = NO_RULES, supplements: Sequence[str] = ()
    ) -> DayDirectory:
        """The code systems and value sets as they stand on a day, and those that a client brought along."""
        return DayDirectory(self.release, self.value_sets, day, brought, rules, supplements)


class Source:
    """Keeps the current release of a folder open, and moves on when another is made current.

    Requests that began with the old release end with it: they hold it until they are done. The folder is looked at
    by whoever asks, at most once in `interval` seconds; opening happens in a thread of its own. A release that
    cannot be opened is logged, and the one in use stays.
    """

    def __init__(self, folder: Path, *, interval: float = 1.0) -> None:
        """Open the folder's current release. Raises ReleaseNotFound, ReleaseMismatch."""
        self._folder = folder
        self._interval = interval
        self._looked = time.monotonic()
        self._opening = threading.Lock()
        self._refused: tuple[Path, float] | None = None
        self.served = Served(open_release(folder), Packs())

    def get(self) -> Served:
        """What to serve from now."""
        now = time.monotonic()
        if now - self._looked > self._interval:
            self._looked = now
            if self._moved() and self._opening.acquire(blocking=False):
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
        finally:
            self._opening.release()

    def _serve(self, found: Path) -> None:
        try:
            served = Served(Release(found), self.served.packs)
        except Exception as error:  # whatever is wrong with it, the one in use stays
            self._refused = _stamped(found)
            log.error("the new release is not served: %s", error, exc_info=not isinstance(error, ReleaseError))
        else:
            self.served = served
            log.info("serving release %s", served.release.id)


def _stamped(folder: Path) -> tuple[Path, float]:
    """The folder and when its manifest was written: a release that was mended in place is another one."""
    try:
        return folder, (folder / NAME).stat().st_mtime
    except OSError:
        return folder, 0.0
