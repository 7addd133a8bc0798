"""What an 837 has room for, as `limits.yaml` has it."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from terminology.period import LAST_DAY, Day, from_date


@lru_cache(maxsize=256)
def limit(of: Literal["lines", "diagnoses"], kind: str, day: Day) -> int | None:
    """How many the format has room for that claims of the kind are sent in on the day; None where nothing says."""
    for row in _document()[of].get(kind, ()):
        if from_date(row["start"]) <= day <= (from_date(row["end"]) if "end" in row else LAST_DAY):
            return int(row["limit"])
    return None


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((files(__package__) / "limits.yaml").read_text("utf-8"))
    return document
