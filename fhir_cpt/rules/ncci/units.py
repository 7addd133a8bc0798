"""What both edits of the medically unlikely edits say alike: which limit holds, and the evidence for it.

Source: CMS, Medicare NCCI MUE tables; NCCI Policy Manual, chapter I, section V.
"""

from __future__ import annotations

from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from terminology.edits import Mue
from terminology.model import Edition

_MEDICARE_ALONE = "CMS Policy"
"""The rationale of limits that follow from what Medicare pays, and not from medicine."""

RARC = ("N362",)
CARC = ("151",)
YIELDS_TO = ("procedure-bundled", "procedure-not-valid-for-payer", "procedure-not-covered")
"""Edits that say why Medicare pays nothing for the code; a limit of 0 by its policy would only say it again."""


def speaks_for(mue: Mue, facts: Facts) -> bool:
    """Whether the limit holds for this payer: a limit of 0 by Medicare's policy holds for Medicare alone."""
    return mue.value > 0 or facts.medicare or mue.rationale != _MEDICARE_ALONE


def none_payable(mue: Mue) -> str:
    """What a limit of 0 means, in words."""
    if mue.rationale == _MEDICARE_ALONE:
        return (
            f"Medicare does not pay {mue.code} separately from this kind of provider: take the line off, or bill the "
            "payer that does."
        )
    return f"No unit of {mue.code} is payable to this kind of provider (NCCI: {mue.rationale}): take the line off."


def at_most(value: int, code: str) -> str:
    """The limit in words: `At most 1 unit of 27447`."""
    return f"At most {value} {'unit' if value == 1 else 'units'} of {code}"


def evidence(mue: Mue, units: float) -> tuple[tuple[str, object], ...]:
    """The row of the table, and the units that were counted."""
    return (
        ("code", mue.code),
        ("value", mue.value),
        ("mai", mue.mai),
        ("rationale", mue.rationale),
        ("units", shown(units)),
    )


def edition_for(claim: Claim, line: Line, facts: Facts) -> Edition | None:
    """The edition of the MUE table that the line's limit comes from."""
    if claim.setting is None or line.known is None:
        return None
    answering = facts.release.mue(claim.setting).on(line.known.day)
    return answering.edition if answering else None


def shown(units: float) -> str:
    """Units for people, without a needless fraction: `3`, `2.5`."""
    return f"{units:.0f}" if units == int(units) else f"{units:.4f}".rstrip("0")


def path(line: Line) -> str:
    """The element that holds the line's units, or the line where it holds none and one unit is meant."""
    return line.path if line.quantity is None else line.path_of("quantity")
