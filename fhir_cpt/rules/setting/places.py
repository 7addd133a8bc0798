"""Places of service by family of codes and by Medicare's rate, as `places.yaml` and `payment.yaml` have them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

from fhir_cpt.rules.dated import document

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
    told = document(__package__, "places.yaml")
    always = frozenset(told["always"])
    return {
        row["family"]: Bound(
            row["family"],
            always | frozenset(row["in"]) if "in" in row else None,
            frozenset(row.get("not-in", ())) - always,
            row.get("usual", ""),
            row["reason"],
        )
        for row in told["families"]
    }


@cache
def telehealth_places() -> frozenset[str]:
    """The places of telehealth, which fit what is on the telehealth list."""
    return frozenset(document(__package__, "places.yaml")["telehealth"])


@cache
def rates() -> Mapping[str, Rate]:
    """The rate that Medicare pays by place; places that its fee schedule does not decide on are left out."""
    told = document(__package__, "payment.yaml")
    kinds: tuple[Rate, ...] = ("facility", "non-facility")
    return {code: kind for kind in kinds for row in told[kind] for code in row["codes"]}


@cache
def paid_statuses() -> str:
    """The statuses, one letter each, that the fee schedule itself pays."""
    return str(document(__package__, "payment.yaml")["paid"])


@cache
def own_technical() -> tuple[frozenset[str], frozenset[str]]:
    """Places whose owner bills technical components with the same place, and the PC/TC indicators of such codes."""
    row = document(__package__, "payment.yaml")["own-technical"]
    return frozenset(row["places"]), frozenset(row["components"])


@cache
def split_care() -> frozenset[str]:
    """The modifiers of care before or after a surgery, whose place is not where the surgery was."""
    return frozenset(document(__package__, "payment.yaml")["split-care"]["modifiers"])
