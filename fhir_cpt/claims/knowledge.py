"""What a release says of the codes on a claim, looked up once and remembered.

The door through which edits see the terminology: no edit opens a table by itself. Days are integers YYYYMMDD.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import msgspec

from fhir_cpt.claims.answering import AnsweringEditions
from fhir_cpt.claims.coverage import Coverage
from fhir_cpt.claims.diagnoses import BillableCodes, Diagnoses
from fhir_cpt.claims.facts import CodeFacts, DiagnosisFacts, Status
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.modifiers import Modifiers
from fhir_cpt.claims.requirements import Requirements, nothing_asked
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.families import features as family_features
from terminology import Release
from terminology.edits import AddOnEdit, Setting
from terminology.model import PLACE_OF_SERVICE, Concept, Edition
from terminology.period import Day, Period
from terminology.provider import Located
from terminology.release.ptp import PtpReader
from terminology.release.reader import Answering

REMEMBERED = 50_000
"""Codes (by day) whose facts are kept; when more are asked for, all are forgotten and gathered anew."""
_DAYS_REMEMBERED = 256
"""Sets of days whose editions are kept. A set may be as large as a claim, and claims of one sender share few."""

T = TypeVar("T")
_SPECIAL_STATUS = frozenset("BPIGNTRC")
_GLOBAL = {
    "000": Feature.MINOR_SURGERY,
    "010": Feature.MINOR_SURGERY | Feature.GLOBAL_PERIOD,
    "090": Feature.MAJOR_SURGERY | Feature.GLOBAL_PERIOD,
}
"""What the global days of the fee schedule make of a code. Source: CMS, PPRRVU record layout, GLOB DAYS."""
_NONE_MET: Mapping[str, CodeFacts] = {}
_SETTINGS: tuple[Setting, ...] = ("practitioner", "hospital", "dme")


class Knowledge:
    """The facts of one release. Shared by all requests; safe between threads (a race only looks up twice)."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.diagnoses = Diagnoses(release)
        self.modifiers = Modifiers(release)
        self.coverage = Coverage(release)
        self._codes: dict[tuple[str, Day, Setting | None], dict[str, CodeFacts]] = {}
        self._met = 0
        self._billable: dict[Hashable, BillableCodes] = {}
        self._places: dict[Hashable, tuple[Concept | None]] = {}
        self._global_days: dict[Hashable, frozenset[str]] = {}
        self._answering = lru_cache(maxsize=_DAYS_REMEMBERED)(self._editions_for)
        self._spans = lru_cache(maxsize=REMEMBERED)(PtpReader.span)

    def answering(self, setting: Setting | None, systems: frozenset[str], days: tuple[Day, ...]) -> AnsweringEditions:
        """The editions that answer for the days."""
        return self._answering(setting, systems, days)

    def _editions_for(
        self, setting: Setting | None, systems: frozenset[str], days: tuple[Day, ...]
    ) -> AnsweringEditions:
        return AnsweringEditions(self.release, setting, systems, days)

    def code(self, system: str, code: str, day: Day, setting: Setting | None) -> CodeFacts:
        """The facts of a procedure code (CPT or HCPCS URI) on a day."""
        return self.codes_on(system, day, setting).get(code) or self._look_up(system, code, day, setting)

    def codes_on(self, system: str, day: Day, setting: Setting | None) -> Mapping[str, CodeFacts]:
        """The facts of those codes of a system that were met before on the day; ask `code` for others."""
        return self._codes.get((system, day, setting), _NONE_MET)

    def _look_up(self, system: str, code: str, day: Day, setting: Setting | None) -> CodeFacts:
        if self._met >= REMEMBERED:
            self._codes.clear()
            self._met = 0
        self._met += 1
        found = self._codes.setdefault((system, day, setting), {})[code] = self._gather(system, code, day, setting)
        return found

    def diagnosis(self, code: str, day: Day) -> DiagnosisFacts:
        """The facts of an ICD-10-CM code on a day; without an edition where the code system is not held."""
        return self.diagnoses.facts(code, day)

    def billable_below(self, code: str, day: Day, limit: int) -> BillableCodes:
        """The billable codes below an ICD-10-CM heading on the day: the first `limit`, and how many there are."""
        return self._remember(
            self._billable, (code, day, limit), lambda: self.diagnoses.billable_below(code, day, limit)
        )

    def anywhere(self, system: str, code: str) -> Located | None:
        """The code in the newest edition that has it."""
        editions = self.release.code_systems.get(system)
        if editions is None:
            return None
        for held in reversed(editions.versions):
            found = held.locate(code)
            if found is not None:
                return found
        return None

    def ptp_pairs(self, setting: Setting, codes: Sequence[str]) -> Iterator[tuple[int, int, Edition, PtpReader]]:
        """The positions (column 1, column 2) of codes that some window keeps apart, with the table that says so.

        The newest edition speaks for every code that it lists, an older one for those that no newer one does.
        """
        newer: list[PtpReader] = []
        for edition, table in self.release.ptp(setting).newest_first:
            if newer and all(any(code in other for other in newer) for code in codes):
                return
            for first, second in table.pairs(codes):
                if not any(codes[first] in other and codes[second] in other for other in newer):
                    yield first, second, edition, table
            newer.append(table)

    def place(self, code: str, day: Day) -> Concept | None:
        """The place of service code, where it is in force on the day; None also where no such table is held."""
        return self._remember(self._places, (code, day), lambda: (self._place(code, day),))[0]

    def _place(self, code: str, day: Day) -> Concept | None:
        editions = self.release.code_systems.get(PLACE_OF_SERVICE)
        found = editions.on(day).table.locate(code) if editions else None
        return found.concept if found and found.concept.period.holds(day) else None

    def _gather(self, system: str, code: str, day: Day, setting: Setting | None) -> CodeFacts:
        facts = CodeFacts(system, code, day)
        release = self.release
        if fees := release.fee_schedule.on(day):
            facts.fees = fees.table.get(code)
            facts.fee = next((row for row in facts.fees if not row.modifier), None)
        if setting is not None and (mue := release.mue(setting).on(day)):
            facts.mue = next(iter(mue.table.get(code)), None)
            facts.most_units = math.inf if facts.mue is None else facts.mue.value
        facts.add_ons = self.add_ons(code)
        self._place_in_time(facts)
        if facts.status == "unknown" and system in release.code_systems:
            return facts  # procedure-unknown speaks of it; in no family, so that no edit goes by the range it lies in
        facts.families = families_of(code, day)
        facts.is_em = "em" in facts.families
        facts.features = _features(facts)
        facts.policies = self.coverage.policies(code, day)
        if facts.policies:
            facts.features |= int(Feature.COVERED)
        return facts

    def add_ons(self, code: str) -> tuple[AddOnEdit, ...]:
        """All rows of an add-on code: of the newest edition that lists it."""
        for _, table in self.release.add_ons.newest_first:
            if rows := table.get(code):
                return rows
        return ()

    def global_days(self, code: str) -> frozenset[str]:
        """The global days that the editions of the fee schedule give the code; empty where none lists it."""
        return self._remember(
            self._global_days,
            code,
            lambda: frozenset(
                row.global_days
                for _, table in self.release.fee_schedule.newest_first
                for row in table.get(code)
                if not row.modifier
            ),
        )

    def _place_in_time(self, facts: CodeFacts) -> None:
        editions = self.release.code_systems.get(facts.system)
        if editions is None:
            return
        answering = editions.on(facts.day)
        found = answering.table.locate(facts.code)
        facts.complete = answering.table.content == "complete"
        if found is None:
            elsewhere = self.anywhere(facts.system, facts.code)
            if elsewhere is not None:
                facts.concept = elsewhere.concept
                facts.status = "not-in-force" if facts.complete and not answering.stale else "unlisted"
            return
        facts.concept = found.concept
        if found.concept.value("modifier") is True:
            return
        if not found.concept.start <= facts.day <= found.concept.end:
            facts.status = "not-in-force"
        elif facts.complete:
            facts.status = "in-force"
        else:
            facts.status = self._fragment_status(facts)

    def _fragment_status(self, facts: CodeFacts) -> Status:
        """What the tables of the day let one conclude of a code of a system that is not held whole.

        The fee schedule of the day decides where there is one, and where it speaks for such codes at all. Without it
        NCCI's tables are asked: units (the day's MUE lists the code, in any setting), add-ons (the code's deletion
        day), pairs (from the first to the last day of the code's edits).
        """
        if facts.fees or facts.concept is None or facts.concept.value("category") in ("PLA", "MAAA", None):
            return "in-force"
        code, day, release = facts.code, facts.day, self.release
        schedule = release.fee_schedule.on(day)
        if schedule is not None and not schedule.stale:
            return "unlisted"
        for setting in _SETTINGS:
            limits = release.mue(setting).on(day)
            if limits is not None and not limits.stale and code in limits.table:
                return "in-force"
        if facts.add_ons and all(row.code_end < day for row in facts.add_ons):
            return "unlisted"
        spans = [(answer.stale, span) for answer, span in self.pair_spans(code, day)]
        if any(not stale and span.holds(day) for stale, span in spans):
            return "in-force"
        if spans and all(span.end < day for _, span in spans):
            return "unlisted"
        return "undetermined"

    def pair_spans(self, code: str, day: Day) -> Iterator[tuple[Answering[PtpReader], Period]]:
        """For each setting whose PTP edits have the code: the edition that answers, and the days of its edits."""
        for setting in _SETTINGS:
            pairs = self.release.ptp(setting).on(day)
            if pairs is not None and (span := self._spans(pairs.table, code)):
                yield pairs, span

    def _remember(self, memory: dict[Hashable, T], key: Hashable, look_up: Callable[[], T]) -> T:
        found = memory.get(key)
        if found is None:
            if len(memory) >= REMEMBERED:
                memory.clear()
            found = memory[key] = look_up()
        return found


