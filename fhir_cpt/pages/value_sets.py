"""The value sets: the list, and one with its definition and a page of its expansion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_cpt.errors import RequestError
from fhir_cpt.pages.standing import State, state_of
from fhir_cpt.pages.systems import systems
from fhir_cpt.served import Served
from terminology.period import Day
from terminology.queries.expand import Wanted, expand
from terminology.valueset import Include, ValueSet

PAGE = 50
"""Concepts on one page of an expansion."""


@dataclass(frozen=True)
class Listed:
    """A concept of the expansion: the id of its system's page, its code and text, how it stands on the day."""

    system: str
    code: str
    display: str | None
    state: State


@dataclass(frozen=True)
class ValueSetPage:
    """All that a value set's page shows. `rules` tell what it takes in, a line each, `less` what it leaves out.

    `total` counts what the licence allows to list (`limited` where that is not all); `unclosed` tells that codes exist
    which no list can hold, `stale` that an edition which was used ends before the day.
    """

    value_set: ValueSet
    rules: list[str]
    less: list[str]
    listed: list[Listed]
    offset: int
    total: int
    limited: bool
    unclosed: bool
    stale: bool

    @property
    def more(self) -> int:
        """Where the next page begins; 0 where this is the last."""
        following = self.offset + len(self.listed)
        return following if self.listed and following < self.total else 0


def value_set_page(served: Served, name: str, day: Day, text: str, offset: int, *, active_only: bool) -> ValueSetPage:
    """The value set of that id, with the concepts that the text may mean. Raises RequestError 404."""
    value_set = served.value_sets_by_id.get(name)
    if value_set is None:
        raise RequestError(404, "not-found", f"There is no value set {name[:64]!r} here")
    wanted = Wanted(text=text or None, offset=offset, count=PAGE, active_only=active_only, nested=False)
    found = expand(served.on(day), value_set, wanted)
    ids = {system.url: system.id for system in systems(served)}
    names = {system.url: system.name for system in systems(served)}
    return ValueSetPage(
        value_set=value_set,
        rules=_told(value_set.include, names),
        less=_told(value_set.exclude, names),
        listed=[
            Listed(
                ids[item.provider.url],
                item.concept.code,
                (item.listed and item.listed.display) or item.concept.display,
                state_of(item.concept, item.provider.content, day),
            )
            for item in found.items
        ],
        offset=offset,
        total=found.total,
        limited=found.limited,
        unclosed=found.unclosed,
        stale=any(late for _, _, late in found.editions),
    )


def value_sets(served: Served) -> list[ValueSet]:
    """All value sets, by title."""
    return sorted(served.value_sets_by_id.values(), key=lambda item: item.title)


def _told(includes: Sequence[Include], names: dict[str, str]) -> list[str]:
    lines = []
    for include in includes:
        parts = [f"{names.get(include.system, include.system)} codes" if include.system else "codes"]
        if include.version:
            parts.append(f"of version {include.version}")
        conditions = [f"{item.property} {item.op} {item.value}" for item in include.filters]
        if include.codes:
            conditions.append(f"one of {len(include.codes):,} listed codes")
        conditions += [f"in {url}" for url in include.value_sets]
        lines.append(" ".join(parts) + (f" where {' and '.join(conditions)}" if conditions else ", all of them"))
    return lines
