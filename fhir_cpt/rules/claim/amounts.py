"""When two amounts of money are the same."""

from __future__ import annotations

_TOLERANCE = 0.005 + 1e-9
"""Half a cent, and a little for what floating point makes of it. In the claim's currency."""


def differ(one: float, other: float) -> bool:
    """Whether two amounts are more than half a cent apart."""
    return not -_TOLERANCE <= one - other <= _TOLERANCE
