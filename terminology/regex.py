"""Regular expressions that come from clients, matched in linear time: none can hold up a worker.

RE2 has no backtracking; what it cannot match in linear time (back references, look-around) it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2

LONGEST = 1000
"""Characters that an expression may have."""
_MEMORY = 4 << 20
"""Bytes that one compiled expression may take."""


@lru_cache(maxsize=64)
def whole_match(pattern: str) -> Callable[[str], bool]:
    """A test whether the expression matches a whole text. Raises ValueError that says what is wrong with it."""
    if len(pattern) > LONGEST:
        raise ValueError(f"the regular expression is longer than {LONGEST} characters")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = True
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        raise ValueError(f"the regular expression {pattern!r} is not supported: {_text(reason)}") from None

    def test(text: str) -> bool:
        return compiled.fullmatch(text) is not None

    return test


def _text(reason: object) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
