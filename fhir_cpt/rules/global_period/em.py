"""A visit in the days after a surgery is paid with the surgery.

Why it matters: the payment of a surgery with 010 or 090 global days covers the surgeon's visits for recovery on the
days after it, and a visit billed beside it is denied. Modifier 24 says that the visit was for another reason; FT says
so of critical care. 25 and 57 speak only for the day of surgery and the day before, of which `modifier-25-needed`,
`modifier-57-needed` and `ncci-ptp` tell. A follow-up visit that is part of the surgery is 99024, without charge; a
wellness visit, critical care or a cognitive assessment never is.

Fails: 99213 on the fifth day after 27447 by the same surgeon, also with 25.
Passes: the same visit on day 91; by a surgeon of another specialty; with 24 (reported as `bypassed`); 99024.

Citation: Medicare Claims Processing Manual, chapter 12, sections 40.1 and 40.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.global_period.findings import Wording, after_surgery
from fhir_cpt.rules.global_period.surgeries import Surgery

_ELSEWHERE = ("25", "57")
"""Modifiers that speak for the day of surgery or the day before, and are often taken for 24."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit against the surgeries before it, in the claim and in the history."""
    return after_surgery(EDIT, claim, facts, filter(_is_visit, claim.evaluations), "lifts-visit", _WORDING)


def _covered(line: Line) -> str:
    text = "visits for recovery: add 24 if the visit was for another reason"
    text += ", else report 99024 without charge." if _may_be_follow_up(line) else "."
    if wrong := next((modifier for modifier in _ELSEWHERE if modifier in line.modifiers), None):
        text += f" Modifier {wrong} does not speak for the days after a surgery."
    return text


def _remedy(line: Line, surgery: Surgery) -> str:
    return f"If {line.code} was not for recovery from {surgery.code}, add 24 to it."


def _undetermined(line: Line, surgery: Surgery) -> str:
    return (
        f"{line.shown} may be a visit that {surgery.code} paid for: no fee schedule is loaded for the day of that "
        "surgery, so the days that belong to it are not known."
    )


_WORDING = Wording("that the visit was for another reason", _covered, _remedy, "24", _undetermined)


def _may_be_follow_up(line: Line) -> bool:
    return line.known is not None and "never-follow-up" not in line.known.families


def _is_visit(line: Line) -> bool:
    return line.known is not None and "post-operative-visit" in line.known.families


EDIT = Edit(
    id="global-em",
    family="global",
    title="A visit that the surgery's payment covers",
    check=check,
    carc=("97",),
    rarc=("M144",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 40.1 and 40.4; PPRRVU global days",
    needs=("pfs",),
    when=Feature.EVALUATION,
    history=True,
    yields_to=("modifier-57-needed",),
    pairwise=True,
)
