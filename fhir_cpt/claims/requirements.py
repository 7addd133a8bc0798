"""What a payer's pack asks of a service, as edits see it: prior authorisations and diagnoses.

Edits do not know how a pack is written. Source: spec/claim-edits, payer packs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from fhir_cpt.claims.finding import Severity
from fhir_cpt.claims.model import Claim, Line

Asked = Literal["prior-authorization", "diagnosis"]


class Requirement(NamedTuple):
    """One rule of a pack that applies to a line: its id, what it says, and what it cites.

    `diagnoses` are the ICD-10-CM codes (with the dot) and ranges (`E08-E13`) one of which is asked for; a code stands
    for all codes that start with it. `message` is the pack's own sentence, empty where it has none.
    """

    id: str
    title: str
    citation: str
    message: str = ""
    severity: Severity = "error"
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()


Requirements = Callable[[Asked, Claim, Line], Sequence[Requirement]]
"""The rules of a payer's packs that ask this of a line, on its day."""


def nothing_asked(_asked: Asked, _claim: Claim, _line: Line) -> Sequence[Requirement]:
    """A payer whose packs ask for nothing."""
    return ()
