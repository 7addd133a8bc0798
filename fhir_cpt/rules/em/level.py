"""The documented medical decision making supports the level that is billed.

Why it matters: the level of a visit follows from problems, data and risk; two of the three must meet it. A higher code
than they support is lowered in an audit (CARC 150), a lower one gives away what was done. Minutes that support the
billed code settle the matter, since a visit may go by time instead.
A hospital's own lines are outside: its levels go by rules of its own.

Fails: 99215 with low problems, moderate data and moderate risk, which make 99214.
Passes: 99214 with the same; 99215 with the same and 40 documented minutes.

Citation: AMA, CPT, E/M guidelines, levels of medical decision making, 2021 and 2023.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.em.support import Support, replacement, supported

_LEVELLED = int(Feature.LEVELLED_EVALUATION)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit whose decision making, or decision making and minutes, support another level than is billed."""
    del facts
    undecided: list[Line] = []
    for line, found in supported(claim, _LEVELLED):
        if not (found.elements or found.unclear) or found.by_decision == found.billed:
            continue
        if found.by_minutes is not None and found.by_minutes >= found.billed:
            continue
        if found.by_decision is None or found.minutes.unclear:
            undecided.append(line)
        elif found.best != found.billed:
            yield _finding(claim, line, found)
    if undecided:
        text = (
            "Not checked: the documented facts do not tell the level. Two of problems, data and risk must agree, or "
            "all three be given, and each line must name its own facts where several could use them."
        )
        yield EDIT.no_data(text, "mdm", *undecided)


def _finding(claim: Claim, line: Line, found: Support) -> Finding:
    best = found.best if found.best is not None else found.billed
    code = found.ladder[best].code
    if best > found.billed:
        told = f"which supports {code}, a higher level"
    elif found.by_minutes == best != found.by_decision:
        told = f"and {found.time:g} minutes, which support {code}"
    else:
        told = f"which supports {code}"
    elements = ", ".join(f"{fact.kind.removeprefix('mdm-')} {fact.value}" for fact in found.elements)
    text = (
        f"{line.code} stands for {' or '.join(found.rung.decisions)} medical decision making, and the documented "
        f"elements ({elements}) make it {found.decision}, {told}: check the level."
    )
    paths = (line.code_path, *(fact.path for fact in found.elements))
    return EDIT.finding(text, line, expression=paths, evidence=found.evidence(), fix=replacement(claim, line, found))


EDIT = Edit(
    id="em-level",
    family="em",
    title="A level of visit that the documented decision making does not support",
    check=check,
    severity="warning",
    carc=("150",),
    citation="AMA, CPT, E/M guidelines, levels of medical decision making",
    when=Feature.LEVELLED_EVALUATION,
    when_also=Feature.DECISION_MAKING,
)
