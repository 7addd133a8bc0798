"""What a payer may require of a line, each kind as a function that yields the breaches.

Prior authorisation and diagnoses are not here: the edits authorization-missing and medical-necessity look after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.payers.applying import broken, start, within
from fhir_cpt.payers.breach import Breach, either
from fhir_cpt.payers.limits import max_units
from fhir_cpt.payers.pack import Ages, Filing, Modifiers, Places, Require
from fhir_cpt.rules.diagnosis.age import years
from fhir_cpt.rules.mending import adding
from fhir_cpt.rules.modifier.mending import dropping
from terminology.period import Day, add_days, add_months, show


class Case(NamedTuple):
    """The lines of a claim of which a rule of the payer (the pack's title) speaks."""

    payer: str
    claim: Claim
    lines: Sequence[Line]
    today: Day


Check = Callable[[Case], Iterator[Breach]]
"""The breaches of one requirement."""


def check_of(require: Require) -> Check | None:
    """The check of what is required; None for what other edits look after."""
    if (modifiers := require.modifier) is not None:
        return partial(_modifiers, modifiers)
    if (limit := require.max_units) is not None:
        return lambda case: max_units(limit, case.payer, case.claim, case.lines)
    if (ages := require.age) is not None:
        return partial(_ages, ages)
    if (places := require.place) is not None:
        return partial(_places, places)
    if require.referring_provider:
        return _referring
    if require.not_covered:
        return _not_covered
    if (filing := require.timely_filing) is not None:
        return partial(_filing, filing)
    return None


def _modifiers(wanted: Modifiers, case: Case) -> Iterator[Breach]:
    for line in case.lines:
        missing, any_of, excess = broken(wanted, line.modifiers)
        found = " ".join(line.modifiers) or "none"
        if missing or any_of:
            names = either(missing, "and") if missing else either(any_of)
            added = missing or (any_of if len(any_of) == 1 else ())
            mend = f"If it describes the service, add {_noun(missing)} {names} to {line.code}."
            text = f"{case.payer} pays {line.code} only with {_noun(missing)} {names}."
            fix = adding(line, mend, *added) if added else None
            yield Breach((line,), text, (line.code_path,), names, found, fix=fix)
        elif excess:
            names = either(excess, "and")
            where = [path for code, path in zip(line.modifiers, line.modifier_paths, strict=True) if code in excess]
            text = f"{case.payer} does not pay {line.code} with {_noun(excess)} {names}."
            mend = f"If it does not describe the service, take {_noun(excess)} {names} off {line.code}."
            yield Breach(
                (line,),
                text,
                tuple(where),
                f"not {names}",
                found,
                fix=dropping(line, mend, *excess, documentation=True),
            )


def _noun(modifiers: Sequence[str]) -> str:
    return "modifiers" if len(modifiers) > 1 else "modifier"


def _ages(wanted: Ages, case: Case) -> Iterator[Breach]:
    span = _span(wanted)
    for line in case.lines:
        if case.claim.birth is None:
            text = f"Whether {case.payer} pays {line.code} depends on the patient's age, and no birth date is given."
            yield Breach((line,), text, (line.code_path,), span, missing="Patient.birthDate")
            continue
        age = years(case.claim.birth, start(line))
        if not within(wanted, age):
            text = f"{case.payer} pays {line.code} {span}; the patient's age on {show(start(line))} was {age}."
            yield Breach((line,), text, (line.code_path,), span, str(age), str(age))


def _span(ages: Ages) -> str:
    if ages.max is None:
        return f"from age {ages.min}"
    return f"up to age {ages.max}" if ages.min is None else f"from age {ages.min} to {ages.max}"


def _places(wanted: Places, case: Case) -> Iterator[Breach]:
    """A line without a place is left to line-place-of-service; a ChargeItem may come before its place is known."""
    for line in case.lines:
        if line.place is None or (line.place in wanted.within if wanted.within else line.place not in wanted.not_in):
            continue
        where = (line.path_of("locationCodeableConcept"),)
        if wanted.within:
            limit = either(wanted.within)
            text = f"{case.payer} pays {line.code} in place of service {limit}, not in {line.place}."
        else:
            limit = f"not {either(wanted.not_in)}"
            text = f"{case.payer} does not pay {line.code} in place of service {line.place}."
        yield Breach((line,), text, where, limit, line.place)


def _referring(case: Case) -> Iterator[Breach]:
    """Said once for all lines. A ChargeItem may come before the claim that names who referred."""
    claim, lines = case.claim, case.lines
    if claim.referring or claim.kind == "charge":
        return
    codes = either(dict.fromkeys(line.code or "" for line in lines), "and")
    text = f"{case.payer} pays {codes} on referral alone: add the referring provider to the care team."
    expression = (*(line.code_path for line in lines), claim.path)
    yield Breach(tuple(lines), text, expression, "a referring provider", "none")


def _not_covered(case: Case) -> Iterator[Breach]:
    for line in case.lines:
        yield Breach((line,), f"{case.payer} does not cover {line.code}.", (line.code_path,))


def _filing(wanted: Filing, case: Case) -> Iterator[Breach]:
    """Said once, for the line with the earliest deadline first. What is only planned has no deadline."""
    claim = case.claim
    if claim.use != "claim":
        return
    filed = claim.created or case.today
    if is_in_time(wanted, min([start(line) for line in case.lines]), filed):  # as nearly always
        return
    by_deadline = sorted((_deadline(wanted, claim, line), line.number, line) for line in case.lines)
    late = [line for last, _, line in by_deadline if last < filed]
    if not late:
        return
    last, day = show(by_deadline[0][0]), show(start(late[0]))
    text = f"{case.payer} takes claims for {day} until {last}; this one is of {show(filed)}."
    where = (*(line.period_path or line.path for line in late), f"{claim.path}.created")
    yield Breach(tuple(late), text, where, last, show(filed))


def is_in_time(wanted: Filing, first: Day, filed: Day) -> bool:
    """Whether a claim that was filed on the day is in time for services from the first day on."""
    return _after(wanted, first) >= filed


def _deadline(wanted: Filing, claim: Claim, line: Line) -> Day:
    """The last day on which the claim may be filed: counted from a span's first day, on institutional claims its last.

    Source: CMS, Medicare Claims Processing Manual, chapter 1, section 70.
    """
    day = line.period.end if line.period and claim.kind == "institutional" else start(line)
    return _after(wanted, day)


@lru_cache(maxsize=4096)  # claims of one time ask for the same days
def _after(wanted: Filing, day: Day) -> Day:
    return add_days(day, wanted.days) if wanted.days is not None else add_months(day, wanted.months or 0)
