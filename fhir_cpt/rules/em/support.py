"""What the documented facts support for a visit: a level by minutes, a level by medical decision making.

Either of them suffices, and the higher one may be billed. Source: AMA, CPT, E/M guidelines; spec/claim-edits, Terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fhir_cpt.claims.documented import LEVELS, Found, documented_for
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Fix
from fhir_cpt.claims.model import Claim, Documented, Line
from fhir_cpt.rules.em.levels import Ladder, Rung, ladder_of, place_by_decision, place_by_minutes, place_of
from fhir_cpt.rules.mending import replacing_code
from fhir_cpt.rules.minutes import minutes_for

_ELEMENTS = ("mdm-problems", "mdm-data", "mdm-risk")
_PROLONGED = int(Feature.PROLONGED)
_LEVELLED = int(Feature.LEVELLED_EVALUATION)


class Support(NamedTuple):
    """The ladder of a visit, its own place on it, and the places that the facts support.

    `minutes` is the documented time; `elements` are the documented elements of decision making, `decision` the level
    that they make, None where they do not tell, `unclear` whether some of them may be another line's.
    """

    ladder: Ladder
    billed: int
    minutes: Found
    by_minutes: int | None
    elements: tuple[Documented, ...]
    unclear: bool
    decision: str | None
    by_decision: int | None

    @property
    def rung(self) -> Rung:
        """The rung that is billed."""
        return self.ladder[self.billed]

    @property
    def best(self) -> int | None:
        """The highest place that minutes or decision making support; None where neither supports any."""
        return max((at for at in (self.by_minutes, self.by_decision) if at is not None), default=None)

    @property
    def time(self) -> float | None:
        """The documented minutes, where they are known to be the line's."""
        return float(self.minutes.fact.value) if self.minutes.fact else None

    def evidence(self) -> tuple[tuple[str, object], ...]:
        """The facts, and what the billed code asks for."""
        found: list[tuple[str, object]] = [("code", self.rung.code)]
        if self.rung.minutes is not None:
            found.append(("least minutes", f"{self.rung.minutes:g}"))
        if self.time is not None:
            found.append(("minutes", f"{self.time:g}"))
        if self.rung.decisions:
            found.append(("decision making of the code", " or ".join(self.rung.decisions)))
        found += [(fact.kind, fact.value) for fact in self.elements]
        if self.best is not None:
            found.append(("supported", self.ladder[self.best].code))
        return tuple(found)


def supported(claim: Claim, feature: int) -> Iterator[tuple[Line, Support]]:
    """The claim's visits with the feature (of `Feature`, as an integer), and what the facts support for each.

    None on a hospital's claim, whose levels go by rules of its own.
    """
    if claim.setting == "hospital":
        return
    for line in claim.coded:
        if line.known is not None and line.known.features & feature:
            found = support(claim, line)
            if found is not None:
                yield line, found


def support(claim: Claim, line: Line) -> Support | None:
    """What the facts of the claim support for the line; None where it is no visit with levels on its day."""
    if line.known is None or line.code is None:
        return None
    ladder = ladder_of(line.code, line.known.day)
    if not ladder:
        return None
    billed = place_of(ladder, line.code)
    minutes = minutes_for(claim, line) if ladder[billed].minutes is not None else Found(None)
    by_minutes = place_by_minutes(ladder, float(minutes.fact.value)) if minutes.fact else None
    found = [documented_for(claim, line, kind, _is_levelled) for kind in _ELEMENTS] if ladder[billed].decisions else []
    elements = tuple(item.fact for item in found if item.fact)
    decision = _decided([str(fact.value) for fact in elements])
    by_decision = place_by_decision(ladder, decision) if decision else None
    unclear = any(item.unclear for item in found)
    return Support(ladder, billed, minutes, by_minutes, elements, unclear, decision, by_decision)


def replacement(claim: Claim, line: Line, found: Support) -> Fix | None:
    """The fix that bills the level which the facts support.

    None where they support no level, and where the claim has prolonged service, which goes with the billed code.
    """
    if found.best is None or claim.features & _PROLONGED:
        return None
    code = found.ladder[found.best].code
    text = f"If the record bears these facts out and shows no more, replace {line.code} by {code}."
    return Fix(text, replacing_code(line, code), documentation=True)


def _decided(levels: list[str]) -> str | None:
    """The level that two of the three elements meet; of two elements alone, the one that both have."""
    places = sorted(LEVELS.index(level) for level in levels)
    if len(places) == len(_ELEMENTS) or (len(places) == 2 and places[0] == places[1]):
        return LEVELS[places[1]]
    return None


def _is_levelled(line: Line) -> bool:
    return line.known is not None and bool(line.known.features & _LEVELLED)
