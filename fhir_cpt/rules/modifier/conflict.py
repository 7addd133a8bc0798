"""Modifiers that exclude one another do not stand on one line.

Why it matters: the payer cannot tell which of them holds, and denies the line. Which exclude which is in
`conflicts.yaml`: left and right, professional and technical component, two of those for assistants, and so on.

Fails: 27447 with LT and RT (report 50, or two lines); 71046 with 26 and TC.
Passes: 27447 with LT and 22.

Citation: CMS, NCCI Policy Manual, chapter I; Medicare Claims Processing Manual, chapter 12, sections 20.4, 40 and 50.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import fee_of, paths
from fhir_cpt.rules.modifier.mending import changing, dropping, lifts
from fhir_cpt.rules.modifier.sets import members, read

_BILATERAL = ("1", "3")
"""The service may be given on both sides and is paid for both. Source: CMS, PPRRVU, BILAT SURG."""


class Conflict(NamedTuple):
    """Modifiers that exclude one another: any two of `one_of`, or one of `never` with one of `beside`.

    `keep` are those that stay where the others can go without more knowledge. `text` says how they differ.
    """

    id: str
    one_of: frozenset[str]
    never: frozenset[str]
    beside: frozenset[str]
    keep: frozenset[str]
    text: str

    def among(self, modifiers: tuple[str, ...]) -> list[str]:
        """Those of the modifiers that are in the conflict, each once; empty where there is none."""
        here = dict.fromkeys(modifiers)
        if self.one_of:
            found = [code for code in here if code in self.one_of]
            return found if len(found) > 1 else []
        one, other = [code for code in here if code in self.never], [code for code in here if code in self.beside]
        return one + other if one and other else []


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every conflict on every line."""
    for line in claim.lines:
        if len(line.modifiers) > 1:
            for conflict, codes in _found(_in_force(line)):
                yield EDIT.finding(
                    f"{' and '.join(codes)} exclude each other on one line: {conflict.text}.",
                    line,
                    expression=paths(line, *codes),
                    evidence=(("modifiers", ", ".join(codes)),),
                    fix=_fix(claim, line, conflict, codes, facts),
                )


def _in_force(line: Line) -> tuple[str, ...]:
    """The modifiers without those of another time, which say nothing on the day."""
    ended = dict(line.modified.not_in_force) if line.modified else {}
    return tuple([code for code in line.modifiers if code not in ended]) if ended else line.modifiers


@lru_cache(maxsize=4096)
def _found(modifiers: tuple[str, ...]) -> tuple[tuple[Conflict, list[str]], ...]:
    return tuple([(conflict, codes) for conflict in _conflicts() if (codes := conflict.among(modifiers))])


@cache
def _conflicts() -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            item["id"],
            _codes(item, "one_of"),
            _codes(item, "never"),
            _codes(item, "with"),
            _codes(item, "keep"),
            item["text"],
        )
        for item in read("conflicts.yaml")["conflicts"]
    )


def _codes(item: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(map(str, item.get(key, ())))


def _fix(claim: Claim, line: Line, conflict: Conflict, codes: list[str], facts: Facts) -> Fix | None:
    """The mechanical mend, where there is one; none where a modifier that goes lifts an NCCI edit."""
    if conflict.keep:
        gone = [code for code in codes if code not in conflict.keep]
        return dropping(line, f"Take {', '.join(gone)} off: {conflict.text}.", *gone)
    if conflict.id == "components":
        if line.known is None or line.place in members("technical-component-in-facility", line.known.day):
            return None
        return dropping(line, "If both were given by the practitioner, take both off.", *codes, documentation=True)
    fee = fee_of(line)
    if fee is None or fee.bilateral not in _BILATERAL or line.units != 1 or lifts(claim, facts, line, "LT", "RT"):
        return None
    if conflict.id == "bilateral":
        return dropping(line, "Take the side off: 50 says both.", "LT", "RT", documentation=True)
    if conflict.id == "sides":
        return _both_sides(line)
    return None


def _both_sides(line: Line) -> Fix | None:
    """LT and RT become 50."""
    first, *others = [at for at, code in enumerate(line.modifiers) if code in ("LT", "RT", "50")]
    changes = changing(line, {first: "50", **dict.fromkeys(others)})
    text = "If it was done on both sides in one session, report 50 in the place of LT and RT."
    return Fix(text, changes, documentation=True) if changes else None


EDIT = Edit(
    id="modifier-conflict",
    family="modifier",
    title="Modifiers that exclude each other on one line",
    check=check,
    carc=("4",),
    rarc=("N519",),
    citation="NCCI Policy Manual, chapter I; Medicare Claims Processing Manual, chapter 12, sections 20.4, 40 and 50",
    when=Feature.SEVERAL_MODIFIERS,
)
