"""The ICD-10-CM tabular list (XML): all codes, those with a 7th character spelled out, and the instructional notes.

A `sevenChrDef` applies to all codes below it that have no nearer one; codes shorter than six characters are filled with
the placeholder X. Source: CDC/NCHS, ICD-10-CM tabular list of diseases and injuries, and its section on 7th characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from terminology.edits import DiagnosisNote, NoteKind
from terminology.errors import SourceRefused
from terminology.importers.cells import diagnosis
from terminology.importers.icd10cm_edition import icd10cm_edition
from terminology.importers.icd10cm_notes import targets
from terminology.importers.plain_xml import read_xml
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Concept, Edition, Property

_NOTES: dict[str, NoteKind] = {
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code-first",
    "useAdditionalCode": "use-additional",
    "codeAlso": "code-also",
}
_RANGE = re.compile(r"\(([A-Z][0-9A][0-9A-Z](?:-[A-Z][0-9A][0-9A-Z])?)\)$")
# "7th characters D and S do not apply to codes in category S06 with 6th character 7 - death …, or 8 - death …"
_EXCEPTION = re.compile(
    r"7th characters? ((?:[0-9A-Z](?:, | and |, and )?)+) do(?:es)? not apply to codes in category (\S+) "
    r"with 6th character (.+)"
)
_SIXTH = re.compile(r"(?:^|\bor )([0-9A-Z])(?= - )")


class _NotApplicable(NamedTuple):
    """7th characters that a category does not use on codes with certain 6th characters."""

    category: str
    sixth: frozenset[str]
    seventh: frozenset[str]

    def forbids(self, plain: str) -> bool:
        return plain.startswith(self.category) and plain[5] in self.sixth and plain[6] in self.seventh


@dataclass(frozen=True)
class _Inherited:
    """What a code has from those above it."""

    parent: str | None = None
    extensions: tuple[tuple[str, str], ...] = ()
    exceptions: tuple[_NotApplicable, ...] = ()


@dataclass
class _Tabular:
    """What has been read so far. Notes wait for their targets until all codes are known."""

    edition: str
    concepts: dict[str, Concept] = field(default_factory=dict)
    notes: list[tuple[str, NoteKind, str]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)

    def add(self, code: str, display: str, parent: str | None, billable: bool) -> None:
        if code in self.concepts:
            raise ValueError(f"{code} is there twice")
        self.concepts[code] = Concept(
            code=code,
            display=display,
            properties=(Property("billable", billable, "boolean"),),
            parents=(parent,) if parent else (),
            edition=self.edition,
        )

    def add_notes(self, code: str, element: Element) -> None:
        for child in element:
            if kind := _NOTES.get(child.tag):
                self.notes += [(code, kind, text) for note in child.iter("note") if (text := _text(note))]

    def add_diagnosis(self, element: Element, inherited: _Inherited) -> None:
        """A code and all below it. Raises ValueError, naming the code, for what cannot be a code."""
        code = diagnosis(_text(element.find("name")))
        display = _text(element.find("desc"))
        if not display:
            raise ValueError(f"{code} has no title")
        if inherited.parent and not (code.startswith(inherited.parent) and len(code) > len(inherited.parent)):
            raise ValueError(f"{code} stands below {inherited.parent}")
        self.add_notes(code, element)
        inherited = replace(
            inherited,
            extensions=_extensions(element) or inherited.extensions,
            exceptions=inherited.exceptions + tuple(self.exceptions(code, element)),
        )
        children = element.findall("diag")
        plain = code.replace(".", "")
        extended = bool(inherited.extensions) and len(plain) < 7 and not children
        self.add(code, display, inherited.parent, billable=not children and not extended)
        if extended:
            for character, meaning in inherited.extensions:
                seventh = plain.ljust(6, "X") + character
                if not any(exception.forbids(seventh) for exception in inherited.exceptions):
                    self.add(diagnosis(seventh), f"{display}, {meaning}", code, billable=True)
        for child in children:
            self.add_diagnosis(child, replace(inherited, parent=code))

    def exceptions(self, code: str, element: Element) -> Iterator[_NotApplicable]:
        """What the notes below a code say of 7th characters that do not apply."""
        for note in element.findall("notes/note"):
            text = _text(note)
            if found := _EXCEPTION.search(text):
                seventh = frozenset(re.findall(r"\b[0-9A-Z]\b", found[1]))
                yield _NotApplicable(found[2].replace(".", ""), frozenset(_SIXTH.findall(found[3])), seventh)
            elif "7th character" in text and " not " in text:
                self.not_understood.append(f"{code}: a note on 7th characters is not understood: {text}")


class Icd10cmTabular:
    """The tabular list of one fiscal year."""

    name = "ICD-10-CM tabular list (XML)"

    def recognise(self, source: Member) -> bool:
        """XML with the root element `ICD10CM.tabular`."""
        return b"<ICD10CM.tabular" in source.head[:4096]

    def read(self, source: Member) -> Iterator[Batch]:
        """Two batches: Concept for `icd10cm`, DiagnosisNote for `icd10cm-notes`."""
        root = read_xml(source)
        year = _text(root.find("version"))
        edition = icd10cm_edition(source, "icd10cm", int(year) if re.fullmatch(r"20\d\d", year) else None)
        tabular = _Tabular(edition.version)
        for place, element in _places(source, root):
            tabular.add_notes(place, element)
            for category in element.findall("diag"):
                try:
                    tabular.add_diagnosis(category, _Inherited())
                except ValueError as error:
                    raise SourceRefused(source.name, f"category {_text(category.find('name'))}: {error}") from error
        if not tabular.concepts:
            raise SourceRefused(source.name, "holds no codes")
        concepts = list(tabular.concepts.values())
        yield Batch(edition, concepts, len(concepts), notes=tabular.not_understood)
        yield _notes(tabular, msgspec.structs.replace(edition, table="icd10cm-notes"))


def _notes(tabular: _Tabular, edition: Edition) -> Batch:
    records: list[DiagnosisNote] = []
    partial = 0
    for code, kind, text in tabular.notes:
        named, left_out = targets(text, tabular.concepts.keys())
        records.append(DiagnosisNote(code, kind, text, named))
        partial += left_out
    notes = [f"{partial} notes name codes by single characters; those targets are left out"] if partial else []
    return Batch(edition, records, len(records), notes=notes)


def _places(source: Member, root: Element) -> Iterator[tuple[str, Element]]:
    """Every chapter and section with its range of codes. Raises SourceRefused for one that names none."""
    for chapter in root.iter("chapter"):
        found = _RANGE.search(_text(chapter.find("desc")))
        if not found:
            raise SourceRefused(source.name, f"chapter {_text(chapter.find('name'))} names no range of codes")
        yield found[1], chapter
        for section in chapter.iter("section"):
            if not section.get("id"):
                raise SourceRefused(source.name, f"a section of chapter {_text(chapter.find('name'))} has no id")
            yield section.get("id", ""), section


def _extensions(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple((item.get("char", ""), _text(item)) for item in element.findall("sevenChrDef/extension"))


def _text(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


IMPORTERS: tuple[Importer, ...] = (Icd10cmTabular(),)
