"""Putting another code in the place of a line's own, as a patch."""

from __future__ import annotations

from fhir_cpt.claims.finding import Change
from fhir_cpt.claims.model import Line


def replacing(line: Line, code: str, system: str | None = None) -> tuple[Change, ...]:
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