def _features(facts: CodeFacts) -> int:
    features = Feature.NONE
    if facts.status in ("not-in-force", "unlisted", "undetermined"):
        features |= Feature.OUT_OF_FORCE
    if facts.mue:
        features |= Feature.MUE_LINE if facts.mue.mai == 1 else Feature.MUE_DATE
    if facts.add_ons:
        features |= Feature.ADD_ON
    if fee := facts.fee:
        features |= _GLOBAL.get(fee.global_days, Feature.NONE)
        if fee.status in _SPECIAL_STATUS:
            features |= Feature.SPECIAL_STATUS
        if fee.na_facility or fee.na_non_facility:
            features |= Feature.NA_PLACE
        if fee.na_non_facility:
            features |= Feature.NA_OUTSIDE
    if facts.concept and facts.concept.value("category") == "II":
        features |= Feature.CATEGORY_II
    found = int(features)
    of_families = family_features()
    for family in facts.families:
        found |= of_families.get(family, 0)
    return found


class Facts(msgspec.Struct, frozen=True, eq=False):
    """What an edit may look at beside the claim."""

    knowledge: Knowledge
    today: Day
    medicare: bool = False
    """Whether the rules of Medicare hold: the payer's pack says so."""
    requirements: Requirements = nothing_asked
    """What the payer's packs ask of a service."""

    @property
    def release(self) -> Release:
        """The tables themselves, for edits that ask about several codes at once."""
        return self.knowledge.release
