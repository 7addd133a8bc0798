"""Lowering the units of a line, with what it charges, as a patch."""

from __future__ import annotations

from fhir_cpt.claims.finding import Change
from fhir_cpt.claims.model import Claim, Line


def lowering(claim: Claim, line: Line, units: int) -> tuple[Change, ...]:
    """The changes that leave the line with `units`, its charge in proportion, and the claim's total less by the rest.

    None for a line without a quantity, and for a detail, whose charge is part of its item's.
    """
    if line.quantity is None or line.quantity <= 0 or line.detail:
        return ()
    changes = [Change("replace", f"{line.path_of('quantity')}.value", value=units, value_type="decimal")]
    if line.net is not None and not line.is_charge_item:
        net = round(line.net * units / line.quantity, 2)
        changes.append(Change("replace", f"{line.path_of('net')}.value", value=net, value_type="decimal"))
        if claim.total is not None:
            total = round(claim.total - line.net + net, 2)
            changes.append(Change("replace", f"{claim.path}.total.value", value=total, value_type="decimal"))
    return tuple(changes)
