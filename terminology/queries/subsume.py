"""How two codes of one system stand to each other. FHIR: CodeSystem-operation-subsumes."""

from __future__ import annotations

from typing import Literal

from terminology.filters import ancestors
from terminology.queries.directory import DayDirectory
from terminology.queries.lookup import lookup

Outcome = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]


def subsumes(directory: DayDirectory, system: str, code_a: str, code_b: str, version: str | None = None) -> Outcome:
    """Whether code A subsumes code B.

    A modified expression is subsumed by nothing, its own code included: CPT has no subsumption. Raises
    CodeSystemUnknown, EditionNotLoaded, CodeNotFound.
    """
    one, other = (lookup(directory, system, code, version) for code in (code_a, code_b))
    if one.located.concept.code == other.located.concept.code:
        return "equivalent"
    first, second = one.located.at, other.located.at
    if first is None or second is None:
        return "not-subsumed"
    if first in ancestors(other.resolved.provider, second):
        return "subsumes"
    if second in ancestors(one.resolved.provider, first):
        return "subsumed-by"
    return "not-subsumed"
