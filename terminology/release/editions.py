"""Which files a release will have: batches of the same edition put together, CPT derived, dated rows merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from terminology.edits import AddOnEdit, PtpColumns
from terminology.importers.cpt_notice import DISPLAY_USES, USES
from terminology.importers.icd10cm_edition import update_start
from terminology.importers.source import Batch
from terminology.model import Concept, Designation, Edition
from terminology.period import calendar_year
from terminology.provider import Content
from terminology.release import cpt_fragment
from terminology.release.tables import CODE_SYSTEMS, KEYED

_CODE_SYSTEMS = {table.name: table for table in CODE_SYSTEMS}
_KEYED = {table.name: table for table in KEYED}
_CPT_SOURCES = ("pfs", "ptp-practitioner", "ptp-hospital", "mue-practitioner", "mue-hospital", "mue-dme", "addon")
"""The tables of CMS that name CPT codes."""
_USE_ORDER = {use: at for at, use in enumerate(USES)}
_FISCAL = ("icd10cm", "icd10cm-notes")
"""The tables whose editions are fiscal years with updates within."""


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
    for batch in _narrowed(batches):
        groups[batch.edition.table, batch.edition.version].append(batch)
    plans = []
    for (table, version), group in sorted(groups.items()):
        where = f"{table} {version}"
        if table in _CODE_SYSTEMS:
            plans.append(Plan("concepts", (group[0].edition,), _concepts(where, group, notes)))
        elif table in _KEYED:
            plans.append(Plan("keyed", (group[0].edition,), _only(where, group, notes)))
        else:
            parts, names = _parts(where, group, notes)
            plans.append(Plan("ptp", (group[0].edition,), parts, parts=names))
    plans.extend(_fragment(plans))
    plans.extend(_merged(plans))
    return plans, notes


def _narrowed(batches: Sequence[Batch]) -> Iterator[Batch]:
    """The batches, with the update of a fiscal year starting on its own first day where the base is held too.

    An ICD-10-CM update (`2026-04`) covers its whole fiscal year unless the October edition (`2026`) is loaded.
    """
    bases = {
        (batch.edition.table, batch.edition.end)
        for batch in batches
        if batch.edition.table in _FISCAL and update_start(batch.edition.version) is None
    }
    for batch in batches:
        edition = batch.edition
        start = update_start(edition.version) if (edition.table, edition.end) in bases else None
        yield batch if start is None else replace(batch, edition=msgspec.structs.replace(edition, start=start))


def _concepts(where: str, group: Sequence[Batch], notes: list[str]) -> Sequence[Concept]:
    """The concepts of one edition; of CPT each file knows a part, and all are put together."""
    if group[0].edition.table != "cpt":
        return _only(where, group, notes)
    found: dict[str, Concept] = {concept.code: concept for concept in cpt_fragment.modifiers()}
    for batch in group:
        for concept in _rows(batch):
            known = found.get(concept.code)
            found[concept.code] = concept if known is None else _joined(known, concept)
    return [_finished(cpt_fragment.described(concept)) for concept in found.values() if not _of_hcpcs(concept)]


def _of_hcpcs(concept: Concept) -> bool:
    """Whether the AMA's list of modifiers only repeats what is a code of HCPCS Level II."""
    return {item.value for item in concept.properties if item.code == "modifier-section"} == {"level-ii"}


def _joined(one: Concept, other: Concept) -> Concept:
    """What two files of one edition say of a concept: every text and property of both, the narrower period."""
    return msgspec.structs.replace(
        one,
        display=one.display or other.display,
        definition=one.definition or other.definition,
        start=max(one.start, other.start),
        end=min(one.end, other.end),
        designations=(*one.designations, *other.designations),
        properties=tuple(dict.fromkeys((*one.properties, *other.properties))),
        edition=one.edition or other.edition,
    )


def _finished(concept: Concept) -> Concept:
    """The concept with each designation once, and with a display: its own, else the best of its designations.

    Designations stand in the order of `USES` and of their texts, so that the order of the files does not matter.
    """
    distinct = {(*_use(item), item.value): item for item in concept.designations}
    designations = tuple(distinct[key] for key in sorted(distinct))
    by_use = {item.use.code: item.value for item in reversed(designations) if item.use}
    display = concept.display or next((by_use[use] for use in DISPLAY_USES if use in by_use), None)
    return msgspec.structs.replace(concept, display=display, designations=designations)


def _use(designation: Designation) -> tuple[int, str]:
    """The place of its use among `USES`, and the use."""
    use = designation.use.code if designation.use else ""
    return _USE_ORDER.get(use, len(_USE_ORDER)), use


def _rows(batch: Batch) -> list[Any]:
    if isinstance(batch.records, PtpColumns):
        raise TypeError(f"{batch.edition.table}: only PTP tables come as columns")
    return batch.records


def _only(where: str, group: Sequence[Batch], notes: list[str]) -> Sequence[Any]:
    """The records of the first file; others of the same edition must say the same, and are compared."""
    first = _rows(group[0])
    known = set(first)
    notes.extend(
        f"{where}: given twice, and not alike; the file given first was taken. "
        f"{len(known - other)} of its rows are not in the other, which has {len(other - known)} of its own"
        for other in map(set, map(_rows, group[1:]))
        if other != known
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
    numbers = {int(name[1:]) for name in parts if name}
    if gaps := set(range(1, max(numbers, default=0) + 1)) - numbers:
        missing = ", ".join(f"f{number}" for number in sorted(gaps))
        notes.append(f"{where}: part {missing} was not given; the edits that it holds are not known here")
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
