"""What a release says of the ICD-10-CM codes on a claim: in force, billable, edited by the MCE, kept apart by notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from fhir_cpt.claims.facts import DiagnosisFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.model import Claim, DatedDiagnosis, Diagnosis
from terminology import Release
from terminology.edits import DiagnosisEdit, DiagnosisNote
from terminology.model import ICD10CM, Edition
from terminology.period import Day, Period
from terminology.provider import Located
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.keyed import KeyedReader
from terminology.release.reader import Answering

REMEMBERED = 10_000
"""Diagnoses whose facts are kept; each takes a few kilobytes. Those longest unused are forgotten first."""


# Plain integers: flags are combined for every claim, and an IntFlag is slow at it.
_UNFIT = int(Feature.UNFIT_DIAGNOSIS)
_NOT_FIRST = int(Feature.NOT_FIRST_DIAGNOSIS)
_EDITS = {"manifestation": _NOT_FIRST, "age": int(Feature.AGE_DIAGNOSIS), "sex": int(Feature.SEX_DIAGNOSIS)}
_ANY_EDIT = sum(_EDITS.values())
_SEVERAL = int(Feature.SEVERAL_DIAGNOSES)
_SIDED = int(Feature.SIDED_DIAGNOSIS)
_WORD = re.compile(r"[a-z]+")
_SIDES = frozenset({"right", "left"})

_NOT_HELD = DiagnosisFacts(None, None, False, None, features=_UNFIT | _ANY_EDIT | _SIDED)
"""Where no edition of ICD-10-CM answers for the day, nothing is known of any code."""


class Exclusion(NamedTuple):
    """An Excludes1 note that keeps two codes apart: the note, its target, and the edition that it comes from."""

    note: DiagnosisNote
    target: str
    edition: Edition


class BillableCodes(NamedTuple):
    """The first billable codes below a heading, in code order, and how many there are in all."""

    first: tuple[str, ...]
    total: int


def date_diagnoses(claim: Claim, look_up: Callable[[str, Day], DiagnosisFacts]) -> int:
    """Look up every ICD-10-CM diagnosis on the days on which lines use it; returns the features that they give.

    A diagnosis to which no line points counts on the claim's first day. The day of a line is its first, of an inpatient
    stay the last: the code set of the day of discharge holds (ICD-10-CM Official Guidelines, introduction).
    """
    claim.diagnosed.clear()
    features = _SEVERAL if len(claim.diagnoses) > 1 else 0
    at = 1 if claim.inpatient else 0
    days = sorted({line.period[1] for line in claim.lines if line.period}) if claim.inpatient else claim.days
    for diagnosis in claim.diagnoses:
        code = diagnosis.code
        if code is None or diagnosis.system != ICD10CM:
            features |= _UNFIT
            continue
        for day in days if len(days) < 2 else _used_on(claim, diagnosis, at) or days[:1]:
            known = look_up(code, day)
            features |= known.features
            claim.diagnosed.append(DatedDiagnosis(diagnosis, code, day, known))
    return features


def _used_on(claim: Claim, diagnosis: Diagnosis, at: int) -> list[Day]:
    """The days of the lines that point to the diagnosis, each once; `at` chooses a period's first day or last."""
    return sorted({line.period[at] for line in claim.lines if line.period and diagnosis.sequence in line.pointers})


def covers(target: str, code: str) -> bool:
    """Whether a code, heading or range as notes name them (`J36`, `E10`, `E11.0-E11.8`) holds the code."""
    low, _, high = target.partition("-")
    high = high or low
    return code[: len(low)] >= low and code[: len(high)] <= high


def headings(code: str) -> tuple[str, ...]:
    """The code, with its dot, and every heading that it starts with: `E11.65`, `E11.6`, `E11`."""
    return (*(code[:size] for size in range(len(code), 4, -1)), code[:3])


class _Tables:
    """The tables that answer for a day. One object for all days for which they are the same."""

    def __init__(
        self,
        codes: Answering[CompiledCodeSystem],
        mce: Answering[KeyedReader[DiagnosisEdit]] | None,
        notes: Answering[KeyedReader[DiagnosisNote]] | None,
    ) -> None:
        self.codes = codes
        self.mce = mce
        self.notes = notes

    @cached_property
    def ranges(self) -> tuple[str, ...]:
        """The sections and chapters that have notes."""
        return tuple(key for key in self.notes.table if "-" in key) if self.notes else ()


