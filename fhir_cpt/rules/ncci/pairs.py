"""The lines of a claim that NCCI's procedure-to-procedure edits keep apart, and the modifiers that lift the edits.

Source: CMS, NCCI Policy Manual for Medicare Services, chapter I; PTP edit files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.ncci.associated import lifting
from terminology.edits import PtpEdit
from terminology.model import Edition


class Pair(NamedTuple):
    """An edit in force between two lines: `one` has its column 1, `two` its column 2, which is denied.

    `modifier` lifts the edit; it stands on the line `carrier`. Both are None where the edit fails.
    """

    one: Line
    two: Line
    edit: PtpEdit
    edition: Edition
    modifier: str | None = None
    carrier: Line | None = None


def pairs(claim: Claim, facts: Facts) -> Iterator[Pair]:
    """For each line, and each code that it is column 2 of on its day by the same provider, one pair.

    Where several lines have that column 1 code, the first that denies the line stands for all of them; a pair is
    lifted only where every one of them is.
    """
    if claim.setting is None:
        return
    by_provider: dict[str, dict[str, list[Line]]] = {}
    for line in claim.coded:
        by_provider.setdefault(line.provider, {}).setdefault(line.code or "", []).append(line)
    for lines in by_provider.values():
        if len(lines) > 1:
            codes = [*lines]
            for first, second, edition, table in facts.knowledge.ptp_pairs(claim.setting, codes):
                ones = _representatives(lines[codes[first]])
                for two in lines[codes[second]]:
                    found: Pair | None = None
                    for one in ones:
                        day = common_day(one, two)
                        edit = table.edit(codes[first], codes[second], day) if day else None
                        if edit is not None:
                            pair = _pair(one, two, edit, edition)
                            if found is None or pair.modifier is None:
                                found = pair
                            if pair.modifier is None:
                                break
                    if found is not None:
                        yield found


def denied(claim: Claim, facts: Facts) -> dict[int, list[Pair]]:
    """The lines that edits deny, by their numbers, each with the pairs that do so."""
    found: dict[int, list[Pair]] = {}
    for pair in pairs(claim, facts):
        if pair.modifier is None:
            found.setdefault(pair.two.number, []).append(pair)
    return found


def _representatives(lines: list[Line]) -> list[Line]:
    """Of the lines of a code, the first of those alike in days and modifiers: column 1 is the same for all of them."""
    if len(lines) == 1:
        return lines
    found: dict[tuple[object, ...], Line] = {}
    for line in lines:
        found.setdefault((line.period, line.modifiers), line)
    return list(found.values())


def _pair(one: Line, two: Line, edit: PtpEdit, edition: Edition) -> Pair:
    if edit.indicator != 0:
        if modifier := lifting(two, 2):
            return Pair(one, two, edit, edition, modifier, two)
        if modifier := lifting(one, 1):
            return Pair(one, two, edit, edition, modifier, one)
    return Pair(one, two, edit, edition)
