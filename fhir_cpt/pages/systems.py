"""The code systems that are held: the list, and one system with its editions and properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_cpt.errors import RequestError
from fhir_cpt.operations.inputs import code_system_id
from fhir_cpt.served import Served
from terminology.model import Edition
from terminology.period import Day
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.manifest import Licence
from terminology.release.reader import CodeSystemEditions
from terminology.systems import SHORT

NAMES = {"place of service": "Place of service"}
"""Short names that do not begin with a capital, as they begin a line."""


@dataclass(frozen=True)
class System:
    """A code system for people. `id` is that of its CodeSystem resource; `version` is set where one is asked for."""

    id: str
    name: str
    title: str
    url: str
    editions: CodeSystemEditions
    version: str | None = None


@dataclass(frozen=True)
class EditionRow:
    """One edition: its id, how many concepts it holds, how complete it is, whether it answers for the day."""

    id: str
    edition: Edition
    count: int
    content: str
    answers: bool


@dataclass(frozen=True)
class PropertyRow:
    """A property: its code and type, and in which editions concepts have it."""

    code: str
    type: str
    editions: tuple[str, ...]


@dataclass(frozen=True)
class SystemPage:
    """All that a code system's page shows."""

    system: System
    rows: list[EditionRow]
    properties: list[PropertyRow]
    stale: bool
    early: bool
    licence: Licence | None
    value_sets: list[tuple[str, str]]

    @property
    def answering(self) -> EditionRow:
        """The edition that answers for the day, or the one asked for."""
        return next(row for row in self.rows if row.answers)


def systems(served: Served) -> Iterator[System]:
    """The code systems that are held."""
    for url, editions in served.release.code_systems.items():
        name = SHORT.get(url, editions.title)
        yield System(editions.versions[0].table.name, NAMES.get(name, name), editions.title, url, editions)


def system_of(served: Served, name: str) -> System:
    """The code system of that CodeSystem id: `hcpcs`, or `hcpcs-2026-10` for one edition. Raises RequestError 404."""
    for system in systems(served):
        if name == system.id:
            return system
        for held in system.editions.versions:
            if name == code_system_id(held):
                return System(name, system.name, system.title, system.url, system.editions, held.version)
    raise RequestError(404, "not-found", f"There is no code system {name[:64]!r} here")


def table_on(system: System, day: Day) -> CompiledCodeSystem:
    """The table that answers: of the version asked for, else of the day."""
    return system.editions.edition(system.version) if system.version else system.editions.on(day).table


def system_page(served: Served, name: str, day: Day) -> SystemPage:
    """One code system on a day. Raises RequestError 404."""
    system = system_of(served, name)
    answering = system.editions.on(day)
    version = system.version or answering.edition.version
    held = system.editions.versions
    rows = [
        EditionRow(code_system_id(one), one.edition, len(one), one.content, one.version == version)
        for one in reversed(held)
    ]
    types = {code: kind for one in held for code, kind in one.property_types.items()}
    properties = [
        PropertyRow(code, kind, tuple(one.version for one in reversed(held) if code in one.property_types))
        for code, kind in sorted(types.items())
    ]
    early = answering.stale and not system.editions.holds(day) and not system.version
    sets = [
        (item.id, item.title)
        for item in served.value_sets_by_id.values()
        if item.include and item.include[0].system == system.url
    ]
    licence = served.release.licence(system.url)
    stale = answering.stale and not early and not system.version
    return SystemPage(system, rows, properties, stale, early, licence, sets)
