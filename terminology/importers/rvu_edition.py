"""Which quarter a file of the physician fee schedule speaks for, and where a re-issue within a quarter begins.

CMS posts RVUyyA to RVUyyD (January, April, July, October). A trailing R (`RVU24AR`) is a re-issue within the quarter:
version `2024q1r1`. Its first day is no part of any file, so it is dated data in `rvu_reissues.yaml`, or the user gives
it: `FILE@2024q1r1,2024-03-09`. Without either it stands from the first day of the quarter.

From 2026 there are two conversion factors, and two files. The factor of those who are not qualifying APM participants
is the rule, in table `pfs`; the file for participants (`_QPP`) is the same edition of table `pfs-qpp`, so that the two
never compete for a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from terminology.errors import EditionUnknown
from terminology.importers.naming import month_number
from terminology.importers.source import Member
from terminology.model import Edition
from terminology.period import from_date, parse_fhir, quarter

_GIVEN = re.compile(r"(\d{4})-?q([1-4])(?:r(\d))?(?:,(\d{4}-\d{2}-\d{2}))?", re.IGNORECASE)
_RVU = re.compile(r"(?<![a-z])rvu(\d{2})([a-d])(r?)(?![a-z])", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4}|\d{2})_(jan|apr|jul|oct)", re.IGNORECASE)
_TITLE = re.compile(r"((?:19|20)\d{2})\b.*\b(January|April|July|October)\s+Release", re.IGNORECASE)
_QPP = re.compile(r"(?<!non)(?<!non[-_ ])qpp", re.IGNORECASE)


def rvu_edition(source: Member, table: str, titles: Iterable[str] = ()) -> Edition:
    """The edition of a quarterly fee schedule file.

    Taken from `Member.version` (`2025q4`, `2024q1r1`, `2024q1r1,2024-03-09`), else from a title line in the content
    (`2025 … October Release`), else from the names (`RVU25D`, `PPRRVU2025_Oct`). Raises EditionUnknown, which names
    `pfs` as the companion of the files that come with it in one archive.
    """
    if source.version:
        if not (found := _GIVEN.fullmatch(source.version)):
            raise EditionUnknown(source.name, f"{source.version!r} is not a quarter; give it as FILE@2025q4")
        try:
            return _edition(table, int(found[1]), int(found[2]), found[3], found[4])
        except ValueError as error:
            raise EditionUnknown(source.name, str(error)) from error
    reissue = "1" if any(found[3] for found in map(_RVU.search, source.names) if found) else None
    for title in titles:
        if found := _TITLE.search(title):
            return _edition(table, int(found[1]), _quarter_of_month(found[2]), reissue)
    for text in source.names:
        if found := _RVU.search(text):
            return _edition(table, 2000 + int(found[1]), "abcd".index(found[2].lower()) + 1, reissue)
        if found := _MONTH.search(text):
            return _edition(table, int(found[1]) % 2000 + 2000, _quarter_of_month(found[2]), reissue)
    raise EditionUnknown(
        source.name,
        "the quarter is neither in the content nor in the name; give it as FILE@2025q4",
        companion="" if table == "pfs" else "pfs",
    )


def is_qpp(source: Member) -> bool:
    """Whether the name says that the file holds the conversion factor of qualifying APM participants."""
    return any(_QPP.search(text) for text in source.names[: 2 if source.member else 1])


def _edition(table: str, year: int, number: int, reissue: str | None, first: str | None = None) -> Edition:
    version = f"{year}q{number}" + (f"r{reissue}" if reissue else "")
    period = quarter(year, number)
    start = parse_fhir(first).start if first else _reissues().get(version, period.start)
    if not period.holds(start):
        raise ValueError(f"{first} is no day of {year}q{number}")
    return Edition(table, version, start, period.end)


def _quarter_of_month(text: str) -> int:
    return ((month_number(text) or 1) + 2) // 3


@cache
def _reissues() -> dict[str, int]:
    text = files("terminology.importers").joinpath("rvu_reissues.yaml").read_text("utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return {row["version"]: from_date(row["start"]) for row in rows}
