"""The facts of one code on one day, gathered from a release: of a procedure code, and of a diagnosis."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import msgspec

from terminology.edits import AddOnEdit, CoveragePolicy, DiagnosisEdit, FeeScheduleRow, Mue
from terminology.model import Concept, Edition
from terminology.period import Day
from terminology.provider import Located

Status = Literal["in-force", "not-in-force", "unlisted", "undetermined", "unknown"]
"""A procedure code on a day. Of a code known to exist in a system that is not held whole: `unlisted` where the tables
of the day speak against it (the fee schedule has it not, NCCI's rows for it have ended), `undetermined` where they
say nothing."""


class Governing(NamedTuple):
    """A group of a coverage policy that governs a code, and its diagnoses as sets (some lists have thousands)."""

    policy: CoveragePolicy
    covered: frozenset[str]
    not_covered: frozenset[str]


class CodeFacts:
    """What the release says of a procedure code on a day, in one setting.

    `concept` is the code in the edition of the day, else in any; None where no edition has it. `complete` tells
    whether the code system is held whole (so that an absent code is wrong) or as a fragment. A modifier has a
    concept, but its status is `unknown`: it names no procedure. `most_units` is the value of the MUE.
    """

    __slots__ = (
        "add_ons",
        "code",
        "complete",
        "concept",
        "day",
        "families",
        "features",
        "fee",
        "fees",
        "is_em",
        "most_units",
        "mue",
        "policies",
        "status",
        "system",
    )

    def __init__(self, system: str, code: str, day: Day) -> None:
        self.system = system
        self.code = code
        self.day = day
        self.concept: Concept | None = None
        self.status: Status = "unknown"
        self.complete = False
        self.fees: tuple[FeeScheduleRow, ...] = ()
        self.fee: FeeScheduleRow | None = None
        self.mue: Mue | None = None
        self.most_units = math.inf
        self.add_ons: tuple[AddOnEdit, ...] = ()
        self.policies: tuple[Governing, ...] = ()
        self.families: frozenset[str] = frozenset()
        self.is_em = False
        self.features = 0


class ModifierFacts(msgspec.Struct, frozen=True, eq=False):
    """What is known of a line's modifiers on its day, all together.

    `unknown` are those that no edition of CPT or HCPCS has, `not_in_force` the concepts of those that are not in force
    on the day, by their codes, `untold` those whose code system is not held for the day. `features` are those of
    `Feature` that the modifiers give a claim.
    """

    unknown: tuple[str, ...] = ()
    not_in_force: tuple[tuple[str, Concept], ...] = ()
    features: int = 0
    untold: tuple[str, ...] = ()


class DiagnosisFacts(msgspec.Struct, frozen=True, eq=False):
    """An ICD-10-CM code on a day: in any edition, in the edition of the day, and whether it may be billed.

    `stale`: the edition that answers is not the day's own. `edits` are the Medicare Code Editor's. `prefixes` are
    the code and the headings that it starts with; `excludes1` the codes and headings that a note on any of them, or on
    their section or chapter, keeps apart from the code. `side` is `right` or `left`, empty for all that is on neither
    side, on both, or on one that is not said. `features` are those of `Feature` that the code gives a claim;
    a table that is not held gives those that it might, so that no edit passes for want of it.
    """

    located: Located | None
    current: Located | None
    billable: bool
    edition: Edition | None
    stale: bool = False
    edits: tuple[DiagnosisEdit, ...] = ()
    prefixes: frozenset[str] = frozenset()
    excludes1: frozenset[str] = frozenset()
    features: int = 0
    side: str = ""

    @property
    def code(self) -> str:
        """The code as the edition of the day writes it, with its dot; empty where that edition does not have it."""
        return self.current.concept.code if self.current else ""
