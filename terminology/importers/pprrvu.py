"""The National Physician Fee Schedule Relative Value File, PPRRVU: CSV of 31 or 32 columns, and text of 171.

Descriptions are the AMA's and are not read. Source: CMS, record layout RVUyyX; see `rvu_edition` for the editions,
re-issues and the two conversion factors of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from terminology.edits import FeeScheduleRow
from terminology.errors import SourceRefused
from terminology.importers.cells import Row, csv_rows, number, procedure, take
from terminology.importers.rvu_edition import is_qpp, rvu_edition
from terminology.importers.source import Batch, Importer, Member

Columns = dict[str, str]
"""The cells of one row by the name of their field in FeeScheduleRow."""

# The headings of the CSV are stacked over up to five lines; joined downwards each is unique, which the last line alone
# is not (TOTAL, OP, SURG, INDICATOR, AMOUNT repeat).
_HEADINGS = {
    "HCPCS": "code",
    "MOD": "modifier",
    "STATUS CODE": "status",
    "WORK RVU": "work_rvu",
    "NON-FAC PE RVU": "non_facility_pe_rvu",
    "NON-FAC NA INDICATOR": "na_non_facility",
    "FACILITY PE RVU": "facility_pe_rvu",
    "FACILITY NA INDICATOR": "na_facility",
    "MP RVU": "mp_rvu",
    "NON-FACILITY TOTAL": "non_facility_total",
    "FACILITY TOTAL": "facility_total",
    "PCTC IND": "pctc",
    "GLOB DAYS": "global_days",
    "PRE OP": "pre",
    "INTRA OP": "intra",
    "POST OP": "post",
    "MULT PROC": "multiple_procedure",
    "BILAT SURG": "bilateral",
    "ASST SURG": "assistant",
    "CO- SURG": "co_surgeon",
    "TEAM SURG": "team",
    "PRIC IND": "pricing_indicator",
    "ENDO BASE": "endoscopic_base",
    "CONV FACTOR": "conversion_factor",
    "PHYSICIAN SUPERVISION OF DIAGNOSTIC PROCEDURES": "supervision",
    "CALCULATION FLAG": "calculation_flag",
    "DIAGNOSTIC IMAGING FAMILY INDICATOR": "imaging_family",
    "NON-FACILITY PE USED FOR OPPS PAYMENT AMOUNT": "opps_non_facility_pe",
    "FACILITY PE USED FOR OPPS PAYMENT AMOUNT": "opps_facility_pe",
    "MP USED FOR OPPS PAYMENT AMOUNT": "opps_mp",
}
_OPTIONAL = {"pricing_indicator"}

# First and last column of the text, from 1, as in CMS's record layout (which counts 165 columns where there are 171).
_POSITIONS = {
    "code": (1, 5),
    "modifier": (6, 7),
    "status": (58, 58),
    "work_rvu": (60, 65),
    "non_facility_pe_rvu": (67, 72),
    "na_non_facility": (73, 74),
    "facility_pe_rvu": (76, 81),
    "na_facility": (82, 83),
    "mp_rvu": (85, 89),
    "non_facility_total": (91, 96),
    "facility_total": (97, 102),
    "pctc": (103, 103),
    "global_days": (104, 106),
    "pre": (107, 109),
    "intra": (110, 112),
    "post": (113, 115),
    "multiple_procedure": (116, 116),
    "bilateral": (117, 117),
    "assistant": (118, 118),
    "co_surgeon": (119, 119),
    "team": (120, 120),
    "endoscopic_base": (128, 132),
    "conversion_factor": (133, 140),
    "supervision": (142, 143),
    "calculation_flag": (144, 144),
    "imaging_family": (146, 147),
    "opps_non_facility_pe": (152, 157),
    "opps_facility_pe": (159, 164),
    "opps_mp": (166, 171),
}
WIDTH = 171
"""How wide a row of the text is."""

_TEXT_ROW = re.compile(rb"[0-9A-Z]{5}[ 0-9A-Z]{2}.{50}[A-Z] [ \d]{3}\.\d\d [ \d]{3}\.\d\d")
_MODIFIER = re.compile(r"(?:[0-9A-Z]{2})?")


class PprrvuCsv:
    """PPRRVU as CSV."""

    name = "physician fee schedule relative values (PPRRVU, csv)"

    def recognise(self, source: Member) -> bool:
        """A row of headings that starts HCPCS, MOD, DESCRIPTION, CODE."""
        return b"\nHCPCS,MOD,DESCRIPTION,CODE," in source.head.upper()

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of FeeScheduleRow."""
        rows = csv_rows(source, "latin-1")
        stack: list[list[str]] = []
        for _, cells in rows:
            stack.append(cells)
            if cells[:2] == ["HCPCS", "MOD"]:
                break
        titles = [cell for line in stack for cell in line if "RELEASE" in cell.upper()]
        fields = _fields(source, stack)
        yield _batch(source, titles, rows, lambda cells: _named(cells, fields))


