"""What all files of the AMA's CPT folder share: encoding, licence notice, edition, and the uses of descriptors.

The files begin with a copyright and US-government notice; a blank line parts it from the rows. The notice
names the licence's terms, so it travels with the batch (`NOTE_PREFIX`) into the release's manifest.
Source: AMA, CPT Standard data files (LONGULT, MEDU, SHORTU, MODUL …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers.naming import year_of
from terminology.importers.source import HEAD, Member
from terminology.model import CPT, Coding, Designation, Edition
from terminology.period import calendar_year

CODE = r"\d{4}[0-9A-Z]"
"""A CPT code: four digits and a digit (Category I) or a letter (F, T, U, M, A)."""
NOTE_PREFIX = "notice: "
"""Begins the note of a batch that holds the copyright notice of the file."""

USES = {
    "long": "Long descriptor",
    "long-upper": "Long descriptor in upper case",
    "medium": "Medium descriptor (48 characters)",
    "short": "Short descriptor (28 characters)",
    "consumer": "Consumer friendly descriptor",
    "clinician": "Clinician descriptor",
}
"""The designation uses of CPT, and their displays."""
DISPLAY_USES = ("long", "long-upper", "medium", "short")
"""Where no file gives a concept's display, the first of these designations that exists stands in for it.

Only LONGULT gives `Concept.display`; every other file gives designations alone. So the merged concept does
not depend on the order in which the files are read.
"""

_OWNER = re.compile(r"american\s+medical\s+association", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:copyright|©)((?:(?!copyright).){0,200}?)american\s+medical", re.IGNORECASE | re.DOTALL)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def designation(use: str, text: str) -> Designation:
    """A designation of CPT; `use` is a key of `USES`."""
    return Designation(text, use=Coding(CPT, use, USES[use]))


def decode(data: bytes, name: str) -> str:
    """The text of a CPT file: UTF-8 where the bytes are valid UTF-8, else Windows-1252.

    Raises SourceRefused, naming the file `name`, for bytes that are neither.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError as error:
            reason = f"is neither UTF-8 nor Windows-1252 text (byte {error.start})"
            raise SourceRefused(name, reason) from error


def head_text(source: Member) -> str:
    """The first bytes of a file as text, for recognition; what cannot be decoded is replaced."""
    head = source.head
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut_in_two = len(head) == HEAD and error.start >= HEAD - 3
        return head.decode("utf-8-sig" if cut_in_two else "cp1252", "replace")


def head_lines(source: Member) -> list[str]:
    """The lines of the head; one that the end of the head cuts short is left out."""
    lines = head_text(source).splitlines()
    return lines[:-1] if len(source.head) == HEAD else lines


def is_cpt_notice(text: str) -> bool:
    """Whether the text names the owner of CPT."""
    return _OWNER.search(text) is not None


def first_row(lines: list[str], row: re.Pattern[str]) -> int | None:
    """The index of the first line that has the shape of a row and follows a blank line, or None."""
    for index in range(1, len(lines)):
        if not lines[index - 1].strip() and row.fullmatch(lines[index].rstrip()):
            return index
    return None


def numbered_rows(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and text of the lines from index `start` that are not blank."""
    for number, line in enumerate(lines[start:], start + 1):
        if text := line.rstrip():
            yield number, text


def copyright_year(notice: str) -> int | None:
    """The latest year that the notice's copyright sentence names, or None."""
    years = [int(year) for found in _COPYRIGHT.findall(notice) for year in _YEAR.findall(found)]
    return max(years, default=None)


def edition_of(source: Member, notice: str, fallback: int | None = None) -> tuple[Edition, list[str]]:
    """The edition (a calendar year, `2026`) of a CPT file, and notes on it: the notice, and what is odd.

    The year is the one given, else in the names, else the year after the notice's copyright, else `fallback`.
    Raises EditionUnknown where none of them says.
    """
    notes = [NOTE_PREFIX + notice.strip()] if notice.strip() else []
    copyrighted = copyright_year(notice)
    try:
        year = year_of(source)
        if copyrighted is not None and year not in (copyrighted, copyrighted + 1):
            notes.append(f"taken as edition {year}, as given or named; the notice's copyright year is {copyrighted}")
    except EditionUnknown:
        found = copyrighted + 1 if copyrighted is not None else fallback
        if found is None:
            raise
        year = found
        basis = "the notice's copyright year" if copyrighted is not None else "the latest effective date"
        notes.append(f"taken as edition {year}, by {basis}")
    period = calendar_year(year)
    return Edition("cpt", str(year), period.start, period.end, "snapshot"), notes
