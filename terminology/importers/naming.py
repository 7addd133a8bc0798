"""Editions read from file names, for the files that state their quarter or year nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from terminology.errors import EditionUnknown
from terminology.importers.source import Member
from terminology.period import Period, quarter

_GIVEN_QUARTER = re.compile(r"(\d{4})-?q([1-4])", re.IGNORECASE)
_GIVEN_MONTH = re.compile(r"(\d{4})-(\d{2})")
_NCCI_VERSION = re.compile(r"v(\d{2})([0-3])r\d", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def quarter_of(source: Member) -> tuple[int, int]:
    """Year and quarter (1 to 4) of a quarterly file.

    Taken from `source.version` (`2024q3` or `2024-07`), else from the names: `2024-q3`, `v302r0` (NCCI: 30
    stands for 2024, the last digit counts quarters from 0), `Eff_07-01-2024`. Raises EditionUnknown.
    """
    for text in filter(None, (source.version, *source.names)):
        if found := _GIVEN_QUARTER.search(text):
            return int(found[1]), int(found[2])
        if found := re.search(r"(\d{2})-(\d{2})-(\d{4})", text):
            return int(found[3]), (int(found[1]) + 2) // 3
        if found := _NCCI_VERSION.search(text):
            return 1994 + int(found[1]), int(found[2]) + 1
        if text == source.version and (found := _GIVEN_MONTH.fullmatch(text)):
            return int(found[1]), (int(found[2]) + 2) // 3
    raise EditionUnknown(source.name, "the quarter is neither in the content nor in the name; give it as FILE@2024q3")


def quarterly(source: Member) -> tuple[str, Period]:
    """Version (`2024q3`) and period of a quarterly file; see `quarter_of`."""
    year, number = quarter_of(source)
    return f"{year}q{number}", quarter(year, number)


def year_of(source: Member, names: Iterable[str] | None = None) -> int:
    """The four-digit year in `source.version`, else in the names. Raises EditionUnknown."""
    for text in filter(None, (source.version, *(source.names if names is None else names))):
        if found := re.search(r"(?<!\d)((?:19|20)\d{2})(?!\d)", text):
            return int(found[1])
    raise EditionUnknown(source.name, "the year is neither in the content nor in the name; give it as FILE@2025")


def month_number(text: str) -> int | None:
    """1 to 12 for an English month name or its first three letters, in any case; None for other text."""
    try:
        return _MONTHS.index(text[:3].lower()) + 1
    except ValueError:
        return None
