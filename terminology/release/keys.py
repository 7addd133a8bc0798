"""Codes as numbers: a code of up to eight ASCII characters packs into one unsigned 64-bit integer.

The numbers sort as the codes do, so a sorted section of them is searched by bisection without decoding.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

LONGEST = 8
"""Characters that a key can hold."""


def pack(code: str) -> int:
    """The code as a number. Raises ValueError for a code that is empty, longer than 8, not ASCII or holds a NUL."""
    raw = code.encode("ascii", "strict")
    if not 0 < len(raw) <= LONGEST or b"\0" in raw:  # NUL pads the shorter keys
        raise ValueError(f"{code!r} cannot be a key: 1 to {LONGEST} characters")
    return int.from_bytes(raw.ljust(LONGEST, b"\0"), "big")


def unpack(key: int) -> str:
    """The code that was packed."""
    return key.to_bytes(LONGEST, "big").rstrip(b"\0").decode("ascii")


def position(keys: Sequence[int], code: str) -> int | None:
    """Where the code stands in a sorted sequence of keys, or None."""
    try:
        key = pack(code)
    except ValueError:
        return None
    at = bisect_left(keys, key)
    return at if at < len(keys) and keys[at] == key else None


def span(keys: Sequence[int], prefix: str) -> range:
    """The positions of all codes that start with the prefix."""
    if not prefix:
        return range(len(keys))
    try:
        low = pack(prefix)
    except ValueError:
        return range(0)
    high = low + (1 << 8 * (LONGEST - len(prefix)))
    return range(bisect_left(keys, low), bisect_left(keys, high))
