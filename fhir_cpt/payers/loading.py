"""Packs from their files: the built-in ones and those of the server's owner, taken all together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain, islice, pairwise
from pathlib import Path

from fhir_cpt.payers.checking import check
from fhir_cpt.payers.faults import MOST_FAULTS, Fault, Mark, PacksRefused, nearest
from fhir_cpt.payers.pack import Pack
from fhir_cpt.payers.reading import Written, read
from fhir_cpt.payers.yaml_nodes import MOST_BYTES
from fhir_cpt.rules.catalogue import CATALOGUE
from terminology.period import FIRST_DAY, LAST_DAY, Day, from_date

MOST_FILES = 1000
"""Files of packs in all folders together."""
_BUILT_IN = "built_in"


class Definitions:
    """Packs that fit together, in the order of their files. Several editions of one have its id, and days of their own.

    `by_id` has the editions of each pack, oldest first; `own` are those that are not built in. Never changed once made.
    """

    def __init__(self, written: Sequence[Written], built_in: Iterable[str] = ()) -> None:
        """`built_in` are the ids of the built-in ones among them. Raises PacksRefused where they do not fit."""
        self.packs = tuple(item.pack for item in written)
        self.sources = {item.pack: item.source for item in written}
        self.by_id: dict[str, tuple[Pack, ...]] = {}
        for pack in sorted(self.packs, key=_start):
            self.by_id[pack.id] = (*self.by_id.get(pack.id, ()), pack)
        self.by_id = {name: self.by_id[name] for name in dict.fromkeys(pack.id for pack in self.packs)}
        self.own = tuple(pack for pack in self.packs if pack.id not in set(built_in))
        found = chain(self._overlaps(), self._extensions(), self._rules(), self._settings())
        if faults := list(islice(found, MOST_FAULTS + 1)):
            raise PacksRefused(faults)

    def on(self, name: str, day: Day) -> Pack | None:
        """The edition of a pack that is in force on the day."""
        return next((pack for pack in self.by_id.get(name, ()) if _start(pack) <= day <= _end(pack)), None)

    def chain(self, name: str, day: Day) -> list[Pack]:
        """The edition of the day, after those of the packs that it extends; one that has none that day adds nothing."""
        pack = self.on(name, day)
        if pack is None:
            return []
        return [*(self.chain(pack.extends, day) if pack.extends else ()), pack]

    def _overlaps(self) -> Iterator[Fault]:
        for editions in self.by_id.values():
            for earlier, later in pairwise(editions):
                if _start(later) <= _end(earlier):
                    other = self.sources[earlier].file
                    reason = (
                        f"two of {later.id!r} are in force on the same days, the other in {other}: give each its days"
                    )
                    yield self.sources[later].fault(("start",), reason)

    def _extensions(self) -> Iterator[Fault]:
        for pack in self.packs:
            complain = self.sources[pack].fault
            if pack.extends is None:
                continue
            if pack.extends not in self.by_id:
                yield complain(
                    ("extends",), f"there is no pack {pack.extends!r} to extend{nearest(pack.extends, self.by_id)}"
                )
            elif pack.extends != pack.id and self._reaches(pack.extends, pack.id):
                yield complain(("extends",), f"the pack {pack.id!r} extends itself, by way of {pack.extends!r}")

    def _reaches(self, name: str, wanted: str) -> bool:
        """Whether a pack extends another, in any of its editions and by any way."""
        seen, open_ = set[str](), [name]
        while open_:
            current = open_.pop()
            if current == wanted:
                return True
            if current not in seen:
                seen.add(current)
                open_ += [pack.extends for pack in self.by_id.get(current, ()) if pack.extends]
        return False

    def _rules(self) -> Iterator[Fault]:
        owners: dict[str, str] = {}
        for pack in self.packs:
            for at, rule in enumerate(pack.rules):
                owner = owners.setdefault(rule.id, pack.id)
                if owner != pack.id:
                    reason = f"the rule {rule.id!r} is one of the pack {owner!r}: an id is used once"
                    yield self.sources[pack].fault(("rules", at, "id"), reason)

    def _settings(self) -> Iterator[Fault]:
        known = {edit.id for edit in CATALOGUE} | {edit.family for edit in CATALOGUE} | {"payer"}
        known |= {rule.id for pack in self.packs for rule in pack.rules}
        for pack in self.packs:
            for name in pack.edits:
                if name not in known:
                    reason = f"there is no edit, rule or family {name[:64]!r}{nearest(name, known)}"
                    yield self.sources[pack].fault(("edits", name), reason)


@cache
def built_in() -> Definitions:
    """The built-in packs."""
    written = _built_in()
    return Definitions(written, [item.pack.id for item in written])


def load(paths: Iterable[Path], instead: Iterable[Path] = ()) -> Definitions:
    """The built-in packs and those of the files and folders. One with the id of a built-in pack takes its place.

    So do the packs of `instead` with any that have their ids. Raises PacksRefused with every fault that was found.
    """
    in_force, faults = read_files(paths)
    changed, more = read_files(instead)
    if faults or more:
        raise PacksRefused([*faults, *more])
    written = _beside(_beside(_built_in(), in_force), changed)
    own = {item.pack.id for item in (*in_force, *changed)}
    return Definitions(written, {item.pack.id for item in written} - own)


def _beside(packs: Iterable[Written], others: Sequence[Written]) -> list[Written]:
    """The packs without those whose ids the others have, and the others."""
    taken = {item.pack.id for item in others}
    return [*(item for item in packs if item.pack.id not in taken), *others]


def read_files(paths: Iterable[Path]) -> tuple[list[Written], list[Fault]]:
    """The packs of the files and folders that are whole in themselves, and the faults of the others."""
    written: list[Written] = []
    faults: list[Fault] = []
    paths = tuple(paths)
    for file in pack_files(paths):
        try:
            if file not in paths and not file.is_file():
                file.stat()  # says what is wrong with a link
                faults.append(Fault(str(file), Mark(1, 1), "is no regular file"))  # to read a pipe might take for ever
                continue
            with file.open("rb") as stream:
                item = read(stream.read(MOST_BYTES + 1), str(file))
        except OSError as error:
            faults.append(Fault(str(file), Mark(1, 1), f"cannot be read: {error.strerror or error}"))
        except PacksRefused as refused:
            faults += refused.faults
        else:
            own = list(check(item))
            faults += own
            if not own:
                written.append(item)
    return written, faults


def pack_files(paths: Iterable[Path]) -> list[Path]:
    """The files: those named, and those of the folders named that end in .yaml or .yml, by name; no hidden ones.

    Raises PacksRefused for too many, and for a folder that cannot be read.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            try:
                entries = sorted(path.iterdir())
            except OSError as error:  # it must not be taken for an empty one
                reason = f"cannot be read: {error.strerror or error}"
                raise PacksRefused([Fault(str(path), Mark(1, 1), reason)]) from None
            found.update(dict.fromkeys(filter(_is_pack, entries)))
        else:
            found[path] = None
    if len(found) > MOST_FILES:
        raise PacksRefused([Fault(str(next(iter(found)).parent), Mark(1, 1), f"more than {MOST_FILES} files of packs")])
    return list(found)


def _is_pack(file: Path) -> bool:
    return file.suffix in (".yaml", ".yml") and not file.name.startswith(".")


def stamp(paths: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of packs is written, added or removed: name, time of change (ns) and size of each."""
    found = []
    for path in paths:
        try:
            entries = sorted(path.iterdir()) if path.is_dir() else []
        except OSError:
            entries = []
        for file in [path, *entries]:
            try:
                told = file.stat()
            except OSError:
                continue
            if not file.is_dir():
                found.append((str(file), told.st_mtime_ns, told.st_size))
    return tuple(found)


@cache
def _built_in() -> tuple[Written, ...]:
    folder = files(__package__) / _BUILT_IN
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(read(entry.read_bytes(), entry.name) for entry in entries)


def _start(pack: Pack) -> Day:
    return from_date(pack.start) if pack.start else FIRST_DAY


def _end(pack: Pack) -> Day:
    return from_date(pack.end) if pack.end else LAST_DAY
