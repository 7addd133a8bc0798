"""Which CARC and RARC are in force: codes alone, from reason_codes.yaml.

Source: X12, external code lists 139 and 411.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import yaml

List = Literal["carc", "rarc"]
_CODE = re.compile(r"([A-Z]*)(\d+)")


class Known(NamedTuple):
    """The codes of one list: those in force, and those that have ended."""

    in_force: frozenset[str]
    ended: frozenset[str]


def fault(kind: List, code: str) -> str | None:
    """What is wrong with a code of the list, for people; None where it is in force."""
    known = _known(kind)
    if code in known.in_force:
        return None
    if code in known.ended:
        return f"the {kind.upper()} {code} has ended at X12: payers no longer send it"
    return f"there is no {kind.upper()} {code[:40]!r}"


@cache
def _known(kind: List) -> Known:
    document: dict[str, Any] = yaml.safe_load((files(__package__) / "reason_codes.yaml").read_text("utf-8"))
    ended = frozenset(_spelled(document[kind]["ended"]))
    return Known(frozenset(_spelled(document[kind]["codes"])) - ended, ended)


def _spelled(items: Iterable[Any]) -> Iterator[str]:
    """The codes, ranges spelled out: the number counts up, as wide as its first."""
    for item in items:
        low, _, high = str(item).partition("-")
        first, last = _CODE.fullmatch(low), _CODE.fullmatch(high or low)
        if first is None or last is None or first[1] != last[1]:
            raise ValueError(f"{item!r} is no code and no range of codes")
        for number in range(int(first[2]), int(last[2]) + 1):
            yield f"{first[1]}{number:0{len(first[2])}}"
