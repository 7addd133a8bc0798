"""At most so many units of a code, a day or in a longer period, on the claim and on prior ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.history import History, PriorLine
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.payers.applying import start
from fhir_cpt.payers.breach import Breach, amount, either
from fhir_cpt.payers.codes import Procedures, procedures
from fhir_cpt.payers.pack import MaxUnits
from fhir_cpt.rules.edit import FEWER_LINES, MOST_COMPARED
from fhir_cpt.rules.mending import lowering_units
from terminology.period import FIRST_DAY, Day, add_days, days_between, month_of, show

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
        yield Breach(tuple(lines), text, (claim.path,), missing=FEWER_LINES)
        return
    counting = _procedures(limit.counting)
    unknown: list[Line] = []
    for code in dict.fromkeys(line.code or "" for line in lines):
        own = [line for line in lines if line.code == code]
        numbers = {line.number for line in own}
        counted = [line for line in claim.coded if line.number in numbers or (line.code and counting.hold(line.code))]
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
    by_day: dict[Day, tuple[list[Line], list[Line]]] = {start(line): ([], []) for line in own}
    for line in own:
        by_day[start(line)][0].append(line)
    numbers = {line.number for line in own}
    for line in counted:
        if line.number not in numbers and start(line) in by_day:
            by_day[start(line)][1].append(line)
    for day, (billed, others) in sorted(by_day.items()):
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
    prior = list(_prior(history, code, counting, _earliest(limit, min(map(start, own))))) if history else []
    if not prior and sum(map(_billed, counted)) <= limit.units:
        return None
    beyond: list[Line] = []
    most: float = 0
    days: list[Day] = []
    coming = deque(sorted(counted, key=_order))
    before: dict[Day, float] = {}
    here: dict[Day, float] = {}
    for line in sorted(own, key=_order):
        day = start(line)
        while coming and _order(coming[0]) <= _order(line):
            other = coming.popleft()
            here[start(other)] = here.get(start(other), 0) + _billed(other)
        if day not in before:
            before[day] = sum(item.units for item in prior if _in_period(limit, item.day, day))
        units = before[day] + sum(count for other, count in here.items() if _in_period(limit, other, day))
        if units > limit.units:
            if not beyond:
                others = [start(one) for one in counted if one is not line and _order(one) <= _order(line)]
                every = {*others, *(item.day for item in prior)}
                days = sorted(one for one in every if _in_period(limit, one, day))
            beyond.append(line)
            most = max(most, units)
    if not beyond:
        return None
    earlier = f" ({', '.join(map(show, days[-_SHOWN:]))})" if days else ""
    text = (
        f"{payer} pays at most {_units(limit.units)} of {code} {_period(limit)}; with what was done before"
        f"{earlier} it is {amount(most)} on {show(start(beyond[0]))}."
    )
    return _breach(tuple(beyond), text, limit.units, most)


_procedures = lru_cache(maxsize=1024)(procedures)


def _order(line: Line) -> tuple[Day, int]:
    return start(line), line.number


def _prior(history: History, code: str, counting: Procedures, earliest: Day) -> Iterator[_Counted]:
    for line in history.since(earliest):
        if line.code == code or counting.hold(line.code):
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


def _earliest(limit: MaxUnits, day: Day) -> Day:
    """The first day that may count on the day, or one before it. See `_in_period`."""
    per = limit.per
    if isinstance(per, str):
        return FIRST_DAY if per == "lifetime" else day // 10000 * 10000
    if per.days is not None:
        return add_days(day, 1 - per.days)
    months = month_of(day) - (per.full_months or 0)
    return months // 12 * 10000 + (months % 12 + 1) * 100


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
