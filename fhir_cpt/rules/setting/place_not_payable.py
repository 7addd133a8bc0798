"""Medicare's fee schedule has no rate for the service in that kind of place.

Why it matters: where the practice expense is marked NA, Medicare does not pay the practitioner for it there. In a
facility that is mostly the technical part of a test, which the facility is paid for: the practitioner bills 26. Outside
one it is surgery and care that only a facility gives. The care before and after a surgery, which another practitioner
may give in an office (55, 56), passes: its place is not where the surgery was.

Fails: 71046 with place 22 (without 26); 96372 with place 22; 47562 with place 11.
Passes: 71046-26 with place 22; 71046 with place 11; 47562 with place 24; 66984-55 with place 11.

Citation: Medicare Claims Processing Manual, chapter 12, sections 20.4.2 and 40.2, and chapter 26, section 10.5; CMS,
PPRRVU, NA indicators.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import adding, place_path
from fhir_cpt.rules.procedure.status import edition_for
from fhir_cpt.rules.setting.places import Rate, own_technical, paid_statuses, rates, split_care
from terminology.edits import FeeScheduleRow

_FEATURE = int(Feature.NA_PLACE)
_BOTH_PARTS = "1"
"""PC/TC indicator of a test with a professional and a technical part. Source: CMS, PPRRVU record layout."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line of a practitioner's claim by the fee schedule's row of its modifier."""
    if not claim.professional or claim.setting != "practitioner":
        return
    by_place = rates()
    for line in claim.coded:
        known = line.known
        if known is None or not known.features & _FEATURE or line.place is None:
            continue
        if not split_care().isdisjoint(line.modifiers):
            continue
        rate = by_place.get(line.place)
        row = _row(line) if line.modifiers else known.fee
        if rate is None or row is None or not (row.na_facility if rate == "facility" else row.na_non_facility):
            continue
        if row.status in paid_statuses() and not _own(line.place, row):
            yield _finding(line, row, rate, facts)


def _row(line: Line) -> FeeScheduleRow | None:
    """The row of the line's modifier, else the one without."""
    if line.known is None:
        return None
    own = next((row for row in line.known.fees if row.modifier and row.modifier in line.modifiers), None)
    return own or line.known.fee


def _own(place: str, row: FeeScheduleRow) -> bool:
    places, components = own_technical()
    return place in places and (row.modifier == "TC" or row.pctc in components)


def _finding(line: Line, row: FeeScheduleRow, rate: Rate, facts: Facts) -> Finding:
    fix = None
    if rate == "non-facility":
        told = f"Medicare has no rate for {line.shown} outside a facility, and place {line.place} is outside one"
        text = f"{told}: correct the place, or report what was done there."
    elif row.pctc == _BOTH_PARTS and not row.modifier:
        told = f"In place {line.place} Medicare pays the facility for the technical part of {line.code}"
        text = f"{told}: report the professional part with modifier 26."
        fix = adding(line, "Add modifier 26, if only the interpretation is billed.", "26")
    else:
        told = f"Medicare pays {line.shown} to the facility in place {line.place}, not to the practitioner"
        text = f"{told}: take the line off, or correct the place."
    evidence = (
        ("place", line.place),
        ("rate", rate),
        ("na-facility", "NA" if row.na_facility else "none"),
        ("na-non-facility", "NA" if row.na_non_facility else "none"),
        ("pc/tc", row.pctc),
    )
    paths = (place_path(line), line.code_path)
    edition = edition_for(line, facts)
    return EDIT.finding(text, line, expression=paths, evidence=evidence, edition=edition, fix=fix)


EDIT = Edit(
    id="place-not-payable",
    family="setting",
    title="A service for which Medicare has no rate in that kind of place",
    check=check,
    carc=("5",),
    rarc=("M77",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 20.4.2 and 40.2, and chapter 26, 10.5; PPRRVU",
    needs=("pfs",),
    when=Feature.NA_PLACE,
    when_also=Feature.NO_OFFICE | Feature.NA_OUTSIDE,
    consults=Feature.NA_PLACE,
    medicare=True,
    yields_to=("line-place-of-service", "modifier-26-tc"),
)
