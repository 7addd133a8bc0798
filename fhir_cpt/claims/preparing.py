"""Looks up the codes of a claim, and notes which features it has: what decides which edits are worth running."""

from __future__ import annotations

from collections.abc import Mapping

from fhir_cpt.claims.diagnoses import date_diagnoses
from fhir_cpt.claims.documented import features_of
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim, Line
from terminology.edits import Setting
from terminology.model import CPT, HCPCS
from terminology.period import Day, Period

# As integers, because each operation on an IntFlag costs as much as an edit.
_SEVERAL_LINES = int(Feature.SEVERAL_LINES)
_NO_LINE = int(Feature.NO_LINE)
_EVALUATION = int(Feature.EVALUATION)
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

OFFICE = "11"
_TELEHEALTH_PLACES = ("02", "10")
"""Source: CMS, place of service codes."""


def prepare(claim: Claim, facts: Facts) -> None:
    """Look up every line's code, and note which features the claim has."""
    features = _of_lines(claim, facts) | (_SEVERAL_LINES if len(claim.lines) > 1 else 0)
    if claim.setting is None:
        features |= _OUTSIDE_NCCI
    if not claim.lines:
        features |= _NO_LINE
    if claim.diagnoses:
        features |= date_diagnoses(claim, facts.knowledge.diagnosis)
    if claim.npis:
        features |= _NPI
    if claim.documented:
        features |= features_of(claim.documented)
    if claim.pre_auth_refs:
        features |= _AUTHORIZATION
    claim.features = features


def _of_lines(claim: Claim, facts: Facts) -> int:
    """The features of the lines. What is asked of every line costs as much as an edit, so that little is."""
    features, setting, today = 0, claim.setting, facts.today
    knowledge = facts.knowledge
    modifiers = knowledge.modifiers.facts
    days: set[Day] = set()
    systems: set[str] = set()
    coded: list[Line] = []
    evaluations: list[Line] = []
    codes: set[str] = set()
    met: Mapping[str, CodeFacts] = {}
    met_in: str | None = None
    seen: Period | None = None
    for line in claim.lines:
        period, quantity = line.period, line.quantity
        if period is None or line.date_fault is not None:
            features |= _UNDATED
        if period is not seen and period is not None:  # most claims are of one day
            seen, met_in = period, None
            days.update(period if claim.inpatient else period[:1])
            if period[1] > today or period[0] != period[1]:
                features |= _UNUSUAL_DAY
        if quantity != 1 and quantity is not None and (quantity <= 0 or quantity % 1):
            features |= _UNUSUAL_UNITS
        if line.unit_price is not None or ((net := line.net) is not None and net < 0):
            features |= _PRICED
        if line.modifiers and period is not None:
            line.modified = modifiers(line.modifiers, period[0])
            features |= line.modified.features
        if line.place != OFFICE:
            features |= _TELEHEALTH_PLACE | _NO_OFFICE if line.place in _TELEHEALTH_PLACES else _NO_OFFICE
        code, system = line.code, line.system
        if code is None or system is None:
            features |= _NO_CODE
            continue
        if period is None:
            systems.add(system)
            continue
        if line.display is not None:
            features |= _DISPLAY
        if system is not met_in:
            met_in = system
            systems.add(system)
            met = knowledge.codes_on(system, period[0], setting)
        known = line.known = met.get(code) or knowledge.code(system, code, period[0], setting)
        if known.status == "unknown":
            known = line.known = _in_other_system(line, known, knowledge, setting)
            if line.given is not None and line.given[0] != known.system:
                features |= _WRONG_SYSTEM
            if known.status == "unknown":
                features |= _UNKNOWN_CODE
                if known.complete or known.concept is not None:
                    continue
        elif line.given is not None and line.given[0] != system:
            features |= _WRONG_SYSTEM
        coded.append(line)
        found = known.features
        features |= found
        if found & _EVALUATION:
            evaluations.append(line)
        if code in codes:
            features |= _REPEATED_CODE
        codes.add(code)
        if line.units > known.most_units:
            features |= _OVER_MUE
    if features & _WRONG_SYSTEM:  # a line may have changed over to the other one
        systems = {line.system for line in claim.lines if line.system}
    claim.coded, claim.evaluations = coded, evaluations
    claim.days, claim.systems = tuple(sorted(days)), frozenset(systems)
    return features


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
