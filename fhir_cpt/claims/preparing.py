"""Looks up the codes of a claim, and notes which features it has: what decides which edits are worth running."""

from __future__ import annotations

from fhir_cpt.claims.diagnoses import date_diagnoses
from fhir_cpt.claims.documented import features_of
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim, Line
from terminology.edits import Setting
from terminology.model import CPT, HCPCS

# As integers, because each operation on an IntFlag costs as much as an edit.
_SEVERAL_LINES = int(Feature.SEVERAL_LINES)
_AUTHORIZATION = int(Feature.AUTHORIZATION)
_TELEHEALTH_PLACE = int(Feature.TELEHEALTH_PLACE)
_NO_CODE = int(Feature.NO_CODE)
_REPEATED_CODE = int(Feature.REPEATED_CODE)
_UNDATED = int(Feature.UNDATED)
_UNUSUAL_DAY = int(Feature.UNUSUAL_DAY)
_UNUSUAL_UNITS = int(Feature.UNUSUAL_UNITS)
_PRICED = int(Feature.PRICED)
_OVER_MUE = int(Feature.OVER_MUE)
_DISPLAY = int(Feature.DISPLAY)
_WRONG_SYSTEM = int(Feature.WRONG_SYSTEM)
_UNKNOWN_CODE = int(Feature.UNKNOWN_CODE)
_OUTSIDE_NCCI = int(Feature.OUTSIDE_NCCI)
_NPI = int(Feature.NPI)

_NO_OFFICE = int(Feature.NO_OFFICE)

_OFFICE = "11"
_TELEHEALTH_PLACES = ("02", "10")
"""Source: CMS, place of service codes."""


def prepare(claim: Claim, facts: Facts) -> None:
    """Look up every line's code, and note which features the claim has."""
    features = _SEVERAL_LINES if len(claim.lines) > 1 else 0
    look_up = facts.knowledge.code
    claim.coded.clear()
    modifiers, today = facts.knowledge.modifiers.facts, facts.today
    codes: set[str] = set()
    for line in claim.lines:
        period, quantity = line.period, line.quantity
        if period is None or line.date_fault is not None:
            features |= _UNDATED
        elif period[1] > today or period[0] != period[1]:
            features |= _UNUSUAL_DAY
        if quantity is not None and (quantity <= 0 or quantity % 1):
            features |= _UNUSUAL_UNITS
        if line.unit_price is not None or (line.net is not None and line.net < 0):
            features |= _PRICED
        if line.modifiers and period is not None:
            line.modified = modifiers(line.modifiers, period[0])
            features |= line.modified.features
        if line.place != _OFFICE:
            features |= _NO_OFFICE
            if line.place in _TELEHEALTH_PLACES:
                features |= _TELEHEALTH_PLACE
        if line.code is None or line.system is None:
            features |= _NO_CODE
            continue
        if period is None:
            continue
        if line.display is not None:
            features |= _DISPLAY
        known = line.known = look_up(line.system, line.code, period[0], claim.setting)
        if known.status == "unknown":
            known = line.known = _in_other_system(line, known, facts.knowledge, claim.setting)
        if line.given is not None and line.given[0] != line.system:
            features |= _WRONG_SYSTEM
        if known.status == "unknown":
            features |= _UNKNOWN_CODE
            if known.complete or known.concept is not None:
                continue
        claim.coded.append(line)
        features |= known.features
        if line.code in codes:
            features |= _REPEATED_CODE
        codes.add(line.code)
        if known.mue is not None and line.units > known.mue.value:
            features |= _OVER_MUE
    if claim.setting is None:
        features |= _OUTSIDE_NCCI
    if claim.diagnoses:
        features |= date_diagnoses(claim, facts.knowledge.diagnosis)
    if claim.npis:
        features |= _NPI
    if claim.documented:
        features |= features_of(claim.documented)
    if claim.pre_auth_refs:
        features |= _AUTHORIZATION
    claim.features = features


def _in_other_system(line: Line, known: CodeFacts, knowledge: Knowledge, setting: Setting | None) -> CodeFacts:
    """The facts of a code that its own system does not know, from the system that does; the line changes over to it.

    CPT is Level I of HCPCS, and many senders write one URI for both levels. A modifier of the other system counts,
    so that it can be named as what it is.
    """
    other = HCPCS if line.system == CPT else CPT
    found = knowledge.code(other, known.code, known.day, setting)
    if found.concept is None:
        return known
    line.system = other
    return found
