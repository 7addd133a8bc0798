"""Our own concept maps, by day: what Medicare asks for in place of a CPT code, and successors of codes that ended.

Those that are facts of law are the YAML files in `maps/`, each with its source and dates; the successors that CMS's
HCPCS file names (its cross-references) are read from the release. Source of the relationships: our reading of the
sources named in the files.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from terminology.concept_map import ConceptMap, Element, Group, Relationship, Target
from terminology.model import CANONICAL, CPT, HCPCS
from terminology.period import FIRST_DAY, LAST_DAY, Day, add_days, from_date
from terminology.release import cpt_fragment
from terminology.release.reader import Release

_SYSTEMS = {"CPT": CPT, "HCPCS": HCPCS}
HCPCS_SUCCESSORS = "hcpcs-successors"


class Row(NamedTuple):
    """One mapping of one map, and the days on which it holds."""

    source: str
    system: str
    code: str
    target: str
    target_system: str
    relationship: Relationship
    start: Day
    end: Day
    comment: str | None


class OwnMaps:
    """The maps over the code systems of one release."""

    def __init__(self, release: Release) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in (*_published(), *_cross_references(release)):
            self._rows[row.source].append(row)
        self.on = lru_cache(maxsize=64)(self._on)

    def _on(self, day: Day) -> tuple[ConceptMap, ...]:
        """The maps with the mappings that hold on the day; those without any are left out."""
        maps = (_map(name, [row for row in rows if row.start <= day <= row.end]) for name, rows in self._rows.items())
        return tuple(one for one in maps if one.groups)


def _map(name: str, rows: Iterable[Row]) -> ConceptMap:
    groups: dict[tuple[str, str], dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        target = Target(row.target, row.relationship, None, row.comment)
        groups[row.system, row.target_system][row.code].append(target)
    return ConceptMap(
        url=f"{CANONICAL}ConceptMap/{name}",
        id=name,
        groups=tuple(
            Group(source, target, tuple(Element(code, tuple(targets)) for code, targets in elements.items()))
            for (source, target), elements in groups.items()
        ),
    )


@cache
def _published() -> tuple[Row, ...]:
    """The rows of the YAML files."""
    return tuple(row for name in _files() for row in _rows(name))


def _files() -> list[str]:
    folder = files("terminology") / "maps"
    return sorted(entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def _rows(text: str) -> Iterator[Row]:
    document: dict[str, Any] = yaml.safe_load(text)
    system, target_system = _SYSTEMS[document["from"]], _SYSTEMS[document["to"]]
    for row in document["rows"]:
        for code in _several(row["source"]):
            for target in _several(row["target"]):
                yield Row(
                    document["id"],
                    system,
                    code,
                    target,
                    target_system,
                    row["relationship"],
                    _day(row.get("start"), FIRST_DAY),
                    _day(row.get("end"), LAST_DAY),
                    row.get("comment"),
                )


def _several(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _day(value: dt.date | None, default: Day) -> Day:
    return default if value is None else from_date(value)


def _cross_references(release: Release) -> Iterator[Row]:
    """From the day after its last, a HCPCS code's cross-references are its successors."""
    held = release.code_systems.get(HCPCS)
    if held is None:
        return
    system = held.newest
    for at in range(len(system)):
        concept = system.concept(at)
        if concept.end == LAST_DAY:
            continue
        start = add_days(concept.end, 1)
        for item in concept.properties:
            if item.code == "cross-reference" and isinstance(item.value, str):
                other = CPT if cpt_fragment.is_code(item.value) else HCPCS
                comment = "Named as cross-reference in CMS's HCPCS file."
                yield Row(
                    HCPCS_SUCCESSORS, HCPCS, concept.code, item.value, other, "related-to", start, LAST_DAY, comment
                )
