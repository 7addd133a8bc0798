"""NCCI procedure-to-procedure edits: two codes that one provider may not be paid for on one day.

Why it matters: the column 2 code is denied with CARC 236, whatever the diagnosis says. Where the edit's
indicator is 1, a modifier on either line may show that the services were separate; where it is 0, none does.

Fails: 20610 and 99213 on the same day by the same provider.
Passes: 20610 and 99213-25 (reported as `bypassed`: the edit applies, the modifier lifts it).

Citation: CMS, NCCI Policy Manual for Medicare Services, chapter I; PTP edit files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci.associated import is_anatomic
from fhir_cpt.rules.ncci.pairs import Pair, pairs
from fhir_cpt.rules.ncci.separation import separating
from terminology.edits import PtpEdit, Setting
from terminology.period import LAST_DAY, show

_OTHERS = ("ncci-mue-line", "ncci-mue-date", "ncci-add-on")
"""The other edits of NCCI, which are as silent on a claim that NCCI does not speak of."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line against the other codes of that provider and day, by the edits of that day."""
    if claim.setting is None:
        text = f"Not checked: NCCI edits do not speak of {claim.outside} claims."
        yield msgspec.structs.replace(EDIT.no_data(text, "ncci", *claim.lines), also=_OTHERS)
        return
    mended: set[tuple[str, str]] = set()
    for pair in pairs(claim, facts):
        finding = _lifted(pair) if pair.modifier else _failed(pair, claim.setting)
        if fix := finding.fix:
            same = (fix.changes[0].path, fix.text)  # said again in the text; a patch applied twice adds it twice
            if same in mended:
                finding = msgspec.structs.replace(finding, fix=None)
            mended.add(same)
        yield finding


def _failed(pair: Pair, setting: Setting) -> Finding:
    one, two, edit = pair.one, pair.two, pair.edit
    fix = None
    if edit.indicator == 0:
        text = f"{_reason(edit)}, and no modifier changes that (NCCI: {edit.rationale})."
    else:
        hint, fix = separating(one, two, setting)
        text = f"{_reason(edit)}, unless they were separate and a modifier says so (NCCI: {edit.rationale}). {hint}"
    return EDIT.finding(
        text, two, one, expression=_paths(pair), evidence=_evidence(edit), edition=pair.edition, fix=fix
    )


def _lifted(pair: Pair) -> Finding:
    one, two, modifier = pair.one, pair.two, pair.modifier or ""
    carrier = pair.carrier or two
    other = one if carrier is two else two
    text = (
        f"{_reason(pair.edit)}, unless they were separate: modifier {modifier} on {carrier.code} says so. "
        "The record must show it."
    )
    if is_anatomic(modifier):
        if modifier in other.modifiers:
            text += f" Both lines name the same site ({modifier}), which tells against it."
        elif other.known is not None and other.known.is_em:
            text += f" A visit has no site: payers look for 25 on {other.code}, if it was separate."
        elif not any(map(is_anatomic, other.modifiers)):
            text += f" {other.code} names no site, so that {modifier} alone does not show that the two were apart."
    return EDIT.bypassed(
        text,
        two,
        one,
        expression=_paths(pair),
        evidence=(*_evidence(pair.edit), ("modifier", modifier)),
        edition=pair.edition,
    )


def _reason(edit: PtpEdit) -> str:
    return f"{edit.column2} is not paid beside {edit.column1} on the same day by the same provider"


def _paths(pair: Pair) -> tuple[str, str]:
    return pair.two.code_path, pair.one.code_path


@lru_cache(maxsize=4096)
def _evidence(edit: PtpEdit) -> tuple[tuple[str, object], ...]:
    return (
        ("column1", edit.column1),
        ("column2", edit.column2),
        ("indicator", edit.indicator),
        ("start", show(edit.start)),
        ("end", "open" if edit.end == LAST_DAY else show(edit.end)),
        ("rationale", edit.rationale),
    )


EDIT = Edit(
    id="ncci-ptp",
    family="ncci",
    title="Two services that are not paid together on one day",
    check=check,
    carc=("236",),
    citation="CMS, NCCI Policy Manual for Medicare Services, chapter I; NCCI PTP edit file",
    needs=("procedure", "ptp"),
    when=Feature.SEVERAL_LINES | Feature.OUTSIDE_NCCI,
    # Medicare pays such a service beside no other: no modifier helps, and to offer one would mislead.
    yields_to=("procedure-injection-not-separate",),
    pairwise=True,
)
