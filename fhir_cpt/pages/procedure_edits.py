"""What the tables say of a procedure code, edition by edition: MUE, add-on codes, fee schedule, coverage, PTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_cpt.pages.partners import PartnerList, partner_list
from fhir_cpt.pages.reverse import Reverse
from terminology.edits import AddOnEdit, CoveragePolicy, FeeScheduleRow, Mue, Setting
from terminology.model import Edition
from terminology.period import Day
from terminology.release.reader import Answering, Release

SETTINGS: dict[Setting, str] = {
    "practitioner": "Practitioner",
    "hospital": "Outpatient hospital",
    "dme": "DME supplier",
}
ADJUDICATION = {
    1: "each claim line by itself",
    2: "all of the day, a limit of policy: never more",
    3: "all of the day, by clinical data: more may be paid on appeal",
}
PRIMARIES = {
    1: "Paid beside these primary codes only.",
    2: "The contractor decides beside which primary codes it is paid.",
    3: "Paid beside these primary codes, and others that the contractor decides.",
}
PREVIEW = 10
"""PTP partners of each column that the concept's page shows."""


@dataclass(frozen=True)
class MueRow:
    """The unit limit of one setting and edition; None where the edition does not list the code.

    `answers` tells that the edition answers for the day, `stale` that it does so although it ends before.
    """

    setting: str
    edition: Edition
    mue: Mue | None
    adjudication: str
    answers: bool
    stale: bool


@dataclass(frozen=True)
class AddOn:
    """The code as an add-on code: which primaries may stand beside it. `type` is CMS's, 1 to 3."""

    edition: Edition
    type: int
    meaning: str
    primaries: list[AddOnEdit]


@dataclass(frozen=True)
class FeeRows:
    """The rows of the fee schedule's one edition, one a modifier; none where it does not list the code."""

    edition: Edition
    rows: tuple[FeeScheduleRow, ...]
    answers: bool
    stale: bool


@dataclass(frozen=True)
class ProcedureEdits:
    """All of them. Lists of editions are newest first; an empty one means that no such table is held.

    `mue_unknown` names the settings for which no edition answers for the day.
    """

    code: str
    partners: list[PartnerList]
    mues: list[MueRow]
    mue_unknown: list[str]
    add_on_edition: Edition | None
    add_on_stale: bool
    add_on: AddOn | None
    primary_for: tuple[str, ...]
    fees: list[FeeRows]
    policies_held: bool
    policies: list[CoveragePolicy]


def procedure_edits(release: Release, code: str, day: Day) -> ProcedureEdits:
    """What names the code. PTP partners and add-on primaries are those of the day, the rest is told by edition."""
    reverse = Reverse.of(release)
    add_ons = release.add_ons.on(day)
    return ProcedureEdits(
        code=code,
        partners=[
            partner_list(release, setting, column, code, day, count=PREVIEW)
            for setting in ("practitioner", "hospital")
            for column in (1, 2)
            if release.ptp(setting)
        ],
        mues=_mues(release, code, day),
        mue_unknown=[name for setting, name in SETTINGS.items() if release.mue(setting).on(day) is None],
        add_on_edition=add_ons.edition if add_ons else None,
        add_on_stale=add_ons is not None and add_ons.stale,
        add_on=_add_on(release, code, day),
        primary_for=reverse.add_ons(code),
        fees=_fees(release, code, day),
        policies_held=bool(release.coverage),
        policies=reverse.policies(code),
    )


def _mues(release: Release, code: str, day: Day) -> list[MueRow]:
    rows = []
    for setting, name in SETTINGS.items():
        answering = release.mue(setting).on(day)
        for edition, table in release.mue(setting).newest_first:
            held = next(iter(table.get(code)), None)
            told = ADJUDICATION.get(held.mai, "") if held else ""
            answers, stale = _answers(answering, edition)
            rows.append(MueRow(name, edition, held, told, answers, stale))
    return rows


def _fees(release: Release, code: str, day: Day) -> list[FeeRows]:
    answering = release.fee_schedule.on(day)
    return [
        FeeRows(edition, table.get(code), *_answers(answering, edition))
        for edition, table in release.fee_schedule.newest_first
    ]


def _answers(answering: Answering[Any] | None, edition: Edition) -> tuple[bool, bool]:
    """Whether the edition is the one that answers, and whether it is out of date for the day."""
    answers = answering is not None and answering.edition == edition
    return answers, answers and answering is not None and answering.stale


def _add_on(release: Release, code: str, day: Day) -> AddOn | None:
    """From the newest edition that lists the code: its rows carry their own dates."""
    for edition, table in release.add_ons.newest_first:
        if rows := table.get(code):
            held = [row for row in rows if row.start <= day <= row.end]
            kind = (held or rows)[0].type
            return AddOn(edition, kind, PRIMARIES.get(kind, ""), [row for row in held if row.primary])
    return None
