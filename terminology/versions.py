"""Versions of code systems and value sets: wildcards, which is newer, and what a request says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec

_WILD = frozenset({"x", "X", "*"})
_PIECE = re.compile(r"\d+|[^\W\d_]+")


def is_wild(version: str) -> bool:
    """Whether the version stands for several: a part of it is `x` or `*` (`1.x.x`, `2.*`)."""
    return not _WILD.isdisjoint(version.split("."))


def matches(wanted: str, version: str) -> bool:
    """Whether a version is the one wanted, or one of those that a wanted version with wildcards stands for.

    A wildcard stands for one part, at the end also for all that follow: `1.x` matches `1.2` and `1.2.0`; `1` does
    not match `1.0.0`.
    """
    if wanted == version:
        return True
    parts, found = wanted.split("."), version.split(".")
    if _WILD.isdisjoint(parts) or len(found) < len(parts):
        return False
    if len(found) > len(parts) and parts[-1] not in _WILD:
        return False
    return all(part in _WILD or part == other for part, other in zip(parts, found, strict=False))


@lru_cache(maxsize=1024)
def age(version: str) -> tuple[object, ...]:
    """A key that sorts versions from old to new: numbers by value, pre-releases (`1.0.0-beta`) before the release."""
    release, _, pre = version.partition("-")
    if not _PIECE.match(pre) or pre[:1].isdigit():  # a date or a build: 2024-10
        release, pre = version, ""
    return (_pieces(release), not pre, _pieces(pre))


def _pieces(text: str) -> tuple[tuple[bool, int, str], ...]:
    return tuple(
        (piece.isascii() and piece.isdigit(), int(piece) if piece.isascii() and piece.isdigit() else 0, piece)
        for piece in _PIECE.findall(text)
    )


def newest(versions: Iterable[str]) -> str | None:
    """The newest of the versions, None where there are none."""
    return max(versions, key=age, default=None)


class Rules(msgspec.Struct, frozen=True):
    """What a request says of versions, by canonical URL. FHIR: the parameters of ValueSet/$expand.

    `forced` (force-system-version) holds whatever is asked for; `default` (system-version) where nothing is;
    `checked` (check-system-version) where nothing is too, and any other version is an error. `value_sets`
    (default-valueset-version) is the default for value sets.
    """

    default: Mapping[str, str] = MappingProxyType({})
    checked: Mapping[str, str] = MappingProxyType({})
    forced: Mapping[str, str] = MappingProxyType({})
    value_sets: Mapping[str, str] = MappingProxyType({})

    def wanted(self, system: str, version: str | None) -> str | None:
        """The version to use where `version` is asked for (None where none is)."""
        if self is NO_RULES:
            return version
        return self.forced.get(system) or version or self.default.get(system) or self.checked.get(system)

    def applied(self, system: str, version: str | None) -> tuple[str, str] | None:
        """The parameter that decides the version, and its value; None where none does."""
        for name, rules in (("force-system-version", self.forced), ("system-version", self.default)):
            if system in rules and (rules is self.forced or not version):
                return name, f"{system}|{rules[system]}"
        if not version and system in self.checked:
            return "check-system-version", f"{system}|{self.checked[system]}"
        return None

    def refuses(self, system: str, version: str) -> str | None:
        """The version that is demanded, where this one is not allowed."""
        wanted = self.checked.get(system)
        return None if wanted is None or matches(wanted, version) else wanted


NO_RULES = Rules()
