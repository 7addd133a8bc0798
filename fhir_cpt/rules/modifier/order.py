"""Modifiers that change what is paid stand before those that only inform.

Why it matters: many payers read the first modifier, or the first two, to price a line, and the rest by eye. Nothing is
denied for the order alone: this is said for information. Modifiers that lift edits or open payment (25, 59 and the
like) may stand anywhere; a payer may want them first or second.

Fails: 73030 with RT and 26.
Passes: 73030 with 26 and RT; 99213 with 25 and 95.

Citation: Medicare Claims Processing Manual, chapter 26, section 10.4, item 24D.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.mending import changing
from fhir_cpt.rules.modifier.sets import members
from terminology.period import Day


def check(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Every line with a pricing modifier after an informational one."""
    for line in claim.lines:
        if len(line.modifiers) > 1 and line.period is not None:
            wanted = _sorted(line.modifiers, line.period.start)
            if wanted != line.modifiers:
                yield EDIT.finding(
                    f"Put the modifiers that change the payment of {line.code or 'the line'} first: "
                    f"{', '.join(wanted)}.",
                    line,
                    expression=tuple(dict.fromkeys([*line.modifier_paths, line.code_path])),
                    evidence=(("given", ", ".join(line.modifiers)), ("in order", ", ".join(wanted))),
                    fix=_fix(line, wanted),
                )


@lru_cache(maxsize=4096)
def _sorted(modifiers: tuple[str, ...], day: Day) -> tuple[str, ...]:
    """The modifiers with the informational ones behind the last pricing one; all else as it was."""
    pricing, informing = members("pricing", day), members("informational", day)
    last = max((at for at, code in enumerate(modifiers) if code in pricing), default=-1)
    late = [code for code in modifiers[: last + 1] if code in informing]
    if not late:
        return modifiers
    early = [code for code in modifiers[: last + 1] if code not in informing]
    return (*early, *late, *modifiers[last + 1 :])


def _fix(line: Line, wanted: tuple[str, ...]) -> Fix | None:
    changes = changing(line, {at: code for at, code in enumerate(wanted) if code != line.modifiers[at]})
    return Fix(f"Order them {', '.join(wanted)}.", changes) if changes else None


EDIT = Edit(
    id="modifier-order",
    family="modifier",
    title="A pricing modifier after an informational one",
    check=check,
    severity="information",
    citation="Medicare Claims Processing Manual, chapter 26, section 10.4, item 24D",
    when=Feature.SEVERAL_MODIFIERS,
    yields_to=("modifier-conflict",),
    dated=False,
)
