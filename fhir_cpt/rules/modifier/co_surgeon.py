"""Two surgeons (62) are paid only for surgeries that the fee schedule names.

Why it matters: of each code the fee schedule says whether co-surgeons may be paid: never (0, and 9 where there is no
such thing), with documentation (1), or always where they are of two specialties (2). The line of one who may not be is
denied (CARC 54).

Fails: 20610 with 62 (0); 27447 with 62 (1: a warning).
Passes: 22612 with 62 (2).

Citation: CMS, PPRRVU, CO-SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.4 and 40.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.surgeons import by_indicator

_MODIFIERS = frozenset({"62"})
_SAID: dict[str, tuple[Severity, str]] = {
    "0": ("error", "two surgeons are not paid for this surgery"),
    "1": ("warning", "two surgeons are paid only where the record shows that both were needed: send it"),
    "9": ("error", "there are no co-surgeons of this service"),
}


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with the modifier, by the fee schedule of its day; lines of codes that it does not list pass."""
    yield from by_indicator(claim, facts, EDIT, lambda _: _MODIFIERS, lambda fee: fee.co_surgeon, _SAID)


EDIT = Edit(
    id="modifier-co-surgeon",
    family="modifier",
    title="Two surgeons for a surgery of one",
    check=check,
    carc=("54",),
    citation="CMS, PPRRVU, CO-SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.4 and 40.8",
    needs=("procedure", "pfs"),
    when=Feature.SURGEONS_MODIFIER,
)
