"""A small FHIRPath Patch: what the fixes of findings use of it, so that tests can apply them."""

from __future__ import annotations

import copy
import re
from typing import Any

from fhir_cpt.claims.finding import Fix

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_LISTS = frozenset(
    {"modifier", "item", "coding", "diagnosis", "detail", "extension", "supportingInfo", "diagnosisSequence"}
    | {"preAuthRef"}
)


def patched(resource: dict[str, Any], fix: Fix) -> dict[str, Any]:
    """A copy of the resource with the changes of the fix made. Raises LookupError for a path that leads nowhere."""
    made = copy.deepcopy(resource)
    for change in fix.changes:
        kind, *steps = change.path.split(".")
        assert kind == made["resourceType"], f"{change.path} is no path of a {made['resourceType']}"
        if change.type == "add":
            assert change.name is not None
            owner = _walk(made, steps)
            if change.name in _LISTS:
                owner.setdefault(change.name, []).append(change.value)
            else:
                owner[change.name] = change.value
            continue
        owner = _walk(made, steps[:-1])
        name, at = _parsed(steps[-1])
        place: Any = name
        if at is not None:
            owner, place = owner[name], at
        if change.type == "replace":
            owner[place]  # what is replaced must be there
            owner[place] = change.value
        elif change.type == "delete":
            del owner[place]
        else:
            raise AssertionError(f"no fix uses {change.type} yet")
    return made


def _walk(node: Any, steps: list[str]) -> Any:
    for step in steps:
        name, at = _parsed(step)
        node = node[name] if at is None else node[name][at]
    return node


def _parsed(step: str) -> tuple[str, int | None]:
    found = _STEP.fullmatch(step)
    assert found is not None, f"{step} is no step of a path"
    return found[1], int(found[2]) if found[2] else None
