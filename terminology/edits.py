"""Rows of the tables that are keyed by codes: NCCI edits, the physician fee schedule, coverage, code edits.

Amounts, values and units are as the agency's file has them: RVUs and factors in decimal, money in US
dollars, MUE values in units of service. Days are integers YYYYMMDD; 0 and 99991231 stand for open ends.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Literal

from terminology.model import Record
from terminology.period import FIRST_DAY, LAST_DAY, Day

Setting = Literal["practitioner", "hospital", "dme"]
"""Which of CMS's parallel NCCI tables: practitioner (and ASC), outpatient hospital, DME supplier."""


class PtpEdit(Record, frozen=True):
    """A procedure-to-procedure edit in force during one window. Column 2 is not paid beside column 1.

    `indicator`: 0 no modifier lifts it, 1 an NCCI-associated modifier may, 9 it never applied.
    Source: CMS, Medicare NCCI PTP edit files.
    """

    column1: str
    column2: str
    start: Day
    end: Day
    indicator: int
    rationale: str
    prior_to_1996: bool = False


@dataclass
class PtpColumns:
    """The rows of PTP files, column by column: 2.5 million rows as objects would not fit in memory.

    All arrays have one item a row. `column1` and `column2` index `codes`, `rationale` indexes `rationales`.
    """

    codes: list[str] = field(default_factory=list)
    rationales: list[str] = field(default_factory=list)
    column1: array[int] = field(default_factory=lambda: array("H"))
    column2: array[int] = field(default_factory=lambda: array("H"))
    start: array[int] = field(default_factory=lambda: array("I"))
    end: array[int] = field(default_factory=lambda: array("I"))
    indicator: array[int] = field(default_factory=lambda: array("B"))
    rationale: array[int] = field(default_factory=lambda: array("B"))
    prior_to_1996: array[int] = field(default_factory=lambda: array("B"))

    def __len__(self) -> int:
        return len(self.column1)


class Mue(Record, frozen=True):
    """A medically unlikely edit: the most units of a code for one patient.

    `mai`: 1 each claim line, 2 the day, absolute policy, 3 the day, clinical (may be appealed).
    Source: CMS, Medicare NCCI MUE tables.
    """

    code: str
    value: int
    mai: int
    rationale: str


class AddOnEdit(Record, frozen=True):
    """An add-on code and one primary that it may accompany.

    `type`: 1 the list of primaries is complete, 2 the contractor defines them, 3 the list is incomplete.
    `primary` is None where the contractor defines it (`CCCCC` in the file). `code_end`, `primary_end` are
    the deletion days of the codes themselves. Source: CMS, NCCI add-on code edits.
    """

    type: int
    code: str
    primary: str | None
    start: Day = FIRST_DAY
    end: Day = LAST_DAY
    code_end: Day = LAST_DAY
    primary_end: Day = LAST_DAY
    note: str = ""


class FeeScheduleRow(Record, frozen=True):
    """A row of the physician fee schedule's relative value file, PPRRVU (layout of 31 or 32 columns).

    `modifier` is '', `26`, `TC` or `53`. RVUs as published; `conversion_factor` in US dollars per RVU.
    `pre`, `intra` and `post` are shares of the global payment. Indicators keep CMS's codes. `na_*` is True
    where CMS marks the practice expense NA (rarely or never done in that kind of place).
    Source: CMS, National Physician Fee Schedule Relative Value File, record layout RVUyyX.
    """

    code: str
    modifier: str
    status: str
    work_rvu: float
    non_facility_pe_rvu: float
    na_non_facility: bool
    facility_pe_rvu: float
    na_facility: bool
    mp_rvu: float
    non_facility_total: float
    facility_total: float
    pctc: str
    global_days: str
    pre: float
    intra: float
    post: float
    multiple_procedure: str
    bilateral: str
    assistant: str
    co_surgeon: str
    team: str
    endoscopic_base: str
    conversion_factor: float
    supervision: str
    calculation_flag: str
    imaging_family: str
    opps_non_facility_pe: float
    opps_facility_pe: float
    opps_mp: float
    pricing_indicator: str = ""


class Gpci(Record, frozen=True):
    """Geographic practice cost indices of one Medicare locality. Source: CMS, PFS addendum E."""

    contractor: str
    locality: str
    state: str
    name: str
    work: float
    practice_expense: float
    malpractice: float


class AnesthesiaFactor(Record, frozen=True):
    """The anesthesia conversion factor of one locality, US dollars per unit. Source: CMS, ANESyyyy."""

    contractor: str
    locality: str
    name: str
    factor: float


class Locality(Record, frozen=True):
    """Which counties a Medicare locality covers. Source: CMS, yyLOCCO."""

    contractor: str
    locality: str
    state: str
    area: str
    counties: str


class OppsCap(Record, frozen=True):
    """A price capped at the hospital outpatient rate, US dollars. Source: CMS, OPPSCAP."""

    code: str
    modifier: str
    status: str
    contractor: str
    locality: str
    facility_price: float
    non_facility_price: float


class ZipLocality(Record, frozen=True):
    """The Medicare locality of a five-digit ZIP code. `plus_four` is True where nine digits decide.

    `rural` is CMS's indicator: '' urban, R rural, B super-rural. Source: CMS, ZIP code to carrier locality file.
    """

    zip: str
    state: str
    contractor: str
    locality: str
    rural: str
    plus_four: bool


class DiagnosisEdit(Record, frozen=True):
    """A Medicare Code Editor edit on a diagnosis.

    `kind`: age, sex or manifestation. For age, `low` and `high` are the years for which the code is right
    (both included); for sex, `sex` is `male` or `female`. Source: CMS, Definitions of Medicare Code Edits.
    """

    code: str
    kind: Literal["age", "sex", "manifestation"]
    low: int = 0
    high: int = 124
    sex: str = ""
    group: str = ""


NoteKind = Literal["excludes1", "excludes2", "code-first", "use-additional", "code-also"]


class DiagnosisNote(Record, frozen=True):
    """An instructional note of the ICD-10-CM tabular list, with the codes that its text names.

    `targets` holds codes and ranges as written, without trailing `-`: `J00-J22`, `A18.32`, `O98`. A note on a
    chapter or section stands on its range (`code` = `A00-B99`). Source: CDC/NCHS, ICD-10-CM tabular list.
    """

    code: str
    kind: NoteKind
    text: str
    targets: tuple[str, ...] = ()


class CoveragePolicy(Record, frozen=True):
    """What a Medicare billing article or LCD asks of a procedure: one row for each group of codes.

    `procedures` are the codes it governs; `covered` and `not_covered` the ICD-10-CM codes, with the dot.
    Source: CMS, Medicare Coverage Database export tables.
    """

    id: str
    version: str
    title: str
    group: str
    procedures: tuple[str, ...]
    covered: tuple[str, ...]
    not_covered: tuple[str, ...] = ()
    start: Day = FIRST_DAY
    end: Day = LAST_DAY
    related: tuple[str, ...] = ()
