"""At most so many units of a code, a day or in a longer period, on the claim and on prior ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.history import History, PriorLine
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.payers.applying import start
from fhir_cpt.payers.breach import Breach, amount, either
from fhir_cpt.payers.codes import Procedures, procedures
from fhir_cpt.payers.pack import MaxUnits
from fhir_cpt.rules.edit import MOST_COMPARED
from fhir_cpt.rules.mending import lowering_units
from terminology.period import Day, days_between, month_of, show

_NO_PAST = "no prior claims of the patient came along."
_SHOWN = 5
"""Prior days that evidence names."""


class _Counted(NamedTuple):
    """Units of a service on a day."""

    day: Day
    units: float


def max_units(limit: MaxUnits, payer: str, claim: Claim, lines: Sequence[Line]) -> Iterator[Breach]:
    """The lines at which the units counted go beyond the limit, one breach a code (and day, where it is by the day).

    Other lines count with the codes of `counting`. Prior lines count in periods longer than a day; where none are
    known, it is said that it cannot be told.
    """
    if len(claim.lines) > MOST_COMPARED:
        text = (
            f"Units are not counted: the claim has {len(claim.lines)} lines, and at most {MOST_COMPARED} are compared."
        )
        yield Breach(tuple(lines), text, (claim.path,), missing="fewer lines")
        return
    counting = procedures(limit.counting)
    unknown: list[Line] = []
    for code in dict.fromkeys(line.code or "" for line in lines):
        own = [line for line in lines if line.code == code]
        counted = [line for line in claim.coded if line in own or (line.code and counting.hold(line.code))]
        if limit.per == "day":
            yield from _by_day(limit, payer, claim, code, own, counted)
        else:
            breach = _over_time(limit, payer, claim, code, own, counted, counting)
            if breach is not None:
                yield breach
            elif claim.history is None or not claim.history.has_lines:
                unknown += own
    if unknown:
        codes = either(dict.fromkeys(line.code or "" for line in unknown), "and")
        problem = claim.history.problem if claim.history is not None else ""
        text = f"Whether {codes} was done before is not known here: {problem or _NO_PAST}"
        yield Breach(tuple(unknown), text, tuple(line.code_path for line in unknown), missing="history")


def _by_day(
    limit: MaxUnits, payer: str, claim: Claim, code: str, own: Sequence[Line], counted: Sequence[Line]
) -> Iterator[Breach]:
    for day in sorted({start(line) for line in own}):
        billed = [line for line in own if start(line) == day]
        others = [line for line in counted if start(line) == day and line not in billed]
        units = sum(line.units for line in (*billed, *others))
        if units <= limit.units:
            continue
        beside = " with what counts beside it" if others else ""
        text = f"{payer} pays at most {_units(limit.units)} of {code} a day; {show(day)} has {amount(units)}{beside}."
        fix = None
        if len(billed) == 1 and not others:
            changes = lowering_units(claim, billed[0], limit.units)
            advice = f"Bill {_units(limit.units)} of {code} where no more were done."
            fix = Fix(advice, changes, documentation=True) if changes else None
        yield _breach((*billed, *others), text, limit.units, units, fix=fix)


def _over_time(
    limit: MaxUnits,
    payer: str,
    claim: Claim,
    code: str,
    own: Sequence[Line],
    counted: Sequence[Line],
    counting: Procedures,
) -> Breach | None:
    history = claim.history
    prior = list(_prior(history, code, counting)) if history is not None else []
    beyond: list[Line] = []
    most: float = 0
    days: list[Day] = []
    for line in sorted(own, key=lambda one: (start(one), one.number)):
        before = [item for item in prior if _in_period(limit, item.day, start(line))]
        here = [
            other
            for other in counted
            if _in_period(limit, start(other), start(line))
            and (start(other), other.number) <= (start(line), line.number)
        ]
        units = sum(item.units for item in before) + sum(map(_billed, here))
        if units > limit.units:
            beyond.append(line)
            most = max(most, units)
            days = days or sorted({item.day for item in before} | {start(one) for one in here if one is not line})
    if not beyond:
        return None
    earlier = f" ({', '.join(map(show, days[-_SHOWN:]))})" if days else ""
    text = (
        f"{payer} pays at most {_units(limit.units)} of {code} {_period(limit)}; with what was done before"
        f"{earlier} it is {amount(most)} on {show(start(beyond[0]))}."
    )
    return _breach(tuple(beyond), text, limit.units, most)


def _prior(history: History, code: str, counting: Procedures) -> Iterator[_Counted]:
    for other, lines in history.by_code.items():
        if other == code or counting.hold(other):
            for line in lines:
                yield _Counted(line.start, _in_all(line))


def _in_all(line: PriorLine) -> float:
    return line.units * (days_between(line.start, line.end) + 1)


def _billed(line: Line) -> float:
    return line.units if line.quantity is None else line.quantity


def _in_period(limit: MaxUnits, other: Day, day: Day) -> bool:
    """Whether what was done on the other day counts on the day."""
    per = limit.per
    if isinstance(per, str):
        return per == "lifetime" or other // 10000 == day // 10000
    if other > day:
        return False
    if per.days is not None:
        return days_between(other, day) < per.days
    return month_of(day) - month_of(other) <= (per.full_months or 0)


def _period(limit: MaxUnits) -> str:
    per = limit.per
    if isinstance(per, str):
        return {"lifetime": "in a lifetime", "calendar-year": "in a calendar year"}[per]
    if per.days is not None:
        return f"in {per.days} days"
    return f"until {per.full_months} full months have gone by"


def _units(number: float) -> str:
    return f"{amount(number)} {'unit' if number == 1 else 'units'}"


def _breach(lines: tuple[Line, ...], text: str, limit: float, found: float, **more: object) -> Breach:
    where = tuple(line.path_of("quantity") if line.quantity is not None else line.code_path for line in lines)
    return Breach(lines, text, where, amount(limit), amount(found), **more)  # type: ignore[arg-type]
