"""Modifiers that lift a PTP edit of indicator 1, as `modifiers.yaml` has them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from fhir_cpt.claims.model import Line
from terminology.period import FIRST_DAY, Day, from_date


@cache
def _associated() -> dict[str, tuple[str, Day]]:
    """Modifier → the kind of line that it counts on (any, em, procedure) and its first day."""
    document = yaml.safe_load((files(__package__) / "modifiers.yaml").read_text("utf-8"))
    return {
        str(code): (group.get("on", "any"), from_date(group["start"]) if "start" in group else FIRST_DAY)
        for group in document["associated"]
        for code in group["codes"]
    }


def lifting(line: Line) -> str | None:
    """The first modifier of the line that lifts an edit of indicator 1, or None."""
    if not line.modifiers or line.known is None or line.period is None:
        return None
    kind = "em" if line.known.is_em else "procedure"
    for modifier in line.modifiers:
        on, start = _associated().get(modifier, ("", FIRST_DAY))
        if on in ("any", kind) and line.period.start >= start:
            return modifier
    return None
