"""The lines that carry a modifier, where it stands, and the codes on which it is out of place."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.modifier.sets import members
from terminology.edits import FeeScheduleRow


def carrying(claim: Claim, feature: int) -> Iterator[Line]:
    """The lines with a known code one of whose modifiers has the feature (of `Feature`, as an integer).

    Of a code that no table names (the public ones do not name all of CPT's) nothing can be said.
    """
    for line in claim.coded:
        known, modified = line.known, line.modified
        if modified is not None and modified.features & feature and known is not None and known.status != "unknown":
            yield line


def misplaced(claim: Claim, feature: Feature, name: str, *families: str) -> Iterator[tuple[Line, str]]:
    """The lines with a modifier of the set (a name of `sets.yaml`) whose code is in none of the families.

    Each line once, with the first such modifier.
    """
    for line in carrying(claim, int(feature)):
        if line.known is not None and line.known.families.isdisjoint(families):
            codes = members(name, line.known.day)
            found = next((code for code in line.modifiers if code in codes), None)
            if found is not None:
                yield line, found


def paths(line: Line, *modifiers: str) -> tuple[str, ...]:
    """Where the modifiers stand, and the line's code: each element once."""
    places = [where for code, where in zip(line.modifiers, line.modifier_paths, strict=True) if code in modifiers]
    return tuple(dict.fromkeys([*places, line.code_path]))


def fee_of(line: Line) -> FeeScheduleRow | None:
    """The row of the physician fee schedule for the whole service on the line's day; None where it has none."""
    return line.known.fee if line.known else None
