"""What CMS's tables say of a procedure code on a day, in lines for people. Units are units of service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from terminology import Release
from terminology.edits import FeeScheduleRow, Setting
from terminology.period import Day
from terminology.release.ptp import PtpReader
from terminology.release.reader import Answering

_SETTINGS: tuple[Setting, ...] = ("practitioner", "hospital", "dme")
_ADJUDICATION = {1: "each claim line", 2: "the day, absolute", 3: "the day, by clinical data"}
_PRIMARIES = {
    1: "beside these only",
    2: "beside what the contractor decides",
    3: "beside these and what else the contractor decides",
}
_SHOWN = 12
"""Primaries of an add-on code that are listed; some have hundreds."""


def facts_of(release: Release, code: str, day: Day) -> Iterator[tuple[str, str]]:
    """Name and value of each fact: unit limits, add-on primaries, fee schedule rows, number of PTP partners.

    A table that does not answer for the day, or does not list the code, is said to: silence would look like no limit.
    """
    for setting in _SETTINGS:
        limits = release.mue(setting).on(day)
        units = [f"{row.value} units, {_ADJUDICATION[row.mai]}" for row in limits.table.get(code)] if limits else []
        yield f"MUE {setting}", _told(limits, units)
    yield "add-on code", _add_on(release, code, day)
    fees = release.fee_schedule.on(day)
    yield "fee schedule", _told(fees, [_fee(row) for row in fees.table.get(code)] if fees else [])
    for setting in _SETTINGS[:2]:
        pairs = release.ptp(setting).on(day)
        yield f"PTP {setting}", _told(pairs, [_partners(pairs.table, code, day)] if pairs else [])


def _told(answering: Answering[Any] | None, found: Sequence[str]) -> str:
    """What was found, with the edition that says so."""
    if answering is None:
        return "not known: no edition is loaded for the day"
    late = ", out of date" if answering.stale else ""
    return f"{'; '.join(found) or 'not listed'}  [{answering.edition.version}{late}]"


def _add_on(release: Release, code: str, day: Day) -> str:
    """The primaries, from the newest edition that lists the code: its rows carry their own dates."""
    answering = release.add_ons.on(day)
    for edition, table in release.add_ons.newest_first:
        if held := [row for row in table.get(code) if row.start <= day <= row.end]:
            primaries = [row.primary for row in held if row.primary]
            more = f" and {len(primaries) - _SHOWN} more" if len(primaries) > _SHOWN else ""
            listed = f": {', '.join(primaries[:_SHOWN])}{more}" if primaries else ""
            return _told(Answering(edition, table, day > edition.end), [f"{_PRIMARIES[held[0].type]}{listed}"])
    return _told(answering, [])


def _fee(fee: FeeScheduleRow) -> str:
    modifier = f"modifier {fee.modifier}: " if fee.modifier else ""
    return (
        f"{modifier}status {fee.status}, work {fee.work_rvu:g} RVU, total {fee.non_facility_total:g} (facility "
        f"{fee.facility_total:g}), global {fee.global_days}, PC/TC {fee.pctc}, bilateral {fee.bilateral}, "
        f"multiple procedure {fee.multiple_procedure}, assistant {fee.assistant}"
    )


def _partners(table: PtpReader, code: str, day: Day) -> str:
    first = sum(1 for _ in table.partners(code, day))
    second = sum(table.edit(other, code, day) is not None for other in table) if code in table else 0
    return f"column 1 of {first:,} pairs, column 2 of {second:,}"
