"""Patches for what a pack's rules find: modifiers added or taken away, units lowered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fhir_cpt.claims.finding import Change, Fix
from fhir_cpt.claims.model import Line
from terminology.model import CPT, HCPCS

_OF_CPT = re.compile(r"\d\d|P\d|\dP")
"""Modifiers of CPT: two digits, physical status, performance measures; those of HCPCS start with a letter."""


def adding(line: Line, modifiers: Sequence[str], text: str) -> Fix:
    """The modifiers on the line. A ChargeItem has no element for them: its code becomes an expression."""
    if line.is_charge_item and line.given is not None:
        expression = ":".join((line.given[1], *modifiers))
        changes = [Change("replace", f"{line.coding_path}.code", value=expression, value_type="code")]
    else:
        changes = [
            Change("add", line.path, "modifier", {"coding": [{"system": system, "code": code}]}, "CodeableConcept")
            for code in modifiers
            for system in [CPT if _OF_CPT.fullmatch(code) else HCPCS]
        ]
    return Fix(text, tuple(changes), documentation=True)


def removing(line: Line, modifiers: Sequence[str], text: str) -> Fix | None:
    """The line without the modifiers; None where they stand somewhere else than in its modifier elements."""
    own = f"{line.path}.modifier["
    paths = [path for code, path in zip(line.modifiers, line.modifier_paths, strict=True) if code in modifiers]
    if not all(path.startswith(own) for path in paths):
        return None
    return Fix(text, tuple([Change("delete", path) for path in reversed(paths)]), documentation=True)


def lowering(line: Line, units: float, text: str) -> Fix | None:
    """The line with so many units; None where that is none at all, or where the units spread over several days."""
    if units <= 0 or line.quantity is None or line.period is None or line.period.start != line.period.end:
        return None
    number = int(units) if units == int(units) else units
    change = Change("replace", f"{line.path}.quantity.value", value=number, value_type="decimal")
    return Fix(text, (change,), documentation=True)
