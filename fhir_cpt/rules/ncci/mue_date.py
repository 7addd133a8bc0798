"""Medically unlikely edits of MAI 2 and 3: no more units of the code in a day than the limit, over all its lines.

Why it matters: when the sum exceeds the limit, every line of the code and day is denied (CARC 151). MAI 2 is
absolute: it follows from anatomy, the code's own text or policy, and no record changes it. Under MAI 3 units above
the limit may be paid, on appeal, where the record shows that they were needed. Lines with modifier 55 (follow-up
care alone) do not count. A limit of 0 for reasons of Medicare's policy holds for Medicare alone. A service on both
sides is one line of one unit with modifier 50; a surgery centre reports two lines, and there the limit is doubled.

Fails: 20610 with 2 units on one line and 1 on another (the limit is 2, MAI 3).
Passes: 20610 with 2 units; the same lines on different days, or by different providers.

Citation: CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table, MAI 2 and 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import units
from terminology.edits import Mue
from terminology.period import Day, show

Sides = Literal["bilateral", "perhaps"]
"""Lines for both sides, of a service that may be bilateral, or of one of which no fee schedule tells."""

_FOLLOW_UP_ALONE = "55"
_BILATERAL = "1"
"""The 150 % rule for bilateral services holds. Source: CMS, physician fee schedule, BILAT SURG."""
_SURGERY_CENTRE = "24"
"""Ambulatory surgery centres report two lines (LT, RT) and not modifier 50, and the limit counts for each side.
Source: CMS, NCCI Policy Manual, chapter I, section V; Medicare Claims Processing Manual, chapter 14, section 40.5."""
_SUPPLIES = int(Feature.SUPPLIES)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The units of each code and provider, on each day on which one of its lines starts."""
    groups: dict[tuple[str | None, str], list[Line]] = defaultdict(list)
    for line in claim.coded:
        known = line.known
        if known is not None and known.mue is not None and known.mue.mai != 1:
            groups[line.code, line.provider].append(line)
    for lines in groups.values():
        if len(lines) > 1 or (lines[0].known and lines[0].known.mue and lines[0].units > lines[0].known.mue.value):
            yield from _over(claim, [line for line in lines if _FOLLOW_UP_ALONE not in line.modifiers], facts)
    if claim.features & _SUPPLIES and not claim.setting_given:
        yield from _supplier(claim)


def _over(claim: Claim, lines: Sequence[Line], facts: Facts) -> Iterator[Finding]:
    """A finding for each set of lines that exceeds the limit of a day on which one of them starts."""
    starting: dict[Day, list[Line]] = defaultdict(list)
    spans: list[Line] = []
    for line in lines:
        if line.period is not None:
            starting[line.period.start].append(line)
            if line.period.end > line.period.start:
                spans.append(line)
    told: set[tuple[int, ...]] = set()
    for day, here in starting.items():
        mue = here[0].known.mue if here[0].known else None
        if mue is None or not units.speaks_for(mue, facts):
            continue
        if mue.value == 0:
            for line in here:
                if line.units > 0:
                    yield _finding(claim, [line], mue, line.units, units.none_payable(mue), facts)
            continue
        there = here + [line for line in spans if line.period and line.period.start < day <= line.period.end]
        there.sort(key=lambda line: line.number)
        total = sum(line.units for line in there if line.units > 0)
        numbers = tuple([line.number for line in there])
        sides = _on_both_sides(there)
        most = mue.value * 2 if sides == "bilateral" and _in_surgery_centre(claim, there) else mue.value
        if total > most and numbers not in told:
            told.add(numbers)
            if sides == "perhaps" and total <= 2 * most and _in_surgery_centre(claim, there):
                yield _sides_unknown(there, mue, day)
            else:
                yield _finding(claim, there, mue, total, _text(mue, most, total, day, sides), facts)


def _finding(claim: Claim, lines: Sequence[Line], mue: Mue, total: float, text: str, facts: Facts) -> Finding:
    return EDIT.finding(
        text,
        *lines,
        expression=tuple([units.path(line) for line in lines]),
        evidence=(*units.evidence(mue, total), ("needs-documentation", str(mue.mai == 3).lower())),
        edition=units.edition_for(claim, lines[0], facts),
    )


def _text(mue: Mue, most: int, total: float, day: Day, sides: Sides | None) -> str:
    told = f"{units.at_most(most, mue.code)} a day by one provider, not {units.shown(total)} ({show(day)})"
    if sides is not None and most == mue.value:
        remedy = "report both sides as one line of 1 unit with modifier 50, in place of the lines with LT and RT"
        return f"{told}: {'' if sides == 'bilateral' else 'if the service may be bilateral, '}{remedy}."
    if mue.mai == 3:
        return f"{told}: correct the units. More may be paid on appeal where the record shows that all were needed."
    return f"{told}: correct the units. This limit is absolute, and no modifier or record lifts it."


def _on_both_sides(lines: Sequence[Line]) -> Sides | None:
    """Whether lines for the left and the right are of a service that is bilateral; None where they are not."""
    if not (any("LT" in line.modifiers for line in lines) and any("RT" in line.modifiers for line in lines)):
        return None
    fee = lines[0].known.fee if lines[0].known else None
    if fee is None:
        return "perhaps"
    return "bilateral" if fee.bilateral == _BILATERAL and len(lines) > 1 else None


def _sides_unknown(lines: Sequence[Line], mue: Mue, day: Day) -> Finding:
    text = (
        f"Not checked: whether {mue.code} may be billed for both sides on {show(day)}, for which a surgery centre has "
        "the double limit. The fee schedule of the day would tell, and none is loaded."
    )
    return EDIT.no_data(text, "pfs", *lines, expression=tuple([units.path(line) for line in lines]))


def _in_surgery_centre(claim: Claim, lines: Sequence[Line]) -> bool:
    return claim.setting == "practitioner" and all(line.place == _SURGERY_CENTRE for line in lines)


def _supplier(claim: Claim) -> Iterator[Finding]:
    """Said once of a professional claim that looks like a DME supplier's, and was not sent as one."""
    if not claim.professional or claim.setting != "practitioner":
        return
    if all(line.known is not None and line.known.features & _SUPPLIES for line in claim.coded):
        text = (
            "All lines are equipment or supplies, and the limits of practitioners were used: where a DME supplier "
            "sends the claim, ask with setting=dme for the limits of suppliers."
        )
        yield EDIT.no_data(text, "setting", *claim.coded, expression=(claim.path,))


EDIT = Edit(
    id="ncci-mue-date",
    family="ncci",
    title="More units in a day than are likely",
    check=check,
    carc=units.CARC,
    rarc=units.RARC,
    citation="CMS, NCCI Policy Manual for Medicare Services, chapter I, section V; MUE table",
    needs=("procedure", "mue"),
    when=Feature.OVER_MUE | Feature.REPEATED_CODE | Feature.SUPPLIES,
    consults=Feature.MUE_DATE,
    yields_to=units.YIELDS_TO,
    pairwise=True,
)
