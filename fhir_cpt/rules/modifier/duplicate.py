"""The same modifier stands on a line only once.

Why it matters: the second says nothing, takes a place from another, and some payers' front ends reject it.

Fails: 99213 with 25 and 25.
Passes: 99213 with 25 and 95.

Citation: Medicare Claims Processing Manual, chapter 26, section 10.4, item 24D.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.mending import changing


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every modifier that is there again on its line."""
    for line in claim.lines:
        if len(line.modifiers) < 2 or len(set(line.modifiers)) == len(line.modifiers):
            continue
        for code in dict.fromkeys(line.modifiers):
            again = [at for at, other in enumerate(line.modifiers) if other == code][1:]
            if again:
                yield EDIT.finding(
                    f"Modifier {code} is on {line.code or 'the line'} more than once: take the second off.",
                    line,
                    expression=tuple(dict.fromkeys([*(line.modifier_paths[at] for at in again), line.code_path])),
                    evidence=(("modifier", code), ("times", len(again) + 1)),
                    fix=_once(line, again),
                )


def _once(line: Line, again: list[int]) -> Fix | None:
    changes = changing(line, dict.fromkeys(again))
    return Fix("Leave the modifier once.", changes) if changes else None


EDIT = Edit(
    id="modifier-duplicate",
    family="modifier",
    title="The same modifier twice on a line",
    check=check,
    severity="warning",
    carc=("4",),
    citation="Medicare Claims Processing Manual, chapter 26, section 10.4, item 24D",
    when=Feature.SEVERAL_MODIFIERS,
    dated=False,
)
