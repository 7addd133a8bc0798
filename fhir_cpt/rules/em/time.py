"""Minutes that are documented for a visit must reach what its code needs.

Why it matters: the level of a visit may be chosen by the total time on its date. Where the record gives fewer minutes
than the code needs, and decision making does not carry the code, an audit lowers the level (CARC 150). The minutes are
those of the year of the service. Decision making that is documented and supports the code makes up for missing minutes,
and minutes say nothing against a code while the documented elements are too few to tell.
A hospital's own lines are outside: its levels go by rules of its own.

Fails: 99214 on 2026-10-15 with 29 documented minutes, which support 99213.
Passes: 99214 with 30 minutes; with 20 minutes and moderate problems, data and risk.

Citation: AMA, CPT, E/M guidelines (time), in the editions of 2021, 2023 and 2024.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.em.support import Support, replacement, supported

_TIMED = int(Feature.TIMED_EVALUATION)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every visit whose minutes are too few for its code; said once for those whose minutes cannot be told."""
    del facts
    unclear: list[Line] = []
    for line, found in supported(claim, _TIMED):
        if found.rung.minutes is None:
            continue
        if found.minutes.unclear:
            unclear.append(line)
        elif found.time is not None and found.time < found.rung.minutes and not _carried(found):
            yield _finding(claim, line, found)
    if unclear:
        text = (
            "Not checked: minutes are documented, and several services could have taken them. Let each line name its "
            "own by informationSequence."
        )
        yield EDIT.no_data(text, "minutes", *unclear)


def _carried(found: Support) -> bool:
    """Whether decision making supports the code, or may do so: some of it is documented, and it does not tell."""
    if found.by_decision is not None:
        return found.by_decision >= found.billed
    return found.unclear or bool(found.elements)


def _finding(claim: Claim, line: Line, found: Support) -> Finding:
    if found.best is None:
        told = "which support no code for this kind of visit by time"
    else:
        told = f"which support {found.ladder[found.best].code}"
    asked = f"{found.rung.minutes:g} minutes" + (" where its level goes by time" if found.rung.decisions else "")
    text = f"{line.code} needs {asked}, and {found.time:g} are documented, {told}: check the level."
    fact = found.minutes.fact
    paths = (line.code_path, fact.path) if fact else (line.code_path,)
    return EDIT.finding(text, line, expression=paths, evidence=found.evidence(), fix=replacement(claim, line, found))


EDIT = Edit(
    id="em-time",
    family="em",
    title="Fewer minutes than the level of a visit needs",
    check=check,
    severity="warning",
    carc=("150",),
    citation="AMA, CPT, E/M guidelines (time), in the edition of the year of service",
    when=Feature.TIMED_EVALUATION,
    when_also=Feature.MINUTES,
    yields_to=("em-level",),
)
