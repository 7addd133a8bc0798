"""Medicare wants to know who gave or directed the anesthesia.

Why it matters: what Medicare pays for an anesthesia service depends on whether a physician gave it, directed or
supervised others, or a nurse anesthetist worked alone. Without AA, AD, QK, QX, QY or QZ it cannot be priced (CARC 4).

Fails: Medicare, 00840 without any of them.
Passes: 00840 with AA; with QX and QS.

Citation: Medicare Claims Processing Manual, chapter 12, sections 50 and 140.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.sets import members


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every anesthesia line of a practitioner without one of them."""
    if claim.setting != "practitioner":
        return
    for line in claim.coded:
        known = line.known
        if known is None or "anesthesia" not in known.families:
            continue
        wanted = members("anesthesia-provider", known.day)
        if wanted.isdisjoint(line.modifiers):
            yield EDIT.finding(
                f"{line.code} does not say who gave the anesthesia: add AA (physician), QZ (nurse anesthetist alone), "
                "QK or QY with QX (medical direction), or AD (supervision).",
                line,
                expression=(line.code_path,),
                evidence=(("modifiers", ", ".join(line.modifiers) or "none"), ("one of", ", ".join(sorted(wanted)))),
            )


EDIT = Edit(
    id="modifier-anesthesia-missing",
    family="modifier",
    title="Anesthesia without the modifier of who gave it",
    check=check,
    carc=("4",),
    citation="Medicare Claims Processing Manual, chapter 12, sections 50 and 140",
    needs=("procedure",),
    when=Feature.ANESTHESIA,
    medicare=True,
    dated=False,
)
