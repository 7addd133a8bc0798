"""Documented facts that came with the claim: minutes, days of data, elements of decision making.

They are `Claim.supportingInfo` with a category of our CodeSystem `supporting-info`. Source: spec/claim-edits, Terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from fhir_cpt.claims.codings import codings
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.json import Json, dicts, money
from fhir_cpt.claims.model import Claim, Documented, Line
from terminology.model import CANONICAL

SYSTEM = f"{CANONICAL}CodeSystem/supporting-info"
LEVELS = ("straightforward", "low", "moderate", "high")
"""Levels of medical decision making, from the lowest. Source: spec/claim-edits, Terms."""
_MEASURES = ("minutes", "days")
_MINUTES = int(Feature.MINUTES)
_ELEMENTS = ("mdm-problems", "mdm-data", "mdm-risk")
_DECISION_MAKING = int(Feature.DECISION_MAKING)


class Found(NamedTuple):
    """What is documented for a line: `fact`, or None; `unclear` where there are facts and no telling whose they are."""

    fact: Documented | None
    unclear: bool = False


def read_documented(resource: Json, path: str) -> Iterator[Documented]:
    """The documented facts of a Claim; what has another category, or no value of the right kind, is passed over."""
    for at, item in enumerate(dicts(resource.get("supportingInfo"))):
        kind = next((code for system, code, _ in codings(item.get("category")) if system == SYSTEM), None)
        sequence = item.get("sequence")
        value: float | str | None = None
        if kind in _MEASURES:
            value = money(item.get("valueQuantity"))
        elif kind in _ELEMENTS or kind == "note":
            text = item.get("valueString")
            value = text.strip() if isinstance(text, str) else None
            if kind in _ELEMENTS and value is not None:
                value = str(value).lower()
                if value not in LEVELS:
                    continue
        if kind is not None and value is not None:
            number = sequence if isinstance(sequence, int) else at + 1
            yield Documented(number, kind, value, f"{path}.supportingInfo[{at}]")


def features_of(facts: tuple[Documented, ...]) -> int:
    """The features that the facts give their claim."""
    features = 0
    for fact in facts:
        if fact.kind == "minutes":
            features |= _MINUTES
        elif fact.kind in _ELEMENTS:
            features |= _DECISION_MAKING
    return features


def documented_for(claim: Claim, line: Line, kind: str, can_use: Callable[[Line], bool]) -> Found:
    """The fact of a kind that is the line's: the one it names, else the one that no line names and only it can use.

    `can_use` tells which lines have a use for facts of the kind; the line itself is one of them.
    """
    facts = [fact for fact in claim.documented if fact.kind == kind]
    if not facts:
        return Found(None)
    for fact in facts:
        if fact.sequence in line.information:
            return Found(fact)
    named = {sequence for other in claim.lines for sequence in other.information}
    free = [fact for fact in facts if fact.sequence not in named]
    users = [
        other
        for other in claim.coded
        if can_use(other) and not any(fact.sequence in other.information for fact in facts)
    ]
    if len(free) == 1 and users == [line]:
        return Found(free[0])
    return Found(None, unclear=bool(free))
