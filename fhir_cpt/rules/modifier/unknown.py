"""A modifier that neither CPT nor HCPCS has.

Why it matters: the line is sent back with CARC 4, since nobody can tell what was meant. The two letters of an
ambulance trip (RH, from home to hospital) are no modifiers of HCPCS's list, and right on lines of transport alone; of a
pair on an ambulance line that is no trip (XH) `modifier-ambulance` speaks.

Fails: 99213 with modifier 2S.
Passes: 99213 with 25; A0428 with RH.

Citation: 45 CFR 162.1002; CMS, HCPCS Quarterly Update; Medicare Claims Processing Manual, chapter 26, section 10.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.modifiers import system_of
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import paths
from fhir_cpt.rules.modifier.sets import pairs, trips
from terminology.systems import SHORT


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every modifier that no edition has; where its code system is not held for the day, what could not be checked."""
    for line in claim.lines:
        found = line.modified
        if found is None or not (found.unknown or found.untold):
            continue
        legs = _of_trips(line)
        for code in dict.fromkeys(found.unknown):
            if code not in legs:
                yield _unknown(line, code, facts)
        if untold := [code for code in dict.fromkeys(found.untold) if code not in legs]:
            names = " and ".join(sorted({SHORT[system_of(code)] for code in untold}))
            told = f"Not checked: modifier {', '.join(untold)} on {line.code or 'the line'}."
            text = f"{told} No edition of {names} is loaded for the day."
            yield EDIT.no_data(text, "procedure", line, expression=paths(line, *untold))


def _of_trips(line: Line) -> frozenset[str]:
    """The pairs of letters that are no concern of this edit on the line."""
    known = line.known
    if known is None:
        return frozenset()
    if "ambulance" in known.families or known.status == "unknown":  # an unknown code may be meant for a trip's
        return pairs()
    return trips() if "transport" in known.families else frozenset()


def _unknown(line: Line, code: str, facts: Facts) -> Finding:
    system = system_of(code)
    held = facts.release.code_systems.get(system)
    answering = held.on(line.period.start) if held is not None and line.period is not None else None
    text = f"{code} is no modifier of CPT or HCPCS: check it for a typing error."
    stale = answering is not None and answering.stale
    if stale:
        text = f"{code} is no modifier in any edition loaded, and none loaded is as new as the line's day: check it."
    return EDIT.finding(
        text,
        line,
        expression=paths(line, code),
        severity="warning" if stale else "error",
        evidence=(("modifier", code), ("system", system)),
        edition=answering.edition if answering else None,
    )


EDIT = Edit(
    id="modifier-unknown",
    family="modifier",
    title="A modifier that does not exist",
    check=check,
    carc=("4",),
    rarc=("N519",),
    citation="45 CFR 162.1002; CMS, HCPCS Quarterly Update; Medicare Claims Processing Manual, chapter 26, section 10",
    when=Feature.UNFIT_MODIFIER,
)
