"""CPT clinician and consumer friendly descriptors: ClinicianDescriptor and ConsumerDescriptor, tab-separated or Excel.

Each yields partial concepts with designations (uses `clinician`, several a code, and `consumer`); the compiler merges
them by code within the edition. The AMA's concept and descriptor ids are not kept.
Source: AMA, CPT Standard data files. Header rows: Concept Id, CPT Code, Clinician Descriptor Id, Clinician Descriptor;
Concept Id, CPT Code, Consumer Friendly Descriptor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from terminology.errors import SourceRefused
from terminology.importers import xlsx
from terminology.importers.cpt_notice import CODE, decode, designation, edition_of, head_lines
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import Concept

_CODE = re.compile(CODE)
_CODE_COLUMN = "cpt code"


@dataclass(frozen=True)
class DescriptorTable:
    """An importer of one of the two tables; `column` is the header of its texts in lower case."""

    name: str
    column: str
    use: str

    def recognise(self, source: Member) -> bool:
        """Whether one of the first rows is this table's header."""
        if head := xlsx.first_rows(source):
            return any(self._columns([xlsx.text(cell) for cell in cells]) for cells in head)
        return any(self._columns(line.split("\t")) for line in head_lines(source))

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for table `cpt`. Raises SourceRefused, or EditionUnknown where nothing says which year it is."""
        notice: list[str] = []
        columns: tuple[int, int] | None = None
        texts: dict[str, list[str]] = {}
        refusals = Refusals(source.name)
        rows_read = 0
        for number, cells in _rows(source):
            if columns is None:
                columns = self._columns(cells)
                notice += [] if columns else [" ".join(filter(None, cells))]
            elif any(cells):
                rows_read += 1
                code, text = ((*cells, "", "", "", "")[at].strip() for at in columns)
                if not _CODE.fullmatch(code):
                    refusals.refuse(number, f"{code!r} is not a CPT code")
                elif not text:
                    refusals.refuse(number, f"has no text for {code}")
                elif text not in texts.setdefault(code, []):
                    texts[code].append(text)
        if columns is None:
            raise SourceRefused(source.name, f"has no header row with {_CODE_COLUMN!r} and {self.column!r}")
        edition, notes = edition_of(source, "\n".join(notice))
        records = [
            Concept(code, designations=tuple(designation(self.use, text) for text in held), edition=edition.version)
            for code, held in texts.items()
        ]
        yield Batch(edition, records, rows_read, refusals.rows, notes)

    def _columns(self, cells: list[str]) -> tuple[int, int] | None:
        """Where code and text stand, if the cells are this table's header row."""
        names = [cell.strip().casefold() for cell in cells]
        if _CODE_COLUMN in names and self.column in names:
            return names.index(_CODE_COLUMN), names.index(self.column)
        return None


def _rows(source: Member) -> Iterator[tuple[int, list[str]]]:
    """Row number (from 1) and cells. In a workbook a code that Excel holds as a number gets its zeros back."""
    if xlsx.is_workbook(source):
        for number, cells in xlsx.rows(source):
            yield number, [xlsx.text(cell, width=5) for cell in cells]
    else:
        for number, line in enumerate(decode(source.read(), source.name).splitlines(), 1):
            yield number, line.split("\t")


IMPORTERS: tuple[Importer, ...] = (
    DescriptorTable("CPT clinician descriptors (ClinicianDescriptor)", "clinician descriptor", "clinician"),
    DescriptorTable(
        "CPT consumer friendly descriptors (ConsumerDescriptor)", "consumer friendly descriptor", "consumer"
    ),
)
