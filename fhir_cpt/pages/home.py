"""The first page: what this server is and what it holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from fhir_cpt.pages.systems import System, systems
from fhir_cpt.served import Served
from terminology.model import Edition
from terminology.period import Day
from terminology.release.tables import CODE_SYSTEMS

TITLES = {
    "addon": "Add-on code edits",
    "anesthesia": "Anesthesia conversion factors",
    "coverage": "Coverage policies",
    "gpci": "Geographic practice cost indices",
    "icd10cm-notes": "ICD-10-CM tabular notes",
    "locality": "Medicare localities",
    "mce": "Medicare Code Editor edits",
    "mue-dme": "Medically unlikely edits, DME suppliers",
    "mue-hospital": "Medically unlikely edits, outpatient hospital",
    "mue-practitioner": "Medically unlikely edits, practitioner",
    "oppscap": "Outpatient hospital payment caps",
    "pfs": "Physician fee schedule",
    "pfs-qpp": "Physician fee schedule, qualifying participants",
    "ptp-hospital": "Procedure-to-procedure edits, outpatient hospital",
    "ptp-practitioner": "Procedure-to-procedure edits, practitioner",
    "zip5": "ZIP code to locality",
}
"""What people call the tables that are keyed by codes."""


@dataclass(frozen=True)
class SystemCard:
    """A code system in brief: the edition that answers for the day, how many concepts it holds, all editions."""

    system: System
    edition: Edition
    count: int
    content: str
    stale: bool
    editions: int


@dataclass(frozen=True)
class TableCard:
    """A table that is keyed by codes, and its editions, newest first, with their rows."""

    title: str
    editions: list[tuple[Edition, int]]


@dataclass(frozen=True)
class HomePage:
    """All that the first page shows."""

    systems: list[SystemCard]
    tables: list[TableCard]
    value_sets: int
    release: str
    built: str


def home_page(served: Served, day: Day) -> HomePage:
    """What is held, as it stands on the day."""
    cards = []
    for system in systems(served):
        answering = system.editions.on(day)
        table, held = answering.table, len(system.editions.versions)
        cards.append(SystemCard(system, answering.edition, len(table), table.content, answering.stale, held))
    manifest = served.release.manifest
    concepts = {table.name for table in CODE_SYSTEMS}
    editions: dict[str, list[tuple[Edition, int]]] = defaultdict(list)
    for entry in manifest.tables:
        if entry.edition.table not in concepts:
            editions[TITLES.get(entry.edition.table, entry.edition.table)].append((entry.edition, entry.rows))
    tables = [
        TableCard(title, sorted(held, key=lambda pair: pair[0].start, reverse=True))
        for title, held in sorted(editions.items())
    ]
    return HomePage(cards, tables, len(served.value_sets_by_id), manifest.id, manifest.created[:10])
