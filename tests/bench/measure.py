"""How things are timed here: the best of several rounds, beside a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """One budget: what was measured, the figure, the budget in the same unit, and whether less is better."""

    what: str
    measured: float
    budget: float
    unit: str
    less_is_better: bool = True
    note: str = ""

    @property
    def ratio(self) -> float:
        """The measured figure as a share of the budget: up to 1 is kept where less is better, from 1 on where not."""
        return self.measured / self.budget

    @property
    def kept(self) -> bool:
        """Whether the budget is kept."""
        return self.ratio <= 1 if self.less_is_better else self.ratio >= 1

    def as_json(self) -> dict[str, Any]:
        """For bench.json."""
        return {**asdict(self), "ratio": round(self.ratio, 4), "kept": self.kept}


def best(call: Callable[[], object], number: int = 200, rounds: int = 25) -> float:
    """Seconds a call in the quickest round: what the code costs when nothing else runs on the machine."""
    quickest = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(number):
            call()
        quickest = min(quickest, (time.perf_counter() - start) / number)
    return quickest


def median(values: list[float]) -> float:
    """The middle value; the upper of two."""
    return sorted(values)[len(values) // 2]
