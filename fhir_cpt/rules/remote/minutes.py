"""Treatment management by remote monitoring: the minutes of the calendar month carry its codes.

Why it matters: the first code asks for 20 minutes (from 2026 there is one for 10 to 19), and each further unit for 20
more beside that first code. What the minutes do not carry is denied (CARC 151).

Fails: 99457 with 15 minutes; 99457 and 99458 with 35; 99458 alone.
Passes: 99457 with 20 minutes; 99457 and 99458 with 40; 99470 with 15 in 2026. Without minutes: `no-data`.

Citation: CPT, remote physiologic and therapeutic monitoring treatment management.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fhir_cpt.claims.documented import documented_for
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import lowering_units
from fhir_cpt.rules.minutes import uses_minutes
from fhir_cpt.rules.remote.monitoring import Asked, asked
from fhir_cpt.rules.remote.substitute import put, supported


class Minutes(NamedTuple):
    """The minutes documented for lines that are counted together, and where; `total` is None without any."""

    total: float | None
    paths: tuple[str, ...] = ()
    unclear: bool = False


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Each first code with the further ones of that provider and month; further ones without a first by themselves."""
    if claim.use != "claim":
        return
    lines = [(line, wanted) for line in claim.coded if (wanted := _treatment(line))]
    for line, wanted in lines:
        if wanted.kind == "treatment":
            further = [other for other, more in lines if more.base == line.code and _together(other, line)]
            yield from _first(claim, line, wanted, further, facts)
        elif not any(other.code == wanted.base and _together(line, other) for other, _ in lines):
            yield from _alone(claim, line, wanted)


def _treatment(line: Line) -> Asked | None:
    known = line.known
    if known is None or "remote-monitoring-treatment" not in known.families:
        return None
    return asked(known.code, known.day)


def _month(line: Line) -> int:
    return line.period.end // 100 if line.period else 0


def _together(line: Line, other: Line) -> bool:
    return line.provider == other.provider and _month(line) == _month(other)


def _first(claim: Claim, line: Line, wanted: Asked, further: Sequence[Line], facts: Facts) -> Iterator[Finding]:
    minutes = _minutes(claim, [line, *further])
    if minutes.total is None:
        yield _unknown(minutes, line, *further)
        return
    if not wanted.holds(minutes.total):
        day = line.known.day if line.known else 0
        instead = supported(wanted, minutes.total, day)
        limits = f"{wanted.least} to {wanted.most}" if wanted.most else f"at least {wanted.least}"
        told = f"{line.code} is for {limits} minutes in a calendar month, and the record has {minutes.total:g}"
        text = f"{told}: report {instead.code}." if instead else f"{told}: no code fits them on that day."
        yield EDIT.finding(
            text,
            line,
            expression=(line.code_path, *minutes.paths),
            evidence=(("minutes", f"{minutes.total:g}"), ("least", wanted.least), ("most", wanted.most or "none")),
            fix=None if further else put(instead, claim, line, facts),
        )
    carried: float = wanted.least
    for other in further:
        more = _treatment(other)
        if more is not None:
            yield from _further(claim, other, line, more, minutes, carried)
            carried += more.least * other.units


def _further(
    claim: Claim, line: Line, first: Line, wanted: Asked, minutes: Minutes, carried: float
) -> Iterator[Finding]:
    """The units of a further code against the minutes beyond `carried`, those of the codes before it."""
    needed = carried + wanted.least * line.units
    total = minutes.total or 0
    if total >= needed:
        return
    units = max(0, int((total - carried) // wanted.least))
    text = (
        f"{line.code} with {line.units:g} {'unit' if line.units == 1 else 'units'} beside {first.code} needs "
        f"{needed:g} minutes in the month, and the record has {total:g}: "
        + (f"report {units} of them." if units else "take it off.")
    )
    changes = lowering_units(claim, line, units) if units else ()
    yield EDIT.finding(
        text,
        line,
        expression=(line.code_path, first.code_path, *minutes.paths),
        evidence=(("minutes", f"{total:g}"), ("needed", f"{needed:g}"), ("supported-units", units)),
        fix=Fix(f"Report {units} of {line.code}.", changes) if changes else None,
    )


def _alone(claim: Claim, line: Line, wanted: Asked) -> Iterator[Finding]:
    """A further code whose first is not on the claim: it may have been billed in that month before."""
    if _billed_before(claim, line, wanted.base):
        minutes = _minutes(claim, [line])
        if minutes.total is None:
            yield _unknown(minutes, line)
        elif minutes.total < wanted.least * line.units:
            text = (
                f"{line.code} is for each {wanted.least} minutes beyond {wanted.base}, and {minutes.total:g} are "
                f"documented for {line.units:g} of it."
            )
            paths = (line.code_path, *minutes.paths)
            yield EDIT.finding(text, line, expression=paths, evidence=(("minutes", f"{minutes.total:g}"),))
    elif claim.kind != "charge":
        text = (
            f"{line.code} counts the minutes beyond {wanted.base}, and {wanted.base} is not here for that month by the "
            "same provider: report it too, or take the line off."
        )
        yield EDIT.finding(text, line, expression=(line.code_path,), evidence=(("first", wanted.base),))


def _billed_before(claim: Claim, line: Line, code: str) -> bool:
    if claim.history is None:
        return False
    return any(prior.end // 100 == _month(line) for prior in claim.history.by_code.get(code, ()))


def _minutes(claim: Claim, lines: Sequence[Line]) -> Minutes:
    """The minutes of lines counted together: what any of them names, else the fact that only they can use."""
    named = {sequence for line in lines for sequence in line.information}
    facts = [fact for fact in claim.documented if fact.kind == "minutes" and fact.sequence in named]
    if not facts:
        first, *rest = lines
        found = documented_for(claim, first, "minutes", lambda other: other not in rest and uses_minutes(other))
        if found.fact is None:
            return Minutes(None, unclear=found.unclear)
        facts = [found.fact]
    return Minutes(sum(float(fact.value) for fact in facts), tuple(fact.path for fact in facts))


def _unknown(minutes: Minutes, *lines: Line) -> Finding:
    reason = "the minutes documented may be of another line" if minutes.unclear else "no minutes are documented"
    codes = " and ".join(dict.fromkeys(line.code or "" for line in lines))
    text = f"Not checked: whether the month's minutes carry {codes}, because {reason}."
    return EDIT.no_data(text, "minutes", *lines, expression=tuple([line.code_path for line in lines]))


EDIT = Edit(
    id="remote-monitoring-time",
    family="remote",
    title="Minutes that do not carry treatment management by remote monitoring",
    check=check,
    carc=("151",),
    citation="CPT, remote monitoring treatment management; CMS, physician fee schedule final rules 2020 and 2026",
    when=Feature.REMOTE_MONITORING,
    yields_to=("procedure-unknown", "ncci-add-on"),
    pairwise=True,
)
