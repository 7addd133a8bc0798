"""The code of remote monitoring that documented days or minutes do support, and the fix that puts it."""

from __future__ import annotations

from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.mending import replacing_code
from fhir_cpt.rules.remote.monitoring import Asked, alike
from terminology.period import Day

_USABLE = ("in-force", "undetermined")


def supported(wanted: Asked, amount: float, day: Day) -> Asked | None:
    """The code for the same service that the amount fits; None where there is none on the day."""
    return next((row for row in alike(wanted.group, wanted.kind, day) if row.holds(amount)), None)


def put(instead: Asked | None, claim: Claim, line: Line, facts: Facts) -> Fix | None:
    """The fix that puts the code in the place of the line's; None where the release does not know it on the day."""
    if instead is None or line.known is None or any(other.code == instead.code for other in claim.coded):
        return None
    if facts.knowledge.code(line.known.system, instead.code, line.known.day, claim.setting).status not in _USABLE:
        return None
    return Fix(f"Replace {line.code} by {instead.code}.", replacing_code(line, instead.code))
