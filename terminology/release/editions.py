"""Which files a release will have: batches of the same edition put together, CPT derived, dated rows merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from terminology.edits import AddOnEdit, PtpColumns
from terminology.importers.source import Batch
from terminology.model import Concept, Designation, Edition, Property
from terminology.period import Period, calendar_year, fiscal_year
from terminology.provider import Content
from terminology.release import cpt_fragment
from terminology.release.tables import CODE_SYSTEMS, KEYED

_CODE_SYSTEMS = {table.name: table for table in CODE_SYSTEMS}
_KEYED = {table.name: table for table in KEYED}
_CPT_SOURCES = ("pfs", "ptp-practitioner", "ptp-hospital", "mue-practitioner", "mue-hospital", "mue-dme", "addon")
"""The tables of CMS that name CPT codes."""


@dataclass(frozen=True)
class Plan:
    """One file to write: its records, and the editions that it answers for."""

    shape: Literal["concepts", "keyed", "ptp"]
    editions: tuple[Edition, ...]
    records: Sequence[Any]
    content: Content = "complete"
    merged: bool = False
    parts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A name for the file, and for people."""
        first = self.editions[0]
        return first.table if self.merged else f"{first.table}-{first.version}"


def plan(batches: Sequence[Batch]) -> tuple[list[Plan], list[str]]:
    """The files of a release made from the batches, and what people should know of how they were put together."""
    notes: list[str] = []
    groups: dict[tuple[str, str], list[Batch]] = defaultdict(list)
    for batch in batches:
        groups[batch.edition.table, batch.edition.version].append(batch)
    groups = _narrowed(groups)
    plans = []
    for (table, version), group in sorted(groups.items()):
        where = f"{table} {version}"
        if table in _CODE_SYSTEMS:
            records: Sequence[Any] = _concepts(where, group, notes)
            plans.append(Plan("concepts", (group[0].edition,), records))
        elif table in _KEYED:
            plans.append(Plan("keyed", (group[0].edition,), _only(where, group, notes)))
        else:
            parts, names = _parts(where, group, notes)
            plans.append(Plan("ptp", (group[0].edition,), parts, parts=names))
    plans.extend(_fragment(plans))
    plans.extend(_merged(plans))
    return plans, notes


def _narrowed(groups: Mapping[tuple[str, str], list[Batch]]) -> dict[tuple[str, str], list[Batch]]:
    """The batches, with the update of a fiscal year starting on its own first day where the base is held too.

    An ICD-10-CM update (`2026-04`) covers its whole fiscal year unless the October edition (`2026`) is loaded.
    """
    narrowed = dict(groups)
    for (table, version), group in groups.items():
        if table not in ("icd10cm", "icd10cm-notes") or "-" not in version:
            continue
        year, month = (int(part) for part in version.split("-"))
        fiscal = year + (month >= 10)
        if (table, str(fiscal)) in groups:
            start = year * 10000 + month * 100 + 1
            for batch in group:
                batch.edition = msgspec.structs.replace(batch.edition, start=start, end=fiscal_year(fiscal).end)
    return narrowed


def _concepts(where: str, group: Sequence[Batch], notes: list[str]) -> list[Concept]:
    if group[0].edition.table != "cpt":
        return list(_only(where, group, notes))
    found: dict[str, Concept] = {concept.code: concept for concept in cpt_fragment.modifiers()}
    for batch in group:
        for concept in _rows(batch):
            known = found.get(concept.code)
            found[concept.code] = concept if known is None else _joined(known, concept)
    return [_named(cpt_fragment.described(concept)) for concept in found.values()]


def _joined(one: Concept, other: Concept) -> Concept:
    """What two files of one edition say of a concept: every text and property of both, the narrower period."""
    designations: tuple[Designation, ...] = tuple(dict.fromkeys((*one.designations, *other.designations)))
    properties: tuple[Property, ...] = tuple(dict.fromkeys((*one.properties, *other.properties)))
    return msgspec.structs.replace(
        one,
        display=one.display or other.display,
        definition=one.definition or other.definition,
        start=max(one.start, other.start),
        end=min(one.end, other.end),
        designations=designations,
        properties=properties,
    )


