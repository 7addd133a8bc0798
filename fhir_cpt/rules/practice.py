"""Whether two services were given by the same clinician, or within one group and specialty.

A line's `group` is `organisation|specialty`, either of which may be missing. A group counts where both are named, since
its lines may otherwise be of several specialties; a ChargeItem names none.
Source: spec/claim-edits, Terms, Provider; Medicare Claims Processing Manual, chapter 12, section 30.6.5.
"""

from __future__ import annotations

from fhir_cpt.claims.history import PriorLine
from fhir_cpt.claims.model import Line

_ONLY_HERE = ("#", "urn:")
"""How references start that mean something within one resource or message only."""


def same_practice(line: Line, other: Line) -> bool:
    """Whether two lines of one claim have the same provider, or the same group and specialty.

    Charges that name no provider are taken to have the same one, as NCCI's edits take them.
    """
    return line.provider == other.provider or _same_group(line.group, other.group)


def same_practice_before(line: Line, prior: PriorLine) -> bool:
    """Whether a line and a prior one have the same provider, or the same group and specialty, by names that last."""
    if line.provider == prior.provider and _lasting(line.provider):
        return True
    return _same_group(line.group, prior.group) and _lasting(line.group)


def organisation_of(group: str) -> str:
    """The organisation of a group; empty where it is not named."""
    return group.rpartition("|")[0]


def _same_group(one: str, other: str) -> bool:
    organisation, _, specialty = one.rpartition("|")
    return one == other and bool(organisation and specialty)


def _lasting(name: str) -> bool:
    return bool(name) and not name.startswith(_ONLY_HERE)
