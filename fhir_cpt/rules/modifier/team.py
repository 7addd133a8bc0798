"""A team of surgeons (66) is paid only for surgeries that the fee schedule names.

Why it matters: of each code the fee schedule says whether a team may be paid: never (0, and 9 where there is no such
thing), with documentation (1), or always, by report (2). The line of one who may not be is denied (CARC 54).

Fails: 27447 with 66 (0); 33935 with 66 (1: a warning).
Passes: 33945 with 66 (2).

Citation: CMS, PPRRVU, TEAM SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.5 and 40.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.surgeons import by_indicator

_MODIFIERS = frozenset({"66"})
_SAID: dict[str, tuple[Severity, str]] = {
    "0": ("error", "a team is not paid for this surgery"),
    "1": ("warning", "a team is paid only where the record shows that it was needed: send it"),
    "9": ("error", "there are no teams for this service"),
}


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with the modifier, by the fee schedule of its day; lines of codes that it does not list pass."""
    yield from by_indicator(claim, facts, EDIT, lambda _: _MODIFIERS, lambda fee: fee.team, _SAID)


EDIT = Edit(
    id="modifier-team",
    family="modifier",
    title="A team of surgeons for a surgery without one",
    check=check,
    carc=("54",),
    citation="CMS, PPRRVU, TEAM SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.5 and 40.8",
    needs=("procedure", "pfs"),
    when=Feature.SURGEONS_MODIFIER,
)
