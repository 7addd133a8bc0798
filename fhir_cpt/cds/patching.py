"""A fix applied to the resource that it is for, so that a suggestion can hand over the whole corrected resource."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from fhir_cpt.cds.work import Work
from fhir_cpt.claims.finding import Change, Fix
from fhir_cpt.wire.models import Model, elements, resource_model

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def corrected(fix: Fix, work: Work) -> dict[str, Any] | None:
    """The resource with the fix made; None where it is not for one resource alone, or would not be right there.

    An order takes no element that it does not have: what adds one (a modifier, a pointer) is not made. Nor is a code
    changed into one with a modifier: which modifier holds is known once the service is done.
    """
    made: dict[str, Any] | None = None
    origin = ""
    for change in fix.changes:
        alias = work.source_of(change.path)
        if alias is None or (made is not None and alias.source.path != origin):
            return None
        if made is None:
            made, origin = copy.deepcopy(dict(alias.source.resource)), alias.source.path
        if made["resourceType"] not in ("Claim", "ChargeItem") and not _fits_an_order(change):
            return None
        if not _apply(made, alias.element, change):
            return None
    return made if made is not None and isinstance(made.get("id"), str) else None


def _fits_an_order(change: Change) -> bool:
    return change.type in ("replace", "delete") and ":" not in (change.value if isinstance(change.value, str) else "")


def _apply(resource: dict[str, Any], element: str, change: Change) -> bool:
    """Make one change. False where its path leads nowhere. Source: FHIR R4, fhirpatch."""
    steps = element.split(".") if element else []
    model: Model | None = resource_model("r4", resource["resourceType"])
    node: Any = resource
    last = steps if change.type == "add" else steps[:-1]
    for step in last:
        name, at = _parsed(step)
        node = node.get(name) if isinstance(node, Mapping) else None
        if at is not None:
            node = node[at] if isinstance(node, list) and at < len(node) else None
        known = elements(model).get(name) if model is not None else None
        model = known.model if known is not None and known.primitive is None and not known.any_resource else None
    if not isinstance(node, dict):
        return False
    if change.type == "add":
        return _add(node, model, change)
    if not steps:
        return False
    name, at = _parsed(steps[-1])
    owner: Any = node if at is None else node.get(name)
    place: Any = name if at is None else at
    if not (place in owner if isinstance(owner, dict) else isinstance(owner, list) and place < len(owner)):
        return False
    if change.type == "replace":
        owner[place] = change.value
    elif change.type == "delete":
        del owner[place]
    else:
        return False
    return True


def _add(node: dict[str, Any], model: Model | None, change: Change) -> bool:
    known = elements(model).get(change.name or "") if model is not None else None
    if known is None or change.name is None:
        return False
    if known.many:
        listed = node.setdefault(change.name, [])
        if not isinstance(listed, list):
            return False
        listed.append(change.value)
    else:
        node[change.name] = change.value
    return True


def _parsed(step: str) -> tuple[str, int | None]:
    found = _STEP.fullmatch(step)
    if found is None:
        return step, None
    return found[1], int(found[2]) if found[2] else None
