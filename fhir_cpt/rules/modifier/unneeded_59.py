"""59 or an X modifier that lifts no edit.

Why it matters: these modifiers open payment that an edit would stop, and payers audit those who add them by habit.
Nothing is denied for it: this is said for information. A modifier is taken as needed where any NCCI edit of indicator
1 stands between the line and another of that provider and day, where the code is on another line too (units and
duplicates are told apart by it), and where the history has another service of that provider and day.

Fails: 97140 with 59 beside 71046.
Passes: 97140 with 59 beside 98940.

Citation: CMS, NCCI Policy Manual, chapter I, section E; CMS, Proper Use of Modifiers 59, XE, XP, XS and XU.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.modifier.sets import members
from fhir_cpt.rules.ncci.pairs import pairs

_CARRIED = int(Feature.SEPARATING_MODIFIER)


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every procedure line with one of them and nothing from which it must be told apart."""
    if claim.setting is None:
        return
    apart: set[int] | None = None
    for line in carrying(claim, _CARRIED):
        known = line.known
        if known is None or known.is_em or _elsewhere(claim, line):
            continue
        answering = facts.release.ptp(claim.setting).on(known.day)
        if answering is None or answering.stale or any(_alike(other, line) for other in claim.coded):
            continue
        if apart is None:
            apart = {
                number
                for pair in pairs(claim, facts)
                if pair.edit.indicator == 1
                for number in (pair.one.number, pair.two.number)
            }
        codes = [code for code in dict.fromkeys(line.modifiers) if code in members("separating", known.day)]
        if codes and line.number not in apart:
            shown = " and ".join(codes)
            yield EDIT.finding(
                f"Modifier {shown} on {line.code} lifts no NCCI edit on this claim: take it off unless the payer asks "
                "for it.",
                line,
                expression=paths(line, *codes),
                evidence=(("modifier", ", ".join(codes)), ("code", line.code)),
                edition=answering.edition,
                fix=dropping(line, f"Take {shown} off {line.code}.", *codes),
            )


def _alike(other: Line, line: Line) -> bool:
    """Whether another line of the day has the code, so that the modifier tells the two apart."""
    return other is not line and other.code == line.code and common_day(other, line) is not None


def _elsewhere(claim: Claim, line: Line) -> bool:
    """Whether the history has a service of that provider and day, from which the line may have to be told apart."""
    history, period = claim.history, line.period
    if history is None or period is None:
        return False
    return any(
        prior.provider == line.provider and prior.start <= period.end and period.start <= prior.end
        for prior in history.lines
    )


EDIT = Edit(
    id="modifier-59-unneeded",
    family="modifier",
    title="59 or an X modifier that lifts no edit",
    check=check,
    severity="information",
    citation="CMS, NCCI Policy Manual, chapter I, section E; CMS, Proper Use of Modifiers 59, XE, XP, XS and XU",
    needs=("procedure", "ptp"),
    when=Feature.SEPARATING_MODIFIER,
    pairwise=True,
)
