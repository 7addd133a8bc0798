"""The search over all code systems: by the start of a code, or the starts of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from fhir_cpt.pages.standing import State, state_of
from fhir_cpt.pages.systems import System, systems, table_on
from fhir_cpt.served import Served
from terminology.model import Concept
from terminology.period import Day
from terminology.release.concepts import CompiledCodeSystem

SUGGESTED = 12
"""How many suggestions a person is shown while typing."""
PAGE = 25
"""How many codes of one system a page of results lists."""


@dataclass(frozen=True)
class Hit:
    """A code that was found, and how it stands on the day."""

    system: System
    code: str
    display: str | None
    state: State


@dataclass(frozen=True)
class Group:
    """The codes of one system, from `offset` on; `total` as far as the licence allows to list them.

    `stale` tells that the edition which answers ends before the day.
    """

    system: System
    hits: list[Hit]
    total: int
    offset: int
    limited: bool
    stale: bool

    @property
    def more(self) -> int:
        """Where the next page begins; 0 where this is the last."""
        following = self.offset + len(self.hits)
        return following if self.hits and following < self.total else 0


def search(served: Served, text: str, day: Day, only: str = "", offset: int = 0) -> list[Group]:
    """What a person who types the text may mean, system by system; `only` one where its id is given."""
    groups = []
    for system in systems(served):
        if text and only in ("", system.id):
            table, found, limited = _matching(served, system, text, day)
            shown = [_hit(system, table, table.concept(at), day) for at in found[offset : offset + PAGE]]
            stale = system.editions.on(day).stale
            groups.append(Group(system, shown, len(found), offset, limited, stale))
    return groups


def suggest(served: Served, text: str, day: Day) -> list[Hit]:
    """The likeliest codes: those that start with the text first, each system in turn, codes not in force last."""
    if not text:
        return []
    columns = []
    for system in systems(served):
        table, found, _ = _matching(served, system, text, day)
        columns.append([_hit(system, table, table.concept(at), day) for at in found[:SUGGESTED]])
    hits = [hit for hit in chain.from_iterable(zip_longest(*columns)) if hit is not None]
    start = text.upper()
    hits.sort(key=lambda hit: (not hit.code.startswith(start), hit.state == "out"))
    return list(islice(hits, SUGGESTED))


def only_one(served: Served, text: str, day: Day) -> Hit | None:
    """The concept, where the text is a code of exactly one code system; a word alone is none."""
    if not any(letter.isdigit() for letter in text):
        return None
    found = []
    for system in systems(served):
        table = table_on(system, day)
        located = table.locate(text)
        if located is not None:
            found.append(_hit(system, table, located.concept, day))
    return found[0] if len(found) == 1 else None


def _matching(served: Served, system: System, text: str, day: Day) -> tuple[CompiledCodeSystem, Sequence[int], bool]:
    """The table, the numbers of its concepts that match, and whether the licence cuts the list short."""
    table = table_on(system, day)
    words = dict.fromkeys(text.split())  # a word said again tells nothing new, and costs as much
    found = list(table.matching(" ".join(words)))
    licence = served.release.licence(system.url)
    cap = licence.expansion_cap if licence else None
    if cap is not None and len(found) > cap:
        return table, found[:cap], True
    return table, found, False


def _hit(system: System, table: CompiledCodeSystem, concept: Concept, day: Day) -> Hit:
    state = state_of(concept, table.content, day, early=not system.editions.holds(day))
    return Hit(system, concept.code, concept.display, state)
