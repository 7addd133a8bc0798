"""Which fiscal year a file of ICD-10-CM is for, and whether it is the April update within that year.

The version is the fiscal year (`2026`), or the month from which an update holds (`2026-04`). An edition's period is the
whole fiscal year in either case: an update answers for all of it where it is the only file of that year. Where the base
is loaded as well, the compiler lets the update begin on `update_start(version)`.
"""

from __future__ import annotations

import re

from terminology.errors import EditionUnknown
from terminology.importers.naming import year_of
from terminology.importers.source import Member
from terminology.model import Edition
from terminology.period import Day, fiscal_year

_VERSION = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_APRIL = re.compile(r"april(?![a-z])", re.IGNORECASE)


def icd10cm_edition(source: Member, table: str, year: int | None = None) -> Edition:
    """The edition: from `Member.version` (`2026`, `2026-04`), else the year in the content, else in the names.

    A name that says `april` makes it the update. Raises EditionUnknown.
    """
    if source.version:
        found = _VERSION.fullmatch(source.version)
        if not found:
            raise EditionUnknown(source.name, f"{source.version!r} is not a fiscal year; give it as FILE@2026")
        month = int(found[2] or 0)
        # October to December of a calendar year lie in the next fiscal year, and there the base begins anyway.
        return Edition(table, source.version, *fiscal_year(int(found[1]) + (month >= 10)))
    year = year or year_of(source)
    version = f"{year}-04" if any(_APRIL.search(text) for text in source.names) else str(year)
    return Edition(table, version, *fiscal_year(year))


def update_start(version: str) -> Day | None:
    """The first day of an update (`2026-04`: 20260401), or None for the base of a fiscal year (`2026`)."""
    found = _VERSION.fullmatch(version)
    return int(found[1]) * 10000 + int(found[2]) * 100 + 1 if found and found[2] else None
