"""HCPCS Level II, the alpha-numeric file (ANWEB) of a quarter or a year: fixed-width text or .xlsx.

The file lists codes and modifiers in force and those terminated over the last years, each with its own days:
ADD DT is the first and TERM DT the last on which it may be used. ACT EFF DT says when the latest change took
effect; in a terminated code it lies after TERM DT, so it is kept as a property and never as a start.
Source: CMS, HCPCS Quarterly Update, HCPCyyyy_recordlayout.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers import hcpcs_fixed, xlsx
from terminology.importers.hcpcs_fixed import CONTINUATIONS, LAYOUT, RECORD_IDS, Row, repeated
from terminology.importers.naming import month_number
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import HCPCS, Coding, Concept, Designation, Edition, Property, PropertyType, PropertyValue
from terminology.period import FIRST_DAY, LAST_DAY, Day, parse_compact, quarter, show

SHORT = Coding(HCPCS, "short", "Short description")
"""The use of the designation that holds the short description (at most 28 characters)."""

PROPERTIES: tuple[tuple[str, PropertyType, tuple[str, ...]], ...] = (
    ("pricing-indicator", "code", repeated("PRICE", 4)),
    ("multiple-pricing-indicator", "code", ("MULT PI",)),
    ("cim", "string", repeated("CIM", 3)),
    ("mcm", "string", repeated("MCM", 3)),
    ("statute", "string", ("STATUTE",)),
    ("lab-certification", "code", repeated("LABCERT", 8)),
    ("cross-reference", "code", repeated("XREF", 5)),
    ("coverage", "code", ("COV",)),
    ("asc-group", "code", ("ASC GRP",)),
    ("asc-date", "dateTime", ("ASC DT",)),
    ("opps", "code", ("OPPS",)),
    ("opps-indicator", "code", ("OPPS PI",)),
    ("opps-date", "dateTime", ("OPPS DT",)),
    ("processing-note", "code", ("PROCNOTE",)),
    ("betos", "code", ("BETOS",)),
    ("type-of-service", "code", repeated("TOS", 5)),
    ("anesthesia-base-units", "integer", ("ANEST BU",)),
    ("add-date", "dateTime", ("ADD DT",)),
    ("action-effective-date", "dateTime", ("ACT EFF DT",)),
    ("term-date", "dateTime", ("TERM DT",)),
    ("action", "code", ("ACTION CD",)),
)
"""Property code, FHIR type, and the columns that hold its values. All concepts have `modifier` (boolean) too."""

_CODE = re.compile(r"[A-Z][0-9]{4}|[0-9A-Z]{2}")
_NEEDED = frozenset({"HCPC", "LONG DESCRIPTION", "ADD DT", "TERM DT"})
_WIDTHS = {column.name: column.width for column in LAYOUT}
_NO_DAY = ("", "00000000")
_QUARTER = re.compile(r"((?:19|20)\d{2})-?q([1-4])", re.IGNORECASE)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_YEAR_MONTH = re.compile(rf"((?:19|20)\d{{2}})[-_ ]*({_MONTHS}|(?:0[1-9]|1[0-2])(?!\d))", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"({_MONTHS})[a-z]*[-_ ]*((?:19|20)\d{{2}})", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")


class HcpcsImporter:
    """Reads the codes and modifiers of one ANWEB file, text or workbook."""

    name = "HCPCS Level II (ANWEB)"

    def recognise(self, source: Member) -> bool:
        """Whether the content holds a record of the fixed layout, or the workbook's header."""
        if head := xlsx.first_rows(source):
            return any(_is_header(cells) for cells in head)
        return hcpcs_fixed.recognise(source.head)

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for `hcpcs`; rows are counted in codes, not in lines.

        Raises EditionUnknown where no name holds a year, SourceRefused for a file that cannot be read.
        """
        edition = _edition(source)
        refusals = Refusals(source.name)
        notes: list[str] = []
        records: dict[str, Concept] = {}
        rows = _workbook_rows(source, notes) if xlsx.is_workbook(source) else hcpcs_fixed.rows(source)
        for line, row in _joined(rows, refusals):
            try:
                concept = _concept(row, edition.version)
                if concept.code in records:
                    raise ValueError(f"a second row of {concept.code}")
            except ValueError as error:
                refusals.refuse(line, str(error))
                continue
            records[concept.code] = concept
        if not records:
            raise SourceRefused(source.name, "it holds no HCPCS codes")
        notes.extend(_oddities(records.values()))
        yield Batch(edition, list(records.values()), len(records) + len(refusals.rows), refusals.rows, notes)


def _concept(row: Row, version: str) -> Concept:
    code, long, short = row["HCPC"], row["LONG DESCRIPTION"], row["SHORT DESCRIPTION"]
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is neither a HCPCS code nor a modifier")
    return Concept(
        code=code,
        display=long or short or None,
        start=_day(row["ADD DT"], FIRST_DAY, code, "ADD DT"),
        end=_day(row["TERM DT"], LAST_DAY, code, "TERM DT"),
        designations=(Designation(short, "en", SHORT),) if short else (),
        properties=(Property("modifier", len(code) == 2, "boolean"), *_properties(row, code)),
        edition=version,
    )


def _properties(row: Row, code: str) -> Iterator[Property]:
    for name, kind, columns in PROPERTIES:
        for column in columns:
            text = row[column]
            if not text or (kind == "dateTime" and text in _NO_DAY):
                continue
            value: PropertyValue = text
            if kind == "dateTime":
                value = show(_day(text, LAST_DAY, code, column))
            elif kind == "integer":
                if not (text.isascii() and text.isdigit()):
                    raise ValueError(f"{code}: {column} {text!r} is not a whole number")
                value = int(text)
            yield Property(name, value, kind)


def _day(text: str, blank: Day, code: str, column: str) -> Day:
    try:
        return blank if text in _NO_DAY else parse_compact(text)
    except ValueError as error:
        raise ValueError(f"{code}: {column} {error}") from error


def _joined(rows: Iterable[tuple[int, Row]], refusals: Refusals) -> Iterator[tuple[int, Row]]:
    """One row a code: the text of continuation lines is joined to that of the first line by one space."""
    line, whole = 0, None
    for number, row in rows:
        if row["RECID"] not in RECORD_IDS:
            refusals.refuse(number, f"{row['RECID']!r} is not a record id ({', '.join(RECORD_IDS)})")
        elif row["RECID"] not in CONTINUATIONS:
            if whole is not None:
                yield line, whole
            line, whole = number, row
        elif whole is None or whole["HCPC"] != row["HCPC"]:
            refusals.refuse(number, f"a continuation of {row['HCPC']}, which is not the code before it")
        else:
            whole["LONG DESCRIPTION"] = f"{whole['LONG DESCRIPTION']} {row['LONG DESCRIPTION']}".rstrip()
    if whole is not None:
        yield line, whole


def _workbook_rows(source: Member, notes: list[str]) -> Iterator[tuple[int, Row]]:
    """The rows after the header, wherever it stands, with the columns named as in `LAYOUT`."""
    order: dict[str, int] = {}
    for number, cells in xlsx.rows(source):
        if not order:
            if _is_header(cells):
                names = [_name(cell) for cell in cells]
                order = {name: names.index(name) for name in _WIDTHS if name in names}
                if lacking := [name for name in _WIDTHS if name not in order]:
                    notes.append(f"the header lacks {', '.join(lacking)}")
            continue
        row = dict.fromkeys(_WIDTHS, "")
        for name, at in order.items():
            row[name] = xlsx.text(cells[at], _WIDTHS[name] if name != "RECID" else 1) if at < len(cells) else ""
        if not any(row.values()):
            continue
        row["RECID"] = row["RECID"] or "3"
        if row["RECID"] in CONTINUATIONS:
            notes.append(f"row {number}: {row['HCPC']} is continued on a row of its own; its text is joined")
        yield number, row


def _oddities(concepts: Iterable[Concept]) -> Iterator[str]:
    """Faults in CMS's data that do not keep a code from being used."""
    concepts = tuple(concepts)
    if undated := [concept.code for concept in concepts if concept.value("action-effective-date") is None]:
        yield f"{len(undated)} codes have no ACT EFF DT, such as {undated[0]}"
    if unknown := [concept.code for concept in concepts if concept.start == FIRST_DAY]:
        yield f"{len(unknown)} codes have no ADD DT and count as always known, such as {unknown[0]}"
    if backwards := [concept.code for concept in concepts if concept.end < concept.start]:
        yield f"{len(backwards)} codes end before they start, such as {backwards[0]}"


