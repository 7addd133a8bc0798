"""Units of timed therapy by the total of its minutes: the 8-minute rule.

Why it matters: therapy is billed in units of 15 minutes of direct contact. The minutes of all timed services of a day
are added up, and a last unit counts from 8 minutes on: 8 to 22 minutes are one unit, 23 to 37 two. Units beyond that
are denied (CARC 151). Untimed services (evaluations, group therapy, hot packs) have no part in it.

Fails: two units of 97110 and one of 97140 with 37 minutes in all (38 are needed).
Passes: the same with 38 minutes; 97110 for 33 minutes and 97140 for 7, two units and one.

Citation: Medicare Claims Processing Manual, chapter 5, section 20.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Documented, Line
from fhir_cpt.rules.dated import document
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import lowering_units
from fhir_cpt.rules.minutes import uses_minutes
from terminology.period import Day, show

_THERAPY = int(Feature.TIMED_THERAPY)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The timed therapy of each provider, day and plan of care, against its minutes; spans of days are left out."""
    del facts
    sessions: dict[tuple[str, Day, str], list[Line]] = {}
    for line in claim.coded:
        if line.known is None or not line.known.features & _THERAPY:
            continue
        if line.period is not None and line.period.start == line.period.end:
            sessions.setdefault((line.provider, line.period.start, _discipline(line)), []).append(line)
    unclear: list[Line] = []
    for lines in sessions.values():
        minutes = _minutes(claim, lines)
        if minutes is None:
            unclear.extend(lines)
            continue
        units = sum(line.units for line in lines)
        supported = allowed(sum(float(fact.value) for fact in minutes))
        if units > supported:
            yield _finding(claim, lines, minutes, units, supported)
    if unclear:
        text = (
            "Not checked: minutes are documented, but not for all of this therapy. Let each line name its own minutes, "
            "or all of them the total, by informationSequence."
        )
        yield EDIT.no_data(text, "minutes", *unclear)


def allowed(minutes: float) -> int:
    """The units that a total of minutes supports."""
    rule = document(__package__, "therapy.yaml")["counting"][0]
    return int((minutes + rule["unit"] - rule["least"]) // rule["unit"])


def _minutes(claim: Claim, lines: Sequence[Line]) -> list[Documented] | None:
    """The minutes of a session: those that all its lines name, else the only ones that no line of the claim names.

    None where some lines name minutes and others do not, or where other services may claim what is left.
    """
    facts = {fact.sequence: fact for fact in claim.documented if fact.kind == "minutes"}
    named = [[facts[sequence] for sequence in line.information if sequence in facts] for line in lines]
    if all(named):
        return list({fact.sequence: fact for own in named for fact in own}.values())
    if any(named):
        return None
    taken = {sequence for line in claim.lines for sequence in line.information}
    free = [fact for fact in facts.values() if fact.sequence not in taken]
    users = [line for line in claim.coded if uses_minutes(line) and facts.keys().isdisjoint(line.information)]
    return free if len(free) == 1 and len(users) == len(lines) else None


def _finding(
    claim: Claim, lines: Sequence[Line], minutes: Sequence[Documented], units: float, supported: int
) -> Finding:
    total = sum(float(fact.value) for fact in minutes)
    day = show(lines[0].known.day) if lines[0].known else ""
    codes = ", ".join(dict.fromkeys(line.code or "" for line in lines))
    text = (
        f"{units:g} units of timed therapy ({codes}) on {day}, and {total:g} minutes in all support "
        f"{supported or 'none'} by the 8-minute rule: lower the units, or correct the minutes."
    )
    if units == 1:
        text = text.replace("1 units", "1 unit", 1)
    fix = None
    if len(lines) == 1 and supported and (changes := lowering_units(claim, lines[0], supported)):
        fix = Fix(f"Lower the units of {lines[0].code} to {supported}, and its charge along.", changes)
    paths = [line.path if line.quantity is None else line.path_of("quantity") for line in lines]
    evidence = (("units", f"{units:g}"), ("minutes", f"{total:g}"), ("units supported", supported), ("codes", codes))
    return EDIT.finding(text, *lines, expression=(*paths, *(fact.path for fact in minutes)), evidence=evidence, fix=fix)


def _discipline(line: Line) -> str:
    """The modifier that names the plan of care: physical, occupational or speech therapy; empty without one."""
    return next(
        (
            modifier
            for modifier in line.modifiers
            if modifier in document(__package__, "therapy.yaml")["disciplines"]["codes"]
        ),
        "",
    )


EDIT = Edit(
    id="therapy-units",
    family="time",
    title="More units of timed therapy than its minutes support",
    check=check,
    carc=("151",),
    citation="Medicare Claims Processing Manual, chapter 5, section 20.2",
    when=Feature.TIMED_THERAPY,
    when_also=Feature.MINUTES,
)
