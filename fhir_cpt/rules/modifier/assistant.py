"""An assistant is paid only at surgeries that the fee schedule names.

Why it matters: of each code the fee schedule says whether an assistant at surgery (80, 81, 82, AS) may be paid: never
(1, and 9 where there is no such thing), only with documentation (0), or always (2). The line of one who may not be is
denied (CARC 54).

Fails: 20610 with 80 (1); 29881 with AS (0: a warning).
Passes: 27447 with 80 (2).

Citation: CMS, PPRRVU, ASST SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.3 and 110.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.modifier.surgeons import by_indicator

_SAID: dict[str, tuple[Severity, str]] = {
    "0": ("warning", "an assistant is paid only where the record shows that one was needed: send it"),
    "1": ("error", "no assistant is paid for this surgery"),
    "9": ("error", "there are no assistants at this service"),
}


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with the modifier, by the fee schedule of its day; lines of codes that it does not list pass."""
    yield from by_indicator(claim, facts, EDIT, lambda day: members("assistant", day), lambda fee: fee.assistant, _SAID)


EDIT = Edit(
    id="modifier-assistant",
    family="modifier",
    title="An assistant at a surgery that needs none",
    check=check,
    carc=("54",),
    citation="CMS, PPRRVU, ASST SURG; Medicare Claims Processing Manual, chapter 12, sections 20.4.3 and 110",
    needs=("procedure", "pfs"),
    when=Feature.ASSISTANT_MODIFIER,
)
