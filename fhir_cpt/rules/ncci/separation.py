"""The modifier that tells two bundled services apart: which one, on which line, and the patch that adds it."""

from __future__ import annotations

from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.model import Line
from fhir_cpt.rules.mending import adding
from terminology.edits import Setting

_MAJOR = "090"
"""Global days of a major surgery. Source: CMS, physician fee schedule, GLOB DAYS."""


def separating(one: Line, two: Line, setting: Setting | None) -> tuple[str, Fix | None]:
    """What to do about an edit of indicator 1 between column 1 and column 2, and the fix that does it.

    An E/M beside a procedure takes 25, or 57 where the procedure is a major surgery (the decision for it was
    made); a second E/M takes 25, or 27 in a hospital's outpatient departments; another procedure takes the modifier
    that says why it was separate, 59 where no other describes it. A ChargeItem has no element for modifiers: there
    the code becomes an expression, such as `99213:25`. A line without room for a modifier has no fix.
    """
    line, modifier, text = _chosen(one, two, setting)
    return text, adding(line, text, modifier)


def _chosen(one: Line, two: Line, setting: Setting | None) -> tuple[Line, str, str]:
    """The line that takes a modifier, the modifier, and when it does."""
    visit, other = (two, one) if _is_em(two) else (one, two)
    if _is_em(visit) and not _is_em(other):
        fee = other.known.fee if other.known else None
        if fee is not None and fee.global_days == _MAJOR:
            return visit, "57", f"If the decision for surgery was made at this visit, add 57 to {visit.code}."
        return visit, "25", f"If {visit.code} was a significant, separately identifiable visit, add 25 to it."
    if _is_em(visit) and setting == "hospital":
        return two, "27", f"If {two.code} was a separate encounter in another department, add 27 to it."
    if _is_em(visit):
        return two, "25", f"If both visits were significant and separate, add 25 to {two.code}."
    text = (
        f"If {two.code} was a separate session, site or lesion, add to it the modifier that says so: an anatomic one "
        "(LT, RT, a finger, toe or eyelid), else XE, XS, XP or XU, 59 where none of them fits."
    )
    return two, "59", text


def _is_em(line: Line) -> bool:
    return line.known is not None and line.known.is_em
