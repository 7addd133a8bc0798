"""The modifier that tells two bundled services apart: which one, on which line, and the patch that adds it."""

from __future__ import annotations

from fhir_cpt.claims.finding import Change, Fix
from fhir_cpt.claims.model import Line
from terminology.edits import Setting
from terminology.model import CPT

_MAJOR = "090"
"""Global days of a major surgery. Source: CMS, physician fee schedule, GLOB DAYS."""


def separating(one: Line, two: Line, setting: Setting | None) -> Fix:
    """The fix for an edit of indicator 1 between column 1 and column 2.

    An E/M beside a procedure takes 25, or 57 where the procedure is a major surgery (the decision for it was
    made); a second E/M takes 25, or 27 in a hospital's outpatient departments; another procedure takes the modifier
    that says why it was separate, 59 where no other describes it. A ChargeItem has no element for modifiers: there
    the code becomes an expression, such as `99213:25`.
    """
    visit, other = (two, one) if _is_em(two) else (one, two)
    if _is_em(visit) and not _is_em(other):
        fee = other.known.fee if other.known else None
        if fee is not None and fee.global_days == _MAJOR:
            return adding("57", visit, f"If the decision for surgery was made at this visit, add 57 to {visit.code}.")
        return adding("25", visit, f"If {visit.code} was a significant, separately identifiable visit, add 25 to it.")
    if _is_em(visit) and setting == "hospital":
        return adding("27", two, f"If {two.code} was a separate encounter in another department, add 27 to it.")
    if _is_em(visit):
        return adding("25", two, f"If both visits were significant and separate, add 25 to {two.code}.")
    return adding(
        "59",
        two,
        f"If {two.code} was a separate session, site or lesion, add to it the modifier that says so: an anatomic one "
        "(LT, RT, a finger, toe or eyelid), else XE, XS, XP or XU, 59 where none of them fits.",
    )


def adding(modifier: str, line: Line, text: str) -> Fix:
    """The fix that adds a modifier to a line, where the record supports it; `text` says when it does."""
    if line.is_charge_item and line.given is not None:
        expression = f"{line.given[1]}:{modifier}"
        change = Change("replace", f"{line.coding_path}.code", value=expression, value_type="code")
    else:
        value = {"coding": [{"system": CPT, "code": modifier}]}
        change = Change("add", line.path, "modifier", value, "CodeableConcept")
    return Fix(text, (change,), documentation=True)


def _is_em(line: Line) -> bool:
    return line.known is not None and line.known.is_em
