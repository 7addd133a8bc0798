"""The device code of remote monitoring fits the days on which data arrived.

Why it matters: a device is paid for a period of 30 days in which it sent data on enough of them; with fewer the line is
denied (CARC 151). From 2026 there are codes for 2 to 15 days.

Fails: 99454 with 10 days of data; 99445 with 20.
Passes: 99454 with 16 days; 99445 with 10 on a day in 2026. Without documented days: `no-data`.

Citation: CPT, remote physiologic and therapeutic monitoring; CMS, physician fee schedule final rules 2021 and 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.documented import documented_for
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Documented, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.remote.monitoring import Asked, asked
from fhir_cpt.rules.remote.substitute import put, supported


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every device code against the documented days of data; what is yet to be done has none."""
    if claim.use != "claim":
        return
    for line in claim.coded:
        wanted = _device(line)
        if wanted is None or line.known is None:
            continue
        found = documented_for(claim, line, "days", lambda other: _device(other) is not None)
        if found.fact is None:
            yield _unknown(line, unclear=found.unclear)
        elif not wanted.holds(float(found.fact.value)):
            yield _failed(claim, line, wanted, found.fact, facts)


def _device(line: Line) -> Asked | None:
    known = line.known
    if known is None or "remote-monitoring-device" not in known.families:
        return None
    found = asked(known.code, known.day)
    return found if found and found.kind == "device" else None


def _unknown(line: Line, *, unclear: bool) -> Finding:
    reason = "the days documented may be of another line" if unclear else "no days of data are documented"
    text = f"Not checked: whether {line.code} fits the days of data, because {reason}."
    return EDIT.no_data(text, "days", line, expression=(line.code_path,))


def _failed(claim: Claim, line: Line, wanted: Asked, fact: Documented, facts: Facts) -> Finding:
    days = float(fact.value)
    day = line.known.day if line.known else 0
    instead = supported(wanted, days, day)
    limits = f"{wanted.least} to {wanted.most}" if wanted.most else f"at least {wanted.least}"
    told = f"{line.code} is for {limits} days of data in 30, and the record has {days:g}"
    text = f"{told}: report {instead.code}." if instead else f"{told}: no device code fits them on that day."
    evidence = (("days", f"{days:g}"), ("least", wanted.least), ("most", wanted.most or "none"))
    paths = (line.code_path, fact.path)
    return EDIT.finding(text, line, expression=paths, evidence=evidence, fix=put(instead, claim, line, facts))


EDIT = Edit(
    id="remote-monitoring-days",
    family="remote",
    title="A device code of remote monitoring that the days of data do not fit",
    check=check,
    carc=("151",),
    citation="CPT, remote monitoring; CMS, physician fee schedule final rules 2021 and 2026",
    when=Feature.REMOTE_MONITORING,
    yields_to=("procedure-unknown",),
)
