"""Which lines documented minutes may be about.

Minutes that no line names belong to the only line that can use them, so all edits on minutes must agree on which can.
Source: spec/claim-edits, Terms.
"""

from __future__ import annotations

from fhir_cpt.claims.documented import Found, documented_for
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.model import Claim, Line

_USERS = int(Feature.TIMED_EVALUATION | Feature.TIMED_THERAPY | Feature.ANESTHESIA)
_FAMILIES = frozenset({"timed-otherwise", "remote-monitoring-treatment"})


def uses_minutes(line: Line) -> bool:
    """Whether minutes may be about the line. Prolonged service has none of its own: they are those of its visit."""
    known = line.known
    return known is not None and bool(known.features & _USERS or not _FAMILIES.isdisjoint(known.families))


def minutes_for(claim: Claim, line: Line) -> Found:
    """The documented minutes of the line."""
    return documented_for(claim, line, "minutes", uses_minutes)
