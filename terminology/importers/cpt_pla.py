"""CPT proprietary laboratory analyses (PLA): CPTPLA.xml and its tab-separated twin.

The codes are published quarterly and each has its own effective date, so they merge into the year's edition:
`effectiveDate` is the concept's first day. The texts become designations; properties are `lab-name`, `test-name`,
`manufacturer-name`, `pla-status` (NEW, EXISTING, DELETED …) and `publish-date`.
Source: AMA, CPT Standard data files, "Proprietary Laboratory Analyses (PLA) Codes". XML: `plaCode` with attributes
cdId, cdCode and children cdDesc, cdMDesc, cdSDesc, cdStatus, effectiveDate, labName, manufacturerName, publishDate,
testName. Tab: a header row and the same eleven columns.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from msgspec.structs import replace

from terminology.errors import SourceRefused
from terminology.importers.cpt_notice import CODE, decode, designation, edition_of, head_lines, head_text, is_cpt_notice
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import Concept, Property
from terminology.period import FIRST_DAY, Day, from_date, parse_compact, parse_fhir, show, to_date

_FIELDS = {
    "cdcode": "code",
    "placode": "code",
    "cptcode": "code",
    "code": "code",
    "cddesc": "long",
    "longdescriptor": "long",
    "longdescription": "long",
    "long": "long",
    "cdmdesc": "medium",
    "mediumdescriptor": "medium",
    "mediumdescription": "medium",
    "medium": "medium",
    "cdsdesc": "short",
    "shortdescriptor": "short",
    "shortdescription": "short",
    "short": "short",
    "cdstatus": "pla-status",
    "status": "pla-status",
    "effectivedate": "effective",
    "labname": "lab-name",
    "lab": "lab-name",
    "manufacturername": "manufacturer-name",
    "manufacturer": "manufacturer-name",
    "publishdate": "publish-date",
    "publisheddate": "publish-date",
    "testname": "test-name",
    "test": "test-name",
}
"""Spellings of element and column names (letters only, lower case) and what they hold."""
_NEEDED = {"code", "long", "effective", "lab-name", "test-name"}
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CODE = re.compile(CODE)
_ELEMENT = re.compile(r"<plaCode[\s>]")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def _field(name: str) -> str | None:
    return _FIELDS.get(re.sub(r"[^a-z]", "", name.casefold()))


def parse_day(text: str) -> Day:
    """A day from `2026-04-01`, `2026-04-01T00:00:00-05:00` (the day as written), `20260401` or `4/1/2026`.

    Blank is an open start. Raises ValueError for anything else.
    """
    text = text.strip()
    if not text:
        return FIRST_DAY
    if found := _AMERICAN.fullmatch(text):
        day = int(found[3]) * 10000 + int(found[1]) * 100 + int(found[2])
        return from_date(to_date(day))
    if len(text) == 8:
        return parse_compact(text)
    day = parse_fhir(text).start
    if len(text) < 10:
        raise ValueError(f"{text!r} is not a whole date")
    return day


Row = tuple[int, dict[str, str]]
"""Line number (from 1) and the values of one code, by what they hold."""


def _rows_of_xml(text: str, name: str) -> list[Row]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SourceRefused(name, "declares a document type or entities, which a PLA file never does")
    bare = _COMMENT.sub(_blank, text)
    lines = [bare.count("\n", 0, found.start()) + 1 for found in _ELEMENT.finditer(bare)]
    try:
        # The declaration may name an encoding that the bytes do not have; the text is decoded already.
        root = ET.fromstring(_DECLARATION.sub("", text, count=1))
    except ET.ParseError as error:
        raise SourceRefused(name, f"is not well-formed XML: {error}") from error
    rows = []
    for line, element in zip(lines, root.iter("plaCode"), strict=True):
        named = [*element.attrib.items(), *((child.tag, child.text or "") for child in element)]
        rows.append((line, {known: value.strip() for tag, value in named if (known := _field(tag))}))
    return rows


def _blank(found: re.Match[str]) -> str:
    """A comment's line ends, so that elements after it keep their line numbers."""
    return "\n" * found[0].count("\n")


