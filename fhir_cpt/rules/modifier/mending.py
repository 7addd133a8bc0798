"""Patches that take modifiers off a line or put others in their place.

A Claim's line has an element for each modifier; a ChargeItem writes them into its code (`99213:25`) or in extensions.
Source: FHIR R4, fhirpatch.
"""

from __future__ import annotations

from collections.abc import Mapping

from fhir_cpt.claims.finding import Change, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.modifiers import system_of
from fhir_cpt.rules.ncci.pairs import pairs


def changing(line: Line, wanted: Mapping[int, str | None]) -> tuple[Change, ...] | None:
    """The changes that replace modifiers, by their place on the line (from 0), or take them off where None is wanted.

    None where the resource writes them in a way that no single change reaches (several in one extension).
    """
    changes: list[Change] = []
    spelled = _spelled_out(line)
    if any(at < spelled for at in wanted):
        kept = [wanted.get(at, code) for at, code in enumerate(line.modifiers[:spelled])]
        expression = ":".join([line.code or "", *[code for code in kept if code]])
        changes.append(Change("replace", f"{line.coding_path}.code", value=expression, value_type="code"))
    for at in sorted((at for at in wanted if at >= spelled), reverse=True):  # from the last: places shift on deletion
        where, code = line.modifier_paths[at], wanted[at]
        if line.modifier_paths.count(where) > 1 or not where.endswith("]"):
            return None
        if code is None:
            changes.append(Change("delete", where))
        elif ".modifier[" in where:
            value = {"coding": [{"system": system_of(code), "code": code}]}
            changes.append(Change("replace", where, value=value, value_type="CodeableConcept"))
        else:
            return None
    return tuple(changes)


def dropping(line: Line, text: str, *modifiers: str, documentation: bool = False) -> Fix | None:
    """The fix that takes modifiers off the line, wherever they stand on it."""
    return _fix(line, {at: None for at, code in enumerate(line.modifiers) if code in modifiers}, text, documentation)


def replacing(line: Line, modifier: str, other: str, text: str) -> Fix | None:
    """The fix that puts another modifier in the place of one, on the strength of the record."""
    if other in line.modifiers:
        return dropping(line, text, modifier, documentation=True)
    places = [at for at, code in enumerate(line.modifiers) if code == modifier]
    return _fix(line, {at: other if at == places[0] else None for at in places}, text, True)


def lifts(claim: Claim, facts: Facts, line: Line, *modifiers: str) -> bool:
    """Whether one of the line's modifiers lifts an NCCI edit, so that without it that edit would fail."""
    return any(pair.carrier is line and pair.modifier in modifiers for pair in pairs(claim, facts))


def _fix(line: Line, wanted: Mapping[int, str | None], text: str, documentation: bool) -> Fix | None:
    changes = changing(line, wanted)
    return Fix(text, changes, documentation) if changes else None


def _spelled_out(line: Line) -> int:
    """How many modifiers stand in the code itself, as an expression: they come before all others."""
    if line.given is None or ":" not in line.given[1]:
        return 0
    return len([text for text in line.given[1].split(":")[1:] if text.strip()])
