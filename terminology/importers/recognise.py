"""Which importer takes a file: told by its content, never by its name alone.

`recognise` looks into folders, archives and single files, and answers for each file it finds: the importer, or in plain
words why the file is not a table that we know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from terminology.errors import SourceError
from terminology.importers import xlsx
from terminology.importers.archives import Unreadable, walk
from terminology.importers.registry import AnyImporter, all_importers
from terminology.importers.source import Member

_SHOWN = 60
"""How many characters of an unknown file's first line a reason shows."""


@dataclass(frozen=True)
class Recognised:
    """A file and the importer that takes it, or the reason why none does.

    `ignored` marks what is expected beside the tables and calls for no attention: read-me files, hidden files.
    """

    source: Member
    importer: AnyImporter | None = None
    reason: str = ""
    ignored: bool = False


def recognise(path: Path, version: str = "") -> list[Recognised]:
    """What each file of the path is; a folder or an archive has many.

    `version` is the edition as the user gave it. Raises nothing for what a file holds, however damaged.
    """
    return [
        Recognised(found.source, None, found.reason, found.ignored) if isinstance(found, Unreadable) else _member(found)
        for found in walk(Path(path), version)
    ]


def _member(source: Member) -> Recognised:
    try:
        known = _not_a_table(source.head)
    except SourceError as error:
        return Recognised(source, None, error.reason)
    if known:
        return Recognised(source, None, known)
    takers: list[AnyImporter] = []
    faults: list[str] = []
    for importer in all_importers():
        try:
            if importer.recognise(source):
                takers.append(importer)
        except SourceError as error:
            faults.append(error.reason)
        except Exception as error:
            # One importer that stumbles over another's file must not hide the file from the rest.
            faults.append(f"{importer.name}: {type(error).__name__}: {error}")
    if len(takers) == 1:
        return Recognised(source, takers[0])
    if takers:
        return Recognised(source, None, f"looks like {' and like '.join(taker.name for taker in takers)}; not taken")
    if faults:
        return Recognised(source, None, faults[0])
    return _unknown(source)


def _unknown(source: Member) -> Recognised:
    """What can be said of a file that no importer takes."""
    own_name = re.split(r"[/!\\]", source.name)[-1]
    if re.search(r"(?<![a-z])read[-_ ]?me(?![a-z])", own_name, re.IGNORECASE):
        return Recognised(source, None, "is a read-me, not a table", ignored=True)
    if source.head.startswith(b"PK\x03\x04") and not xlsx.is_workbook(source):
        return Recognised(source, None, "is an archive packed once more; unpack it first")
    return Recognised(source, None, f"is no table that is known here; it begins {_beginning(source)!r}")


def _beginning(source: Member) -> str:
    """The first line, or the first row of a workbook, that is not blank."""
    lines: Iterator[str]
    try:
        sheet = xlsx.first_rows(source)
    except SourceError:
        sheet = ()
    if sheet:
        lines = (", ".join(filter(None, map(xlsx.text, cells))) for cells in sheet)
    else:
        lines = iter(source.head.decode("utf-8-sig", "replace").splitlines())
    first = next((line.strip() for line in lines if line.strip()), "")
    return first if len(first) <= _SHOWN else first[:_SHOWN] + "…"


_HTML = re.compile(
    rb"\s*(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE | re.DOTALL
)
_X12 = re.compile(rb"\s*(?:ISA[^\w\s,]|(?:GS|ST)\*)")
_HL7V2 = re.compile(rb"\s*(?:MSH|FHS|BHS)[^\w\s,][^\w\s]{3}")
_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"(\w{1,64})"')
_FHIR_XML = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<(\w{1,64})\s[^>]*xmlns\s*=\s*[\"']http://hl7\.org/fhir[\"']")

_MAGIC = {
    b"%PDF-": "is a PDF document, not a table",
    b"\xd0\xcf\x11\xe0": "is a document of Office 97 (.xls, .doc); save it as .xlsx or .csv",
    b"PK\x03\x04": "",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive; unpack it first",
    b"Rar!": "is a RAR archive; unpack it first",
    b"BZh": "is packed with bzip2; unpack it first",
    b"\xfd7zXZ": "is packed with xz; unpack it first",
    b"{\\rtf": "is an RTF document, not a table",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"\x89PNG": "is a picture, not a table",
    b"\xff\xd8\xff": "is a picture, not a table",
}
"""What the first bytes alone tell. A zip that reaches this far is a workbook, which importers read."""


def _not_a_table(head: bytes) -> str:
    """What a file is that can be named without asking the importers, or ''."""
    for magic, reason in _MAGIC.items():
        if head.startswith(magic):
            return reason
    if not head:
        return "is empty"
    start = head.removeprefix(b"\xef\xbb\xbf")
    if not start.strip():
        return "holds nothing but blanks"
    if _HTML.match(start):
        return (
            "is an HTML page, probably the AMA licence page: accept the licence in a browser or with "
            "`fhir-cpt fetch --accept-ama-license`, then download again"
        )
    if _HL7V2.match(start):
        return "is an HL7 v2 message, not a table"
    if _X12.match(start):
        return "is an X12 message, not a table"
    if start.lstrip()[:1] in (b"{", b"["):
        found = _RESOURCE.search(start)
        return f"is a FHIR resource ({found[1].decode()}), not a table" if found else "is JSON, not a table"
    if found := _FHIR_XML.match(start):
        return f"is a FHIR resource ({found[1].decode()}), not a table"
    if b"\0" in start:
        return "is binary, not a table"
    return ""
