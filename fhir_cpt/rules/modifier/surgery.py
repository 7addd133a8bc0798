"""Visits and the surgeries beside them: of the day, by the fee schedule's global days.

Source: CMS, physician fee schedule, GLOB DAYS; Medicare Claims Processing Manual, chapter 12, section 40.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.modifier.sets import members

MINOR = int(Feature.MINOR_SURGERY)
MAJOR = int(Feature.MAJOR_SURGERY)


def is_visit(line: Line) -> bool:
    """Whether the line is a visit that the payment for a procedure beside it may include."""
    return line.known is not None and "visits-with-procedures" in line.known.families


def surgeries(claim: Claim, kind: int, visit: Line) -> Iterator[Line]:
    """The lines of the visit's provider that are surgeries of a kind (`MINOR` or `MAJOR`), by the operator.

    Lines of those who assist, or who give the care after surgery alone, carry no package of their own.
    """
    for line in claim.coded:
        if (
            line.known is not None
            and line.known.features & kind
            and line.provider == visit.provider
            and line is not visit
            and is_operator(line.modifiers, line.known.day)
        ):
            yield line


def is_operator(modifiers: tuple[str, ...], day: int) -> bool:
    """Whether a line with these modifiers is that of who operates."""
    return not modifiers or not set(modifiers) & (members("assistant", day) | members("after-surgery", day))
