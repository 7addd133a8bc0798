"""Which lines a rule speaks of: its conditions, beside the codes, as functions of a claim and a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.payers.codes import diagnoses_hold
from fhir_cpt.payers.pack import Ages, Applies, Diagnoses, Modifiers, Units
from fhir_cpt.payers.value_sets import ValueSets
from fhir_cpt.rules.diagnosis.age import years
from terminology.edits import Setting
from terminology.model import ICD10CM
from terminology.period import Day

Condition = Callable[[Claim, Line], bool]
_SETTINGS: dict[str, Setting] = {"practitioner": "practitioner", "outpatient-hospital": "hospital", "dme": "dme"}


def conditions(applies: Applies, values: ValueSets) -> tuple[Condition, ...]:
    """The conditions that a line must meet, cheap ones first.

    One on the patient's age or sex is met where these are not known: see `unknown_of_patient`.
    """
    return tuple(_conditions(applies, values))


def unknown_of_patient(applies: Applies, claim: Claim) -> str | None:
    """The element of the patient without which it cannot be told whether the rule speaks of the claim."""
    if applies.age is not None and claim.birth is None:
        return "Patient.birthDate"
    if applies.sex is not None and claim.sex is None:
        return "Patient.gender"
    return None


def start(line: Line) -> Day:
    """The line's first day; rules look at lines that have one."""
    if line.period is None:
        raise ValueError(f"{line.path} has no day")
    return line.period.start


def diagnosed(claim: Claim, line: Line) -> Iterator[str]:
    """The ICD-10-CM codes that the line points to."""
    for diagnosis in claim.diagnoses:
        if diagnosis.code and diagnosis.system == ICD10CM and diagnosis.sequence in line.pointers:
            yield diagnosis.code


def among(wanted: Diagnoses, claim: Claim, line: Line, values: ValueSets) -> bool:
    """Whether one of the line's diagnoses is among those wanted."""
    for code in diagnosed(claim, line):
        if diagnoses_hold(wanted.codes, code):
            return True
        if wanted.value_set is not None and values.hold(wanted.value_set, ICD10CM, code, start(line)):
            return True
    return False


def within(bounds: Ages | Units, value: float) -> bool:
    """Whether the value lies within the bounds, both included."""
    return (bounds.min is None or bounds.min <= value) and (bounds.max is None or value <= bounds.max)


def _conditions(applies: Applies, values: ValueSets) -> Iterator[Condition]:
    if kinds := applies.kind:
        yield lambda claim, _: claim.kind in kinds
    if applies.setting:
        settings = frozenset(_SETTINGS[name] for name in applies.setting)
        yield lambda claim, _: claim.setting in settings
    if (sex := applies.sex) is not None:
        yield lambda claim, _: claim.sex is None or claim.sex.value == sex
    if places := frozenset(applies.place):
        yield lambda _, line: line.place in places
    if (modifiers := applies.modifiers) is not None:
        yield _carries(modifiers)
    if (units := applies.units) is not None:
        yield lambda _, line: within(units, line.units)
    if (ages := applies.age) is not None:
        yield lambda claim, line: claim.birth is None or within(ages, years(claim.birth, start(line)))
    if (diagnosis := applies.diagnosis) is not None:
        yield lambda claim, line: among(diagnosis, claim, line, values)


def _carries(wanted: Modifiers) -> Condition:
    return lambda _, line: not any(broken(wanted, line.modifiers))


def broken(wanted: Modifiers, carried: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What keeps the modifiers carried from being as wanted.

    Those of `all` that are missing; those of `any` where not one is there; those of `none` that are there.
    """
    missing = tuple([code for code in wanted.all if code not in carried])
    either = wanted.any if wanted.any and not any(code in carried for code in wanted.any) else ()
    return missing, either, tuple([code for code in wanted.none if code in carried])
