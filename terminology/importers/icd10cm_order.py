"""ICD-10-CM order files, `icd10cm_order_YYYY.txt`: every code with its short and long text, billable or not.

Positions from 1: 1-5 order, 7-13 code without dot, 15 billable (0 or 1), 17-76 short text, 78 on long text. Source: CDC
and CMS, ICD-10-CM code descriptions in tabular order. Codes that begin with U stand last; no order is relied upon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.importers.cells import diagnosis, first_line, take
from terminology.importers.icd10cm_edition import icd10cm_edition
from terminology.importers.source import Batch, Importer, Member
from terminology.model import ICD10CM, Coding, Concept, Designation, Property

SHORT = Coding(ICD10CM, "short", "Short description")
"""The use of the designation that holds the short text."""

_ROW = re.compile(r"\d{5} (?=.{7} )([A-Z][0-9A][0-9A-Z]{1,5}) +(?<= )([01]) (.{60}) (.*\S) *")


class Icd10cmOrder:
    """An order file."""

    name = "ICD-10-CM codes (order file)"

    def recognise(self, source: Member) -> bool:
        """The first line has order number, code, flag and texts in their places."""
        return _ROW.fullmatch(first_line(source)) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of Concept for the fiscal year; a concept's parent is its longest prefix that is a code."""
        edition = icd10cm_edition(source, "icd10cm")
        codes = {line[6:13].rstrip() for _, line in source.lines()}
        rows = ((at, line) for at, line in source.lines("utf-8") if line.strip())
        yield take(source, edition, rows, lambda line: _concept(line, codes, edition.version), lambda it: it.code)


def _concept(line: str, codes: set[str], edition: str) -> Concept:
    found = _ROW.fullmatch(line)
    if not found or found.start(2) != 14:
        raise ValueError("order, code, flag and texts are not in their columns")
    plain, short, long = found[1], found[3].strip(), found[4].strip()
    parent = next((plain[:size] for size in range(len(plain) - 1, 2, -1) if plain[:size] in codes), None)
    return Concept(
        code=diagnosis(plain),
        display=long,
        designations=(Designation(short, "en", SHORT),) if short != long else (),
        properties=(Property("billable", found[2] == "1", "boolean"),),
        parents=(diagnosis(parent),) if parent else (),
        edition=edition,
    )


IMPORTERS: tuple[Importer, ...] = (Icd10cmOrder(),)
