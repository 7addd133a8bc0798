"""A line points to diagnoses that are there, and to no more than the 837 has room for (four).

Why it matters: a pointer to nothing leaves the service without a reason; a fifth pointer is lost on the way, or the
claim sent back.

Fails: a line that points to diagnosis 3 of two; a professional line with five pointers.
Passes: a line that points to diagnoses 1 and 2.

Citation: ASC X12N 005010X222A1, SV107; Medicare Claims Processing Manual, chapter 26, section 10.4, item 24E.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit

MOST = 4
"""Pointers that a professional line has room for: SV107 has four components, in every version of the 837 since 4010."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """The pointers of every item; a detail has its item's."""
    del facts
    sequences = {diagnosis.sequence for diagnosis in claim.diagnoses}
    given = [line.pointers for line in claim.lines]
    if sequences.issuperset(chain.from_iterable(given)) and max(map(len, given), default=0) <= MOST:
        return  # as nearly always
    for line in claim.lines:
        pointers = line.pointers
        dangling, count = not sequences.issuperset(pointers), len(pointers)
        if not (dangling or count > MOST) or line.detail:
            continue
        if dangling:
            yield _dangling(line, sequences)
        if count > MOST and claim.professional:
            text = f"{line.shown} points to {count} diagnoses, and a line takes {MOST}: keep the {MOST} that matter."
            surplus = tuple([_path(line, at) for at in range(MOST, count)])
            yield EDIT.finding(text, line, expression=surplus, evidence=(("pointers", count),))


def _dangling(line: Line, sequences: set[int]) -> Finding:
    wrong = [(at, pointer) for at, pointer in enumerate(line.pointers) if pointer not in sequences]
    names = ", ".join(str(pointer) for _, pointer in wrong)
    text = f"{line.shown} points to diagnosis {names}, which the claim does not have: correct the pointer, or add it."
    return EDIT.finding(text, line, expression=tuple([_path(line, at) for at, _ in wrong]))


def _path(line: Line, at: int) -> str:
    return line.path_of(f"diagnosisSequence[{at}]")


EDIT = Edit(
    id="diagnosis-pointer",
    family="diagnosis",
    title="A pointer to no diagnosis, or too many of them",
    check=check,
    code="value",
    carc=("16",),
    rarc=("M76",),
    disposition="reject",
    citation="ASC X12N 005010X222A1, SV107 (diagnosis pointers); Medicare Claims Processing Manual, chapter 26, 10.4",
    dated=False,
)
