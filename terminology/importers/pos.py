"""Place of service codes: a CSV with code, type (Facility, Non-Facility, Unassigned), name and description.

The list is CMS's code set for professional claims as it stands today: it names no day. The days from which CMS put the
younger codes in force are dated data in `pos_dates.yaml`; a code that is not listed there has no known start. The type
is the site of Medicare's payment under the physician fee schedule (Medicare Claims Processing Manual, chapter 26,
section 10.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from terminology.importers.cells import first_line, headed, take, whole
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Concept, Edition, Property
from terminology.period import FIRST_DAY, Day, from_date

_COLUMNS = ("pos_code", "pos_type", "pos_name", "pos_description")
_CODE = re.compile(r"\d{2}")
_FACILITY = {"facility": True, "non-facility": False}


class PlaceOfService:
    """The code set as one CSV."""

    name = "place of service codes"

    def recognise(self, source: Member) -> bool:
        """The header."""
        return first_line(source).lower().replace('"', "").startswith(",".join(_COLUMNS))

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of Concept; unassigned codes are no codes, and are left out and counted in a note.

        The version is the one given by the user, else `undated`.
        """
        edition = Edition("pos", source.version or "undated", basis="undated")
        rows = list(headed(source, _COLUMNS))
        assigned = [row for row in rows if row[1]["pos_type"].lower() != "unassigned"]
        batch = take(
            source, edition, assigned, lambda row: _concept(whole(row), edition.version), lambda concept: concept.code
        )
        batch.rows_read = len(rows)
        if unassigned := len(rows) - len(assigned):
            batch.notes.append(f"{unassigned} codes are unassigned and left out")
        yield batch


def _concept(row: dict[str, str], edition: str) -> Concept:
    code, kind = row["pos_code"], row["pos_type"].lower()
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a place of service code of two digits")
    if kind not in _FACILITY:
        raise ValueError(f"{row['pos_type']!r} is neither Facility nor Non-Facility")
    if not row["pos_name"]:
        raise ValueError(f"{code} has no name")
    return Concept(
        code=code,
        display=row["pos_name"],
        start=_starts().get(code, FIRST_DAY),
        properties=(Property("facility", _FACILITY[kind], "boolean"),),
        definition=row["pos_description"] or None,
        edition=edition,
    )


@cache
def _starts() -> dict[str, Day]:
    text = files("terminology.importers").joinpath("pos_dates.yaml").read_text("utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return {row["code"]: from_date(row["start"]) for row in rows}


IMPORTERS: tuple[Importer, ...] = (PlaceOfService(),)