def _is_header(cells: Iterable[xlsx.Cell]) -> bool:
    return _NEEDED.issubset({_name(cell) for cell in cells})


def _name(cell: xlsx.Cell) -> str:
    return " ".join(re.split(r"[\s_]+", xlsx.text(cell))).upper()


def _edition(source: Member) -> Edition:
    """The edition `2024-10`, which stands for its calendar quarter; a file of a whole year is its January.

    From `Member.version` (`2024-10`, `2024q4`, `2019`), else from the names (`HCPC2024_OCT_ANWEB`,
    `october-2024-alpha-numeric-hcpcs-file`, `HCPC2019_CONTR_ANWEB`).
    """
    for text in filter(None, (source.version, *source.names)):
        if found := _QUARTER.search(text):
            year, month = int(found[1]), 3 * int(found[2]) - 2
        elif found := _YEAR_MONTH.search(text):
            year, month = int(found[1]), month_number(found[2]) or int(found[2])
        elif found := _MONTH_YEAR.search(text):
            year, month = int(found[2]), month_number(found[1]) or 1
        elif found := _YEAR.search(text):
            year, month = int(found[1]), 1
        else:
            continue
        return Edition("hcpcs", f"{year}-{month:02}", *quarter(year, (month + 2) // 3), "rows")
    raise EditionUnknown(source.name, "the edition is neither in the content nor in the name; give it as FILE@2024-10")


IMPORTERS: tuple[Importer, ...] = (HcpcsImporter(),)
