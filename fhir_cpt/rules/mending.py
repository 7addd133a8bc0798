"""Patches that edits and the rules of packs use: another code, modifiers more, another place, fewer units.

Each is a change of the line as it arrived; a ChargeItem has no element for modifiers, so that they stand in an
expression (`99213:25`). Source: FHIR R4, fhirpatch.
"""

from __future__ import annotations

from fhir_cpt.claims.finding import Change, Fix
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.modifiers import ROOM, system_of
from terminology.model import PLACE_OF_SERVICE

_PLACE = "locationCodeableConcept"


def replacing_code(line: Line, code: str, system: str | None = None) -> tuple[Change, ...]:
    """The changes that replace the line's code by `code` (of `system`, where it is another one).

    An expression keeps its modifiers; a display, which was the old code's, goes.
    """
    given = line.given[1] if line.given else line.code or ""
    _, colon, modifiers = given.partition(":")
    changes = [Change("replace", f"{line.coding_path}.code", value=f"{code}{colon}{modifiers}", value_type="code")]
    if system is not None and system != line.system:
        changes.append(Change("replace", f"{line.coding_path}.system", value=system, value_type="uri"))
    if line.display is not None:
        changes.append(Change("delete", f"{line.coding_path}.display"))
    return tuple(changes)


def adding(line: Line, text: str, *modifiers: str) -> Fix | None:
    """The fix that adds modifiers to a line, where the record supports it; `text` says when it does.

    None where the line has no room for them.
    """
    if len(line.modifiers) + len(modifiers) > ROOM:
        return None
    if line.is_charge_item and line.given is not None:
        expression = ":".join((line.given[1], *modifiers))
        changes = [Change("replace", f"{line.coding_path}.code", value=expression, value_type="code")]
    else:
        coded = [{"coding": [{"system": system_of(code), "code": code}]} for code in modifiers]
        changes = [Change("add", line.path, "modifier", value, "CodeableConcept") for value in coded]
    return Fix(text, tuple(changes), documentation=True)


def place_path(line: Line) -> str:
    """The FHIRPath of the line's place of service; a detail's is its item's."""
    return f"{line.path.partition('.detail')[0]}.{_PLACE}"


def replacing_place(line: Line, place: str) -> tuple[Change, ...]:
    """Another place of service; empty for a detail, whose place is its item's."""
    if line.detail or line.is_charge_item:
        return ()
    value = {"coding": [{"system": PLACE_OF_SERVICE, "code": place}]}
    return (Change("replace", place_path(line), value=value, value_type="CodeableConcept"),)


def lowering_units(claim: Claim, line: Line, units: float) -> tuple[Change, ...]:
    """The changes that leave the line with `units`, its charge in proportion, and the claim's total less by the rest.

    Empty for a line without a quantity or of several days, and for a detail, whose charge is part of its item's.
    """
    if units <= 0 or line.quantity is None or line.quantity <= 0 or line.quantity != line.units or line.detail:
        return ()
    number = int(units) if units == int(units) else units
    changes = [Change("replace", f"{line.path_of('quantity')}.value", value=number, value_type="decimal")]
    if line.net is not None and not line.is_charge_item:
        net = round(line.net * number / line.quantity, 2)
        changes.append(Change("replace", f"{line.path_of('net')}.value", value=net, value_type="decimal"))
        if claim.total is not None:
            total = round(claim.total - line.net + net, 2)
            changes.append(Change("replace", f"{claim.path}.total.value", value=total, value_type="decimal"))
    return tuple(changes)