def _named(concept: Concept) -> Concept:
    """The concept with a display: the best of its designations where the file with mixed-case text was not given."""
    if concept.display is not None:
        return concept
    by_use = {item.use.code: item.value for item in concept.designations if item.use}
    best = next((by_use[use] for use in ("long", "medium", "short") if use in by_use), None)
    return msgspec.structs.replace(concept, display=best)


def _rows(batch: Batch) -> list[Any]:
    if isinstance(batch.records, PtpColumns):
        raise TypeError(f"{batch.edition.table}: only PTP tables come as columns")
    return batch.records


def _only(where: str, group: Sequence[Batch], notes: list[str]) -> Sequence[Any]:
    """The records of the first file; others of the same edition must say the same, and are compared."""
    first = _rows(group[0])

    for other in map(_rows, group[1:]):
        if other == first:
            continue
        known = set(first)
        differing = sum(record not in known for record in other)
        missing = len(known) - (len(other) - differing)
        if differing or missing:
            notes.append(
                f"{where}: given twice; the file given first was taken. In the other {differing} rows differ"
                + (f", {missing} of the first are not in it" if missing > 0 else "")
            )
    return first


def _parts(where: str, group: Sequence[Batch], notes: list[str]) -> tuple[list[PtpColumns], tuple[str, ...]]:
    parts: dict[str, PtpColumns] = {}
    for batch in group:
        assert isinstance(batch.records, PtpColumns)
        if batch.part in parts:
            if parts[batch.part] != batch.records:
                notes.append(
                    f"{where}: part {batch.part or 'whole'} was given twice with different rows; the first was taken"
                )
            continue
        parts[batch.part] = batch.records
    return [parts[name] for name in sorted(parts)], tuple(sorted(filter(None, parts)))


def _fragment(plans: Iterable[Plan]) -> Iterator[Plan]:
    """CPT as CMS's tables show it, for the calendar years of these tables that no AMA file covers."""
    licensed = {edition.version for item in plans for edition in item.editions if edition.table == "cpt"}
    known: dict[str, set[str]] = defaultdict(set)
    years: set[int] = set()
    for item in plans:
        edition = item.editions[0]
        if edition.table in _CPT_SOURCES:
            for code in _codes(item):
                if cpt_fragment.is_code(code):
                    known[code].add(f"{edition.table} {edition.version}")
                    years.add(edition.start // 10000)
    wanted = sorted(year for year in years if str(year) not in licensed)
    if wanted:
        covers = tuple(Edition("cpt", str(year), *calendar_year(year)) for year in wanted)
        yield Plan("concepts", covers, list(cpt_fragment.fragment(known)), content="fragment")


def _codes(item: Plan) -> Iterator[str]:
    for record in item.records:
        if isinstance(record, PtpColumns):
            yield from record.codes
            continue
        yield record.code
        if isinstance(record, AddOnEdit) and record.primary:
            yield record.primary


def _merged(plans: Iterable[Plan]) -> Iterator[Plan]:
    """For each system whose rows carry their dates and of which several editions are held: all codes in one table.

    The newest edition speaks for every code that it lists; an older one for the codes that no newer one lists.
    """
    held: dict[str, list[Plan]] = defaultdict(list)
    for item in plans:
        if item.shape == "concepts" and item.editions[0].basis == "rows":
            held[item.editions[0].table].append(item)
    for items in held.values():
        items.sort(key=lambda item: item.editions[0].start)
        merged = {concept.code: concept for item in items for concept in item.records}
        newest = items[-1].editions[0]
        yield Plan("concepts", (newest,), list(merged.values()), merged=True)


def describe(edition: Edition) -> str:
    """The edition for people: `mue-practitioner 2024q3 (2024-07-01 to 2024-09-30)`."""
    if edition.basis == "undated":
        return f"{edition.table} {edition.version}"
    return f"{edition.table} {edition.version} ({Period(edition.start, edition.end)})"