class Diagnoses:
    """The ICD-10-CM tables of one release. Safe between threads (a race only looks up twice)."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._same: dict[tuple[object, ...], _Tables] = {}
        self._on = lru_cache(maxsize=4096)(self._tables_on)
        self._facts = lru_cache(maxsize=REMEMBERED)(self._gather)
        self._parts = lru_cache(maxsize=REMEMBERED)(_spell_out)

    def facts(self, code: str, day: Day) -> DiagnosisFacts:
        """All that is known of the code, written with or without its dot, on the day."""
        tables = self._on(day)
        return _NOT_HELD if tables is None else self._facts(code, tables)

    def period(self, located: Located) -> Period:
        """The days of the edition in which a code was found. Raises EditionNotLoaded where it is of none held."""
        return self._release.code_system(ICD10CM).edition(located.concept.edition).period

    def billable_below(self, code: str, day: Day, limit: int) -> BillableCodes:
        """The billable codes below a heading on the day: the first `limit` of them, and how many there are."""
        tables = self._on(day)
        table = tables.codes.table if tables else None
        found = table.locate(code) if table else None
        if table is None or found is None or found.at is None:
            return BillableCodes((), 0)
        codes = sorted(_leaves(table, found.at))
        return BillableCodes(tuple(codes[:limit]), len(codes))

    def exclusion(self, code: str, other: str, day: Day) -> Exclusion | None:
        """The Excludes1 note on the code, or above it, that keeps the other from it; None where there is none."""
        tables = self._on(day)
        if tables is not None and tables.notes is not None:
            for note in _notes_above(code, tables):
                for target in note.targets:
                    if covers(target, other) and not covers(target, code):
                        return Exclusion(note, target, tables.notes.edition)
        return None

    def _gather(self, code: str, tables: _Tables) -> DiagnosisFacts:
        edition, table, stale = tables.codes
        current = table.locate(code)
        if current is None:
            versions = reversed(self._release.code_system(ICD10CM).versions)
            located = next((found for held in versions if (found := held.locate(code))), None)
            return DiagnosisFacts(located, None, False, edition, stale, features=_UNFIT)
        own = current.concept.code
        billable = current.concept.value("billable") is True
        edits = tables.mce.table.get(own) if tables.mce else ()
        features = (0 if billable else _UNFIT) | (_NOT_FIRST if external_cause(own) else 0)
        for edit in edits:
            features |= _EDITS[edit.kind]
        if side := side_of(current.concept.display or ""):
            features |= _SIDED
        return DiagnosisFacts(
            located=current,
            current=current,
            billable=billable,
            edition=edition,
            stale=stale,
            edits=edits,
            prefixes=frozenset(headings(own)),
            excludes1=frozenset(self._excluded(own, tables)),
            features=features if tables.mce else features | _ANY_EDIT,
            side=side,
        )

    def _excluded(self, code: str, tables: _Tables) -> Iterator[str]:
        """The codes and headings kept from the code.

        A note above it whose target holds the code itself does not mean the code: such a note tells the other codes
        below its heading from this one (D72: not with D72.824).
        """
        for note in _notes_above(code, tables):
            for target in note.targets:
                if not covers(target, code):
                    yield from self._parts(target, tables)

    def _tables_on(self, day: Day) -> _Tables | None:
        """The tables of the day; None where ICD-10-CM is not held, or all editions start later."""
        editions = self._release.code_systems.get(ICD10CM)
        if editions is None or not editions.holds(day):
            return None
        codes, mce = editions.on(day), self._release.diagnosis_edits.on(day)
        notes = self._release.diagnosis_notes.on(day)
        key = (codes.edition, codes.stale, mce and mce.edition, notes and notes.edition)
        return self._same.setdefault(key, _Tables(codes, mce, notes))


def _notes_above(code: str, tables: _Tables) -> Iterator[DiagnosisNote]:
    """The Excludes1 notes on the code, its headings, its section and its chapter."""
    if tables.notes is None:
        return
    for place in (*headings(code), *(key for key in tables.ranges if covers(key, code))):
        for note in tables.notes.table.get(place):
            if note.kind == "excludes1":
                yield note


def _spell_out(target: str, tables: _Tables) -> tuple[str, ...]:
    """A target as codes and headings: a range is those between its ends that stand no lower than the ends do."""
    low, _, high = target.partition("-")
    if not high:
        return (target,)
    table = tables.codes.table
    lowest = max(len(low), len(high))
    between = (table.code(at) for at in table.between(low, high))
    return tuple(code for code in between if len(code) <= lowest and (code == high or not high.startswith(code)))


def side_of(display: str) -> str:
    """The one side that the code's text names, `right` or `left`; empty where it names none or both.

    The digit that tells the side is not in the same place in all codes (ICD-10-CM Official Guidelines, section I.B.13),
    so that the text decides.
    """
    named = _SIDES.intersection(_WORD.findall(display.lower()))
    return next(iter(named)) if len(named) == 1 else ""


def external_cause(code: str) -> bool:
    """Whether the code is of chapter 20, V00-Y99: what brought an injury about. Source: ICD-10-CM, chapter 20."""
    return code.startswith(("V", "W", "X", "Y"))


def _leaves(table: CompiledCodeSystem, at: int) -> Iterable[str]:
    """The billable codes below the concept of that number."""
    for child in table.children(at):
        concept = table.concept(child)
        if concept.value("billable") is True:
            yield concept.code
        yield from _leaves(table, child)
