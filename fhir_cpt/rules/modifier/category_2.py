"""1P, 2P, 3P and 8P stand on Category II codes.

Why it matters: they say why a performance measure was not met, and on a service that is paid they do not fit (CARC 4).

Fails: 99213 with 8P.
Passes: 3044F with 8P.

Citation: CMS, Quality Payment Program, reporting of CPT Category II codes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.modifier.sets import members

_CARRIED = int(Feature.CATEGORY_II_MODIFIER)
_CATEGORY_II = int(Feature.CATEGORY_II)


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with such a modifier on a code of another category."""
    for line in carrying(claim, _CARRIED):
        if line.known is None or line.known.features & _CATEGORY_II:
            continue
        for code in dict.fromkeys(line.modifiers):
            if code in members("category-2", line.known.day):
                yield EDIT.finding(
                    f"Modifier {code} is for Category II codes, which measure performance, and {line.code} is none: "
                    "take it off.",
                    line,
                    expression=paths(line, code),
                    evidence=(("modifier", code), ("code", line.code)),
                    fix=dropping(line, f"Take {code} off {line.code}.", code),
                )


EDIT = Edit(
    id="modifier-category-2",
    family="modifier",
    title="1P, 2P, 3P or 8P on a code that is not Category II",
    check=check,
    carc=("4",),
    citation="CMS, Quality Payment Program, reporting of CPT Category II codes",
    needs=("procedure",),
    when=Feature.CATEGORY_II_MODIFIER,
    dated=False,
)
