"""Modifier 51 does not stand on add-on codes, nor where the rule for multiple procedures does not hold.

Why it matters: 51 says that a fee may be cut because several procedures were done. Add-on codes (ZZZ) and codes to
which the rule does not apply (0, 9) are exempt; with 51 they are cut or returned (CARC 4).

Fails: 17003 with 51 (an add-on); 71046 with 51.
Passes: 29881 with 51.

Citation: CMS, PPRRVU, MULT PROC and GLOB DAYS; Medicare Claims Processing Manual, chapter 12, section 40.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, fee_of, paths
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.procedure.status import edition_for

_MODIFIER = "51"
_CARRIED = int(Feature.MULTIPLE_MODIFIER)
_ADD_ON = "ZZZ"
_EXEMPT = ("0", "9")


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with 51, by the fee schedule of its day; lines of codes that it does not list pass."""
    for line in carrying(claim, _CARRIED):
        fee = fee_of(line)
        if fee is None or (fee.global_days != _ADD_ON and fee.multiple_procedure not in _EXEMPT):
            continue
        why = "an add-on code" if fee.global_days == _ADD_ON else "not subject to the rule for multiple procedures"
        yield EDIT.finding(
            f"{line.code} is {why}: take 51 off.",
            line,
            expression=paths(line, _MODIFIER),
            evidence=(
                ("code", line.code),
                ("global days", fee.global_days),
                ("multiple procedure indicator", fee.multiple_procedure),
            ),
            edition=edition_for(line, facts),
            fix=dropping(line, f"Take 51 off {line.code}.", _MODIFIER),
        )


EDIT = Edit(
    id="modifier-51-misuse",
    family="modifier",
    title="51 on an add-on code, or on one that is exempt",
    check=check,
    severity="warning",
    carc=("4",),
    citation="CMS, PPRRVU, MULT PROC and GLOB DAYS; Medicare Claims Processing Manual, chapter 12, section 40.6",
    needs=("procedure", "pfs"),
    when=Feature.MULTIPLE_MODIFIER,
)
