"""CPT descriptors that come one a code: LONGULT, LONGUT, LONGULF, LONGUF, MEDU and SHORTU.

Each file yields partial concepts: a code and one text. The compiler merges them by code within the edition;
see `cpt_notice.DISPLAY_USES` for which text becomes the display.
Source: AMA, CPT Standard data files. Layouts, columns from 1, after the notice and a blank line:

- LONGULT (upper and lower case), LONGUT (upper): code, tab, text
- LONGULF, LONGUF: 80 wide; 1-5 code, 6-8 sequence 001 … (6-7 about 2001), 9 blank, 10-80 text
- MEDU: 1-5 code, 7-54 text; SHORTU: 1-5 code, 7-34 text; both upper case
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from terminology.errors import SourceRefused
from terminology.importers.cpt_notice import (
    CODE,
    decode,
    designation,
    edition_of,
    first_row,
    head_lines,
    is_cpt_notice,
    numbered_rows,
)
from terminology.importers.source import Batch, Importer, Member, Refusals
from terminology.model import Concept

TAB = re.compile(rf"({CODE})\t([^\t]*\S)")
SEQUENCED = re.compile(rf"({CODE})(\d{{3}}|\d{{2}} ) (.{{1,71}})")
MEDIUM = re.compile(rf"({CODE}) (\S.{{0,47}})")
SHORT = re.compile(rf"({CODE}) (\S.{{0,27}})")


@dataclass(frozen=True)
class DescriptorFile:
    """An importer of one of the six files. `use` is None where the text is the concept's display."""

    name: str
    row: re.Pattern[str]
    use: str | None
    upper: bool | None = None
    """Whether all texts are upper case; None where it does not matter."""
    widest: range = range(1, 1 << 20)
    """How wide the widest row is: tells MEDU from SHORTU, which otherwise look alike."""

    def recognise(self, source: Member) -> bool:
        """Whether the content is a CPT notice, a blank line, and rows of this shape and case."""
        lines = head_lines(source)
        start = first_row(lines, self.row)
        if start is None or not is_cpt_notice("\n".join(lines[:start])):
            return False
        rows = [text for _, text in numbered_rows(lines, start)]
        if sum(self.row.fullmatch(row) is not None for row in rows) < 0.9 * len(rows):
            return False
        if max(map(len, rows)) not in self.widest:
            return False
        return self.upper is None or self.upper == all(row == row.upper() for row in rows)

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch for table `cpt`. Raises SourceRefused, or EditionUnknown where nothing says which year it is."""
        lines = decode(source.read(), source.name).splitlines()
        start = first_row(lines, self.row)
        if start is None:
            raise SourceRefused(source.name, f"holds no rows of {self.name}")
        edition, notes = edition_of(source, "\n".join(lines[:start]))
        refusals = Refusals(source.name)
        texts = self._joined(lines, start, refusals) if self.row is SEQUENCED else self._single(lines, start, refusals)
        records = [self._concept(code, text, edition.version) for code, text in texts.items()]
        rows_read = sum(1 for _ in numbered_rows(lines, start))
        yield Batch(edition, records, rows_read, refusals.rows, notes)

    def _concept(self, code: str, text: str, version: str) -> Concept:
        if self.use is None:
            return Concept(code, display=text, edition=version)
        return Concept(code, designations=(designation(self.use, text),), edition=version)

    def _single(self, lines: list[str], start: int, refusals: Refusals) -> dict[str, str]:
        texts: dict[str, str] = {}
        for number, line in numbered_rows(lines, start):
            found = self.row.fullmatch(line)
            if found is None:
                refusals.refuse(number, f"is not a code and a text: {line[:40]!r}")
            elif texts.setdefault(found[1], found[2].strip()) != found[2].strip():
                refusals.refuse(number, f"gives {found[1]} a second, different text")
        return texts

    def _joined(self, lines: list[str], start: int, refusals: Refusals) -> dict[str, str]:
        parts: dict[str, list[tuple[int, str, int]]] = {}
        for number, line in numbered_rows(lines, start):
            if found := self.row.fullmatch(line):
                parts.setdefault(found[1], []).append((int(found[2]), found[3].strip(), number))
            else:
                refusals.refuse(number, f"is not a code, a sequence and a text: {line[:40]!r}")
        texts: dict[str, str] = {}
        for code, pieces in parts.items():
            pieces.sort()
            sequences = [sequence for sequence, _, _ in pieces]
            if sequences == list(range(1, len(pieces) + 1)):
                texts[code] = " ".join(text for _, text, _ in pieces)
            else:
                # A text with a part missing could say the opposite of the whole; the code is left out.
                shown = ", ".join(map(str, sequences))
                refusals.refuse(pieces[0][2], f"the parts of {code} are numbered {shown}, not 1 to {len(pieces)}")
        return texts


IMPORTERS: tuple[Importer, ...] = (
    DescriptorFile("CPT long descriptors (LONGULT)", TAB, None, upper=False),
    DescriptorFile("CPT long descriptors in upper case (LONGUT)", TAB, "long-upper", upper=True),
    DescriptorFile("CPT long descriptors, fixed width (LONGULF)", SEQUENCED, "long", upper=False),
    DescriptorFile("CPT long descriptors in upper case, fixed width (LONGUF)", SEQUENCED, "long-upper", upper=True),
    DescriptorFile("CPT medium descriptors (MEDU)", MEDIUM, "medium", widest=range(35, 55)),
    DescriptorFile("CPT short descriptors (SHORTU)", SHORT, "short", widest=range(1, 35)),
)
