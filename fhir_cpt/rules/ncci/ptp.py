"""NCCI procedure-to-procedure edits: two codes that one provider may not be paid for on one day.

Why it matters: the column 2 code is denied with CARC 236, whatever the diagnosis says. Where the edit's
indicator is 1, a modifier on either line may show that the services were separate; where it is 0, none does.

Fails: 20610 and 99213 on the same day by the same provider.
Passes: 20610 and 99213-25 (reported as `bypassed`: the edit applies, the modifier lifts it).

Citation: CMS, NCCI Policy Manual for Medicare Services, chapter I; PTP edit files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Feature, Line, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci.associated import is_anatomic, lifting
from fhir_cpt.rules.ncci.separation import separating
from terminology.edits import PtpEdit, Setting
from terminology.model import Edition
from terminology.period import LAST_DAY, show

_OTHERS = ("ncci-mue-line", "ncci-mue-date", "ncci-add-on")
"""The other edits of NCCI, which are as silent on a claim that NCCI does not speak of."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every pair of lines of one provider on one day against the edits of that day."""
    if claim.setting is None:
        text = f"Not checked: NCCI edits do not speak of {claim.outside} claims."
        yield msgspec.structs.replace(EDIT.no_data(text, "ncci", *claim.lines), also=_OTHERS)
        return
    by_provider: dict[str, list[Line]] = defaultdict(list)
    for line in claim.coded:
        by_provider[line.provider].append(line)
    for lines in by_provider.values():
        if len(lines) > 1:
            codes = [line.code or "" for line in lines]
            for first, second, edition, table in facts.knowledge.ptp_pairs(claim.setting, codes):
                if day := common_day(lines[first], lines[second]):
                    edit = table.edit(codes[first], codes[second], day)
                    if edit is not None:
                        yield _finding(lines[first], lines[second], edit, edition, claim.setting)


def _finding(one: Line, two: Line, edit: PtpEdit, edition: Edition, setting: Setting) -> Finding:
    evidence = (
        ("column1", edit.column1),
        ("column2", edit.column2),
        ("indicator", edit.indicator),
        ("start", show(edit.start)),
        ("end", "open" if edit.end == LAST_DAY else show(edit.end)),
        ("rationale", edit.rationale),
    )
    paths = (two.code_path, one.code_path)
    reason = f"{edit.column2} is not paid beside {edit.column1} on the same day by the same provider"
    if edit.indicator == 0:
        text = f"{reason}, and no modifier changes that (NCCI: {edit.rationale})."
        return EDIT.finding(text, two, one, expression=paths, evidence=evidence, edition=edition)
    modifier = lifting(two, 2) or lifting(one, 1)
    if modifier:
        text = f"{reason}, unless they were separate: modifier {modifier} says so. The record must show it."
        if modifier in one.modifiers and modifier in two.modifiers and is_anatomic(modifier):
            text += f" Both lines name the same site ({modifier}), which tells against it."
        return EDIT.bypassed(
            text, two, one, expression=paths, evidence=(*evidence, ("modifier", modifier)), edition=edition
        )
    fix = separating(one, two, setting)
    text = f"{reason}, unless they were separate and a modifier says so (NCCI: {edit.rationale}). {fix.text}"
    return EDIT.finding(text, two, one, expression=paths, evidence=evidence, edition=edition, fix=fix)


EDIT = Edit(
    id="ncci-ptp",
    family="ncci",
    title="Two services that are not paid together on one day",
    check=check,
    carc=("236",),
    citation="CMS, NCCI Policy Manual for Medicare Services, chapter I; NCCI PTP edit file",
    needs=("procedure", "ptp"),
    when=Feature.SEVERAL_LINES | Feature.OUTSIDE_NCCI,
)
