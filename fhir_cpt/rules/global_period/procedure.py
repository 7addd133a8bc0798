"""A procedure in the days after a surgery says how it stands to that surgery: 58, 78 or 79.

Why it matters: the payment of a surgery with 010 or 090 global days covers what its surgeon does about it on the days
after it, and a procedure billed beside it without one of these modifiers is denied. 58: planned from the start, more
extensive, or therapy after it; 78: back to the operating room for a complication; 79: for another reason (the other
eye). 58 and 79 start a period of their own, 78 does not. A procedure is what has 000, 010 or 090 global days: tests,
images, injections and laboratory work (XXX), add-ons (ZZZ) and maternity care (MMM) are none. Two of one day are for
`ncci-ptp`.

Fails: 66984-LT three weeks after 66984-RT by the same surgeon.
Passes: the same with 79 (reported as `bypassed`); 64721 on day 91 after 27447; an X-ray; an assistant's line (80).

Citation: Medicare Claims Processing Manual, chapter 12, sections 40.1, 40.2.A and 40.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.global_period.findings import Wording, after_surgery
from fhir_cpt.rules.global_period.modifiers import lifting
from fhir_cpt.rules.global_period.surgeries import Surgery
from terminology.period import show

_PROCEDURE = int(Feature.MINOR_SURGERY | Feature.MAJOR_SURGERY)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every procedure against the surgeries before it, in the claim and in the history."""
    return after_surgery(EDIT, claim, facts, filter(_is_procedure, claim.coded), "lifts-procedure", _WORDING)


def _covered(_line: Line) -> str:
    return (
        "what that surgery leads to: add 58 if it was planned or more extensive, 78 if a complication brought the "
        "patient back to the operating room, 79 if it was for another reason."
    )


def _remedy(line: Line, surgery: Surgery) -> str:
    return (
        f"If {line.code} had nothing to do with the surgery of {show(surgery.period.start)}, add 79 to it; if it was "
        "planned or more extensive 58, if it was a return to the operating room 78."
    )


def _undetermined(line: Line, surgery: Surgery) -> str:
    return (
        f"{line.shown} may lie in the days that belong to {surgery.code}: no fee schedule is loaded for the day of "
        "that surgery, so they are not known."
    )


_WORDING = Wording("how it stands to that surgery", _covered, _remedy, "79", _undetermined)


def _is_procedure(line: Line) -> bool:
    return (
        line.known is not None
        and line.known.features & _PROCEDURE != 0
        and lifting("no-procedure-of-its-own", line) is None
    )


EDIT = Edit(
    id="global-procedure",
    family="global",
    title="A procedure in the days after a surgery that does not say how it stands to it",
    check=check,
    carc=("97",),
    rarc=("M144",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 40.1, 40.2.A and 40.4; PPRRVU global days",
    needs=("pfs",),
    when=Feature.MINOR_SURGERY | Feature.MAJOR_SURGERY,
    history=True,
    pairwise=True,
)
