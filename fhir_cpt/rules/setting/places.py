"""Places of service by family of codes and by Medicare's rate, as `places.yaml` and `payment.yaml` have them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import yaml

Rate = Literal["facility", "non-facility"]


class Bound(NamedTuple):
    """Where services of a family are given: `fits` are the places that fit, else all but those of `unfit`."""

    family: str
    fits: frozenset[str] | None
    unfit: frozenset[str]
    usual: str
    reason: str

    def takes(self, place: str) -> bool:
        """Whether a service of the family may be given in the place."""
        return place in self.fits if self.fits is not None else place not in self.unfit


@cache
def bound() -> Mapping[str, Bound]:
    """The families that belong in some places, by name. Places that fit every family are counted in."""
    document = _read("places.yaml")
    always = frozenset(document["always"])
    return {
        row["family"]: Bound(
            row["family"],
            always | frozenset(row["in"]) if "in" in row else None,
            frozenset(row.get("not-in", ())) - always,
            row.get("usual", ""),
            row["reason"],
        )
        for row in document["families"]
    }


@cache
def telehealth_places() -> frozenset[str]:
    """The places of telehealth, which fit what is on the telehealth list."""
    return frozenset(_read("places.yaml")["telehealth"])


@cache
def rates() -> Mapping[str, Rate]:
    """The rate that Medicare pays by place; places that its fee schedule does not decide on are left out."""
    document = _read("payment.yaml")
    kinds: tuple[Rate, ...] = ("facility", "non-facility")
    return {code: kind for kind in kinds for row in document[kind] for code in row["codes"]}


@cache
def paid_statuses() -> str:
    """The statuses, one letter each, that the fee schedule itself pays."""
    return str(_read("payment.yaml")["paid"])


@cache
def own_technical() -> tuple[frozenset[str], frozenset[str]]:
    """Places whose owner bills technical components with the same place, and the PC/TC indicators of such codes."""
    row = _read("payment.yaml")["own-technical"]
    return frozenset(row["places"]), frozenset(row["components"])


@cache
def split_care() -> frozenset[str]:
    """The modifiers of care before or after a surgery, whose place is not where the surgery was."""
    return frozenset(_read("payment.yaml")["split-care"]["modifiers"])


@cache
def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((files(__package__) / name).read_text("utf-8"))
    return document
