"""CPT modifiers: MODUL.txt, the text of "Appendix A".

A notice, then the heading "Appendix A", then sections: the regular modifiers, physical status, those approved for
ambulatory surgery centers, category II, and level II. A modifier is a paragraph; level II has one a line. A modifier
that stands in two sections is one concept with several `modifier-section` properties.
Source: AMA, CPT Standard data files, MODUL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from terminology.errors import SourceRefused
from terminology.importers.cpt_notice import decode, edition_of, head_lines, is_cpt_notice
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Concept, Property

_APPENDIX = re.compile(r"\s*appendix\s+a\W*", re.IGNORECASE)

_HEADINGS = {
    "anesthesia physical status modifiers": "physical-status",
    "modifiers approved for ambulatory surgery center (asc) hospital outpatient use": "ambulatory-surgery",
    "cpt level i modifiers": "ambulatory-surgery",
    "category ii modifiers": "category-ii",
    "level ii (hcpcs/national) modifiers": "level-ii",
}
"""The heading that opens each section, in lower case, and the value of `modifier-section` for what follows."""
_FIRST_SECTION = "regular"

_STARTS = {
    "regular": re.compile(r"(\d{2})\s+(\S.*)"),
    "physical-status": re.compile(r"(?:physical status modifier\s+)?(P\d)\s*[:\s]\s*(\S.*)", re.IGNORECASE),
    "ambulatory-surgery": re.compile(r"(\d{2})\s+(\S.*)"),
    "category-ii": re.compile(r"(\dP)\s+(\S.*)"),
    "level-ii": re.compile(r"\*?([A-Z][A-Z0-9])\s+(\S.*)"),
}
"""How a modifier begins in each section: code and text."""
_REASONS = re.compile(r"\s+(?=reasons include)", re.IGNORECASE)


@dataclass
class _Entry:
    """A modifier as it stands in one section; `lines` holds its paragraphs."""

    code: str
    section: str
    lines: list[str] = field(default_factory=list)

    def title_and_text(self) -> tuple[str, str | None]:
        """The title, and the definition where there is one."""
        whole = " ".join(self.lines)
        if self.section in ("physical-status", "level-ii"):
            return whole.rstrip(" *"), None
        parts = _REASONS.split(whole, 1) if self.section == "category-ii" else whole.split(": ", 1)
        return parts[0].rstrip(": "), (parts[1].strip() or None) if len(parts) > 1 else None


def entries(lines: list[str]) -> list[_Entry]:
    """The modifiers of all sections, in the order of the file; `lines` begin after the heading "Appendix A"."""
    found: list[_Entry] = []
    section, current = _FIRST_SECTION, None
    for paragraph in _paragraphs(lines):
        heading, rest = _heading(paragraph)
        if heading:
            section, current = heading, None
        for index, line in enumerate(rest):
            # A wrapped line may begin with a number; only where a paragraph begins can that be a modifier.
            begins = index == 0 or section in ("level-ii", "physical-status")
            start = _STARTS[section].fullmatch(line) if begins else None
            if start:
                current = _Entry(start[1].upper(), section, [start[2].strip()])
                found.append(current)
            elif current is not None and not (section == "level-ii" and line.startswith("(")):
                current.lines.append(line)
        if section in ("level-ii", "physical-status"):
            current = None  # remarks between and after the one-line modifiers belong to none of them
    return found


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines that are not blank, stripped."""
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if text := line.strip():
            paragraph.append(text)
        elif paragraph:
            yield paragraph
            paragraph = []


def _heading(paragraph: list[str]) -> tuple[str | None, list[str]]:
    """The section that the paragraph opens, or None, and the lines after the heading, which may take up to three."""
    for count in (1, 2, 3):
        text = " ".join(" ".join(paragraph[:count]).split()).casefold()
        if text in _HEADINGS:
            _, rest = _heading(paragraph[count:]) if paragraph[count:] else (None, [])
            return _HEADINGS[text], rest
    return None, paragraph


def _appendix(lines: list[str]) -> int | None:
    """The index of the line "Appendix A", or None."""
    return next((index for index, line in enumerate(lines) if _APPENDIX.fullmatch(line)), None)


class ModifierFile:
    """The importer of MODUL.txt."""

    name = "CPT modifiers (MODUL)"

    def recognise(self, source: Member) -> bool:
        """Whether the content is a CPT notice, the heading "Appendix A", and at least one modifier."""
        lines = head_lines(source)
        start = _appendix(lines)
        return start is not None and is_cpt_notice("\n".join(lines[:start])) and bool(entries(lines[start + 1 :]))

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for table `cpt`; `rows_read` counts a modifier once a section.

        Where two sections word a modifier differently the first wording is kept and a note says so. Raises
        SourceRefused where there are no modifiers, EditionUnknown where nothing says which year it is.
        """
        lines = decode(source.read(), source.name).splitlines()
        start = _appendix(lines)
        found = [] if start is None else entries(lines[start + 1 :])
        if not found:
            raise SourceRefused(source.name, "holds no modifiers after a heading 'Appendix A'")
        edition, notes = edition_of(source, "\n".join(lines[:start]))
        merged: dict[str, list[_Entry]] = {}
        for entry in found:
            merged.setdefault(entry.code, []).append(entry)
        for code, same in merged.items():
            if len({entry.title_and_text() for entry in same}) > 1:
                notes.append(f"modifier {code} is worded differently in {same[-1].section}; {same[0].section} is kept")
        missing = {_FIRST_SECTION, *_HEADINGS.values()} - {entry.section for entry in found}
        notes += [f"no modifiers were found in section {section}" for section in sorted(missing)]
        records = [self._concept(same, edition.version) for same in merged.values()]
        yield Batch(edition, records, len(found), notes=notes)

    @staticmethod
    def _concept(same: list[_Entry], version: str) -> Concept:
        title, text = same[0].title_and_text()
        sections = dict.fromkeys(entry.section for entry in same)
        properties = (
            Property("modifier", True, "boolean"),
            *(Property("modifier-section", section, "code") for section in sections),
        )
        return Concept(same[0].code, title, properties=properties, definition=text, edition=version)


IMPORTERS: tuple[Importer, ...] = (ModifierFile(),)
