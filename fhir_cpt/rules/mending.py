"""Patches that several edits use: another code, one modifier less or more, another place, other units.

Each is a change of the line as it arrived; a ChargeItem has no element for modifiers, so that they stand in an
expression (`99213:25`). Source: FHIR R4, fhirpatch.
"""

from __future__ import annotations

from fhir_cpt.claims.finding import Change
from fhir_cpt.claims.model import Line
from terminology.model import CPT, PLACE_OF_SERVICE

_PLACE = "locationCodeableConcept"


def replacing_code(line: Line, code: str) -> tuple[Change, ...]:
    """Another code of the same system; an expression keeps its modifiers, a display goes with the old code."""
    given = line.given[1] if line.given else line.code or ""
    _, colon, modifiers = given.partition(":")
    changes = [Change("replace", f"{line.coding_path}.code", value=f"{code}{colon}{modifiers}", value_type="code")]
    if line.display is not None:
        changes.append(Change("delete", f"{line.coding_path}.display"))
    return tuple(changes)


def dropping_modifier(line: Line, at: int) -> tuple[Change, ...]:
    """The `at`-th modifier less; empty where it shares its element with another, so that both would go."""
    where = line.modifier_paths[at]
    if where == line.code_path and line.given is not None:
        code, *modifiers = line.given[1].split(":")
        kept = [text for text in modifiers if text.strip().upper() != line.modifiers[at]]
        if len(kept) == len(modifiers):
            return ()
        return (Change("replace", f"{line.coding_path}.code", value=":".join((code, *kept)), value_type="code"),)
    if line.modifier_paths.count(where) > 1:
        return ()
    return (Change("delete", where),)


def adding_modifier(line: Line, modifier: str) -> tuple[Change, ...]:
    """One modifier of CPT more, behind the others."""
    if line.is_charge_item and line.given is not None:
        expression = f"{line.given[1]}:{modifier}"
        return (Change("replace", f"{line.coding_path}.code", value=expression, value_type="code"),)
    value = {"coding": [{"system": CPT, "code": modifier}]}
    return (Change("add", line.path, "modifier", value, "CodeableConcept"),)


def place_path(line: Line) -> str:
    """The FHIRPath of the line's place of service; a detail's is its item's."""
    return f"{line.path.partition('.detail')[0]}.{_PLACE}"


def replacing_place(line: Line, place: str) -> tuple[Change, ...]:
    """Another place of service; empty for a detail, whose place is its item's."""
    if line.detail or line.is_charge_item:
        return ()
    value = {"coding": [{"system": PLACE_OF_SERVICE, "code": place}]}
    return (Change("replace", place_path(line), value=value, value_type="CodeableConcept"),)


def replacing_units(line: Line, units: int) -> tuple[Change, ...]:
    """Other units; empty where none are given, or where the charge is counted by them or the days are several."""
    if line.quantity is None or line.quantity != line.units or line.unit_price is not None:
        return ()
    return (Change("replace", line.path_of("quantity.value"), value=units, value_type="decimal"),)