class PprrvuText:
    """PPRRVU as text in fixed columns."""

    name = "physician fee schedule relative values (PPRRVU, text)"

    def recognise(self, source: Member) -> bool:
        """Lines that start HDR, then a row with a status, a work and a practice expense RVU in their places."""
        lines = source.head.splitlines()
        body = next((line for line in lines if not line.startswith(b"HDR")), b"")
        return bool(lines) and lines[0].startswith(b"HDR") and _TEXT_ROW.match(body) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of FeeScheduleRow."""
        rows = ((at, line) for at, line in source.lines() if line.strip("\x1a ") and not line.startswith("HDR"))
        yield _batch(source, [], rows, _cut)


def _batch(
    source: Member, titles: list[str], rows: Iterator[tuple[int, Row]], split: Callable[[Row], Columns]
) -> Batch:
    edition = rvu_edition(source, "pfs-qpp" if is_qpp(source) else "pfs", titles)
    return take(
        source, edition, rows, lambda row: _record(split(row)), lambda row: f"{row.code} {row.modifier}".rstrip()
    )


def _fields(source: Member, stack: list[list[str]]) -> list[str | None]:
    """The field of each column, in order; None for a column that is not kept. Raises SourceRefused for a lack."""
    width = len(stack[-1])
    labels = (" ".join(" ".join(line[at : at + 1]) for line in stack).upper().split() for at in range(width))
    fields = [_HEADINGS.get(" ".join(words)) for words in labels]
    missing = [label for label, field in _HEADINGS.items() if field not in fields and field not in _OPTIONAL]
    if missing:
        raise SourceRefused(source.name, f"the headings name no column {', '.join(missing)}")
    return fields


def _named(cells: list[str], fields: list[str | None]) -> Columns:
    if len(cells) != len(fields):
        raise ValueError(f"{len(cells)} cells where the headings name {len(fields)}")
    return {field: cell for field, cell in zip(fields, cells, strict=True) if field}


def _cut(line: str) -> Columns:
    if len(line) != WIDTH:
        raise ValueError(f"{len(line)} characters wide instead of {WIDTH}")
    return {field: line[first - 1 : last].strip() for field, (first, last) in _POSITIONS.items()}


def _record(row: Columns) -> FeeScheduleRow:
    if not _MODIFIER.fullmatch(row["modifier"]):
        raise ValueError(f"{row['modifier']!r} is not a modifier")
    return FeeScheduleRow(
        code=procedure(row["code"]),
        modifier=row["modifier"],
        status=row["status"],
        work_rvu=number(row["work_rvu"]),
        non_facility_pe_rvu=number(row["non_facility_pe_rvu"]),
        na_non_facility=_na(row["na_non_facility"]),
        facility_pe_rvu=number(row["facility_pe_rvu"]),
        na_facility=_na(row["na_facility"]),
        mp_rvu=number(row["mp_rvu"]),
        non_facility_total=number(row["non_facility_total"]),
        facility_total=number(row["facility_total"]),
        pctc=row["pctc"],
        global_days=row["global_days"],
        pre=number(row["pre"]),
        intra=number(row["intra"]),
        post=number(row["post"]),
        multiple_procedure=row["multiple_procedure"],
        bilateral=row["bilateral"],
        assistant=row["assistant"],
        co_surgeon=row["co_surgeon"],
        team=row["team"],
        endoscopic_base=row["endoscopic_base"],
        conversion_factor=number(row["conversion_factor"]),
        supervision=row["supervision"],
        calculation_flag=row["calculation_flag"],
        imaging_family=row["imaging_family"],
        opps_non_facility_pe=number(row["opps_non_facility_pe"]),
        opps_facility_pe=number(row["opps_facility_pe"]),
        opps_mp=number(row["opps_mp"]),
        pricing_indicator=row.get("pricing_indicator", ""),
    )


def _na(text: str) -> bool:
    if text not in ("", "NA"):
        raise ValueError(f"{text!r} stands where NA or nothing is expected")
    return text == "NA"


IMPORTERS: tuple[Importer, ...] = (PprrvuCsv(), PprrvuText())
