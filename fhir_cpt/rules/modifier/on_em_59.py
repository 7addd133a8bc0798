"""59 and the X modifiers do not stand on E/M codes.

Why it matters: a visit that is separate from a procedure takes 25, one unrelated to an earlier surgery 24; 59, XE, XS,
XP and XU tell procedures apart, and on a visit they do not fit the code (CARC 4). Codes of the E/M section that are no
visits (counselling, care management, remote monitoring) are left alone: payers differ on them.

Fails: 99213 with 59 beside 20610.
Passes: 99213 with 25; 97140 with 59.

Citation: CMS, NCCI Policy Manual, chapter I, section E; CMS, Proper Use of Modifiers 59, XE, XP, XS and XU.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import replacing
from fhir_cpt.rules.modifier.sets import members

_CARRIED = int(Feature.SEPARATING_MODIFIER)


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every E/M line with one of them."""
    for line in carrying(claim, _CARRIED):
        known = line.known
        if known is None or not known.is_em or "management-without-visit" in known.families:
            continue
        codes = members("separating", known.day)
        for code in dict.fromkeys(line.modifiers):
            if code in codes:
                text = f"If {line.code} was a separate visit, put 25 in the place of {code}."
                yield EDIT.finding(
                    f"Modifier {code} does not go with {line.code}, an E/M code: a separate visit takes 25.",
                    line,
                    expression=paths(line, code),
                    evidence=(("modifier", code), ("code", line.code)),
                    fix=replacing(line, code, "25", text),
                )


EDIT = Edit(
    id="modifier-59-on-em",
    family="modifier",
    title="59 or an X modifier on an E/M code",
    check=check,
    carc=("4",),
    citation="CMS, NCCI Policy Manual, chapter I, section E; CMS, Proper Use of Modifiers 59, XE, XP, XS and XU",
    needs=("procedure",),
    when=Feature.SEPARATING_MODIFIER,
)