def _header(lines: list[str]) -> int | None:
    """The index of the tab file's header row, or None."""
    for index, line in enumerate(lines):
        if line.count("\t") >= len(_NEEDED) - 1 and {_field(cell) for cell in line.split("\t")} >= _NEEDED:
            return index
    return None


def _rows_of_tab(lines: list[str], header: int, refusals: Refusals) -> list[Row]:
    columns = [_field(cell) for cell in lines[header].rstrip("\t ").split("\t")]
    rows = []
    for number, line in enumerate(lines[header + 1 :], header + 2):
        cells = line.split("\t")
        if not line.strip():
            continue
        if len(cells) < len(columns):
            cells += [""] * (len(columns) - len(cells))  # trailing empty cells may be trimmed
        if any(cell.strip() for cell in cells[len(columns) :]):
            refusals.refuse(number, f"has {len(cells)} cells where the header has {len(columns)}")
            continue
        rows.append((number, {known: cells[at].strip() for at, known in enumerate(columns) if known}))
    return rows


class PlaFile:
    """The importer of CPTPLA, XML or tab-separated."""

    name = "CPT proprietary laboratory analyses (CPTPLA)"

    def recognise(self, source: Member) -> bool:
        """Whether the content is XML with `plaCode` elements, or a tab file with the twin's header row."""
        text = head_text(source).lstrip()
        return bool(text.startswith("<") and _ELEMENT.search(text)) or _header(head_lines(source)) is not None

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for table `cpt`. Raises SourceRefused, or EditionUnknown where nothing says which year it is."""
        text = decode(source.read(), source.name)
        refusals = Refusals(source.name)
        if text.lstrip().startswith("<"):
            rows = _rows_of_xml(text, source.name)
            notice = "\n".join(comment for comment in _COMMENT.findall(text) if is_cpt_notice(comment))
        else:
            lines = text.splitlines()
            header = _header(lines)
            if header is None:
                raise SourceRefused(
                    source.name, "has no header row with code, descriptor, effective date, lab and test"
                )
            rows = _rows_of_tab(lines, header, refusals)
            notice = "\n".join(lines[:header])
        concepts: dict[str, Concept] = {}
        for number, row in rows:
            try:
                concept = _concept(row)
            except ValueError as error:
                refusals.refuse(number, str(error))
                continue
            if concepts.setdefault(concept.code, concept) != concept:
                refusals.refuse(number, f"gives {concept.code} a second time, differently")
        if not concepts:
            raise SourceRefused(source.name, "holds no PLA codes")
        latest = max(concept.start for concept in concepts.values()) // 10000
        edition, notes = edition_of(source, notice, fallback=latest or None)
        records = [replace(concept, edition=edition.version) for concept in concepts.values()]
        yield Batch(edition, records, len(rows), refusals.rows, notes)


def _concept(row: dict[str, str]) -> Concept:
    """The concept of one row. Raises ValueError where the code or a date is none."""
    code = row.get("code", "")
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a CPT code")
    published = parse_day(row.get("publish-date", ""))
    texts = ("pla-status", "lab-name", "manufacturer-name", "test-name")
    properties = [Property(name, row[name]) for name in texts if row.get(name)]
    if published != FIRST_DAY:
        properties.append(Property("publish-date", show(published), "dateTime"))
    return Concept(
        code,
        start=parse_day(row.get("effective", "")),
        designations=tuple(designation(use, row[use]) for use in ("long", "medium", "short") if row.get(use)),
        properties=tuple(properties),
        inactive=row.get("pla-status", "").casefold() == "deleted",
    )


IMPORTERS: tuple[Importer, ...] = (PlaFile(),)
