"""What an 837 has room for, as `limits.yaml` has it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from fhir_cpt.rules.dated import document, holds
from terminology.period import Day


@lru_cache(maxsize=256)
def limit(of: Literal["lines", "diagnoses"], kind: str, day: Day) -> int | None:
    """How many the format has room for that claims of the kind are sent in on the day; None where nothing says."""
    for row in document(__package__, "limits.yaml")[of].get(kind, ()):
        if holds(row, day):
            return int(row["limit"])
    return None
