"""Modifiers of facilities stay off practitioners' claims, and the practitioners' off facilities'.

Why it matters: 73 and 74 (a procedure stopped before or after anesthesia) and 27 (several visits of a day) are a
hospital's; of the three a surgery centre, which bills as practitioners do, has the first two (place of service 24).
A practitioner who broke a procedure off reports 53, which a facility does not have. The wrong one is denied (CARC 4).

Fails: 99213 with 27 on a practitioner's claim; 45378 with 53 on a hospital's; 45378 with 73 in an office.
Passes: 45378 with 73 on a hospital's claim, and on a surgery centre's; 45378 with 53 on a practitioner's.

Citation: Medicare Claims Processing Manual, chapter 4, section 20.6, and chapter 14, section 40.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import dropping, lifts, replacing
from fhir_cpt.rules.modifier.sets import members

_CARRIED = int(Feature.SETTING_MODIFIER)
_BROKEN_OFF, _SEPARATE = "53", "25"


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line with a modifier of the other side. A ChargeItem does not tell whose it is, unless the sender does."""
    practitioner = claim.setting == "practitioner" and (claim.kind != "charge" or claim.setting_given)
    facility = claim.setting == "hospital" or claim.inpatient
    for line in carrying(claim, _CARRIED):
        if line.known is None:
            continue
        day = line.known.day
        if facility and _BROKEN_OFF in line.modifiers:
            text = "53 is a practitioner's: a facility reports 73 (stopped before anesthesia) or 74 (after)"
            yield _finding(line, _BROKEN_OFF, text, None)
        elif practitioner:
            stopped = members("facility-discontinued", day) if line.place not in members("surgery-centre", day) else ()
            for code in dict.fromkeys(line.modifiers):
                if code in stopped:
                    text = f"{code} is a facility's: a practitioner who broke a procedure off reports 53"
                    yield _finding(line, code, text, _to_53(line, code))
                elif code in members("encounters", day):
                    text = f"{code} is for a hospital's outpatient visits: a practitioner's separate visit takes 25"
                    yield _finding(line, code, text, _to_25(claim, facts, line, code))


def _finding(line: Line, code: str, text: str, fix: Fix | None) -> Finding:
    return EDIT.finding(
        f"Modifier {text}.",
        line,
        expression=paths(line, code),
        evidence=(("modifier", code), ("code", line.code), ("place", line.place or "none")),
        fix=fix,
    )


def _to_53(line: Line, code: str) -> Fix | None:
    known = line.known
    if known is None or known.is_em or "time-based" in known.families:
        return dropping(line, f"Take {code} off {line.code}.", code, documentation=True)
    return replacing(
        line, code, _BROKEN_OFF, f"If the practitioner broke {line.code} off, put 53 in the place of {code}."
    )


def _to_25(claim: Claim, facts: Facts, line: Line, code: str) -> Fix | None:
    if line.known is not None and line.known.is_em:
        return replacing(line, code, _SEPARATE, f"If {line.code} was a separate visit, put 25 in the place of {code}.")
    if lifts(claim, facts, line, code):
        return None
    return dropping(line, f"Take {code} off {line.code}.", code, documentation=True)


EDIT = Edit(
    id="modifier-setting",
    family="modifier",
    title="A facility's modifier on a practitioner's claim, or the reverse",
    check=check,
    carc=("4",),
    citation="Medicare Claims Processing Manual, chapter 4, section 20.6, and chapter 14, section 40.4",
    needs=("procedure",),
    when=Feature.SETTING_MODIFIER,
    dated=False,
)
