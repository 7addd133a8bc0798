"""A visit on the day of a minor procedure by the same provider needs modifier 25.

Why it matters: the payment for a procedure with a global period of 0 or 10 days includes the visit of its day. Only a
significant, separately identifiable visit is paid beside it, and 25 says so; without it the visit is denied (CARC 97).
NCCI has edits for most such pairs, and where one of them speaks this edit is silent. Care management, counselling and
other codes of the E/M section that are no visits do not count, nor do tests and services without a global period.

Fails: 98005 with 20610 (no NCCI edit is loaded for the pair).
Passes: 98005-25 with 20610; 99213 with 93000, which has no global period.

Citation: NCCI Policy Manual, chapter I, section D; Medicare Claims Processing Manual, chapter 12, section 30.6.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import adding
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.modifier.surgery import MINOR, is_visit, surgeries
from fhir_cpt.rules.procedure.status import edition_for


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit without a modifier for it, with the first minor procedure of that provider and day."""
    if claim.setting not in ("practitioner", "hospital"):
        return
    for visit in claim.evaluations:
        if visit.known is None or not is_visit(visit) or _excused(visit.modifiers, claim, visit.known.day):
            continue
        for surgery in surgeries(claim, MINOR, visit):
            if common_day(visit, surgery) is None or surgery.known is None or surgery.known.fee is None:
                continue
            text = f"If {visit.code} was a significant, separately identifiable visit, add 25 to it."
            days = surgery.known.fee.global_days
            yield EDIT.finding(
                f"The payment for {surgery.code} includes the visit of its day, so {visit.code} is not paid beside it. "
                f"{text}",
                visit,
                expression=(visit.code_path, surgery.code_path),
                evidence=(("procedure", surgery.code), ("global days", days)),
                edition=edition_for(surgery, facts),
                fix=adding(visit, text, "25"),
            )
            break


def _excused(modifiers: tuple[str, ...], claim: Claim, day: int) -> bool:
    if not modifiers:
        return False
    if claim.setting == "hospital" and not members("encounters", day).isdisjoint(modifiers):
        return True
    return not members("visit", day).isdisjoint(modifiers)


EDIT = Edit(
    id="modifier-25-needed",
    family="modifier",
    title="A visit beside a minor procedure without modifier 25",
    check=check,
    severity="warning",
    carc=("97",),
    citation="NCCI Policy Manual, chapter I, section D; Medicare Claims Processing Manual, chapter 12, section 30.6",
    needs=("procedure", "pfs"),
    when=Feature.EVALUATION,
    when_also=Feature.MINOR_SURGERY,
    yields_to=("ncci-ptp", "modifier-57-needed", "procedure-bundled", "procedure-not-valid-for-payer"),
    pairwise=True,
)
