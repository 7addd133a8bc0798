"""Prolonged service goes with the longest visits, and counts from a total time on.

Why it matters: each code of prolonged service belongs to certain visits, of the highest level, and its first unit needs
15 whole minutes more than the visit; CMS counts from later on than CPT. Beside another visit, or with fewer minutes, it
is denied (CARC 151). The minutes are those of visit and prolonged service together, as the visit's line names them, or
the line of the prolonged service, or neither; where each names its own, they are added up.

Fails: 99417 beside 99214; two units of 99417 beside 99215 with 69 minutes (70 are needed).
Passes: one unit of 99417 beside 99215 with 55 minutes.

Citation: AMA, CPT, prolonged services, 2021 and 2023; CMS, physician fee schedule final rules for 2021 and 2023.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.dated import document, holds
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import lowering_units
from fhir_cpt.rules.minutes import minutes_for
from fhir_cpt.rules.practice import same_practice
from terminology.period import FIRST_DAY, Day, show

_PROLONGED = int(Feature.PROLONGED)


class Prolonged(NamedTuple):
    """A code of prolonged service on a day: minutes of a unit, and its visits with the minutes of its first unit."""

    step: float
    bases: dict[str, float]


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every prolonged service without a visit that it may accompany, or with too few minutes for its units."""
    del facts
    unknown: list[Line] = []
    for line in claim.coded:
        if line.known is None or line.code is None or not line.known.features & _PROLONGED:
            continue
        rule = prolonged_on(line.code, line.known.day)
        if not rule.bases:
            continue
        base = next((other for other in claim.coded if other.code in rule.bases and _together(line, other)), None)
        if base is None:
            yield _without_base(claim, line, rule)
            continue
        minutes = _total_minutes(claim, line, base)
        if minutes is None:
            unknown.append(line)
        elif minutes < _needed(rule, base, line.units):
            yield _too_short(claim, line, base, rule, minutes)
    if unknown:
        text = (
            "Not checked: whether the time of visit and prolonged service together is long enough. Give its minutes as "
            "supporting information, and let the visit name them by informationSequence."
        )
        yield EDIT.no_data(text, "minutes", *unknown)


@lru_cache(maxsize=1024)
def prolonged_on(code: str, day: Day) -> Prolonged:
    """What holds for a code of prolonged service on the day; without bases where it accompanied none."""
    content = document(__package__, "prolonged.yaml")["prolonged"][code]
    bases = {str(item["code"]): float(item["minutes"]) for item in content["bases"] if holds(item, day)}
    return Prolonged(float(content["step"]), bases)


def _together(line: Line, base: Line) -> bool:
    return common_day(line, base) is not None and same_practice(line, base)


def _needed(rule: Prolonged, base: Line, units: float) -> float:
    """The total minutes from which that many units count."""
    return rule.bases[base.code or ""] + (units - 1) * rule.step


def _total_minutes(claim: Claim, line: Line, base: Line) -> float | None:
    """The documented minutes of visit and prolonged service; None where there are none, or no telling whose."""
    facts = {fact.sequence: fact for fact in claim.documented if fact.kind == "minutes"}
    named = {sequence for sequence in line.information if sequence in facts}
    if fact := minutes_for(claim, base).fact:
        named.add(fact.sequence)
    return sum(float(facts[sequence].value) for sequence in named) if named else None


def _without_base(claim: Claim, line: Line, rule: Prolonged) -> Finding:
    text = (
        f"{line.code} goes with {_listed(rule)} alone, and none of them is here by the same provider that day: see "
        "that the visit is billed, with its level by time, or take the line off."
    )
    paths = [line.code_path]
    paths += [
        other.code_path
        for other in claim.coded
        if other.known is not None and "visit" in other.known.families and _together(line, other)
    ]
    return EDIT.finding(
        text,
        line,
        expression=tuple(paths),
        severity="warning" if claim.kind == "charge" else None,
        evidence=(("code", line.code), ("visits", ", ".join(sorted(rule.bases))), ("day", _day(line))),
    )


def _too_short(claim: Claim, line: Line, base: Line, rule: Prolonged, minutes: float) -> Finding:
    least = _needed(rule, base, 1)
    supported = int((minutes - least) // rule.step) + 1 if minutes >= least else 0
    needed = _needed(rule, base, line.units)
    counted = f"1 unit of {line.code}" if line.units == 1 else f"{line.units:g} units of {line.code}"
    text = (
        f"{counted} beside {base.code} {'needs' if line.units == 1 else 'need'} {needed:g} minutes in all, and "
        f"{minutes:g} are documented, which support {supported or 'none'}: correct the units, or the minutes."
    )
    evidence = (
        ("code", line.code),
        ("visit", base.code),
        ("minutes of the first unit", f"{least:g}"),
        ("minutes of a further unit", f"{rule.step:g}"),
        ("minutes", f"{minutes:g}"),
        ("units supported", supported),
    )
    changes = lowering_units(claim, line, supported) if supported and line.period else ()
    fix = Fix(f"Lower the units of {line.code} to {supported}, and its charge along.", changes) if changes else None
    path = line.code_path if line.quantity is None else line.path_of("quantity")
    return EDIT.finding(text, line, base, expression=(path, base.code_path), evidence=evidence, fix=fix)


def _listed(rule: Prolonged) -> str:
    *most, last = sorted(rule.bases)
    return f"{', '.join(most)} or {last}" if most else last


def _day(line: Line) -> str:
    return show(line.known.day if line.known else FIRST_DAY)


EDIT = Edit(
    id="em-prolonged",
    family="em",
    title="Prolonged service beside the wrong visit, or with too few minutes",
    check=check,
    carc=("151",),
    citation="AMA, CPT, prolonged services; CMS, physician fee schedule final rules for 2021 and 2023",
    when=Feature.PROLONGED,
    yields_to=("ncci-add-on", "procedure-not-valid-for-payer"),
)
