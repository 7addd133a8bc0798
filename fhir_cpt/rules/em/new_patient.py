"""A code for a new patient is for a patient whom the group and specialty have not seen within three years.

Why it matters: payers keep the dates of earlier visits and deny the code (CARC B16). What counts is a visit or another
service at which a clinician met the patient, surgery for one; the reading of a test does not. A service exactly three
years ago still counts, one a day earlier does not. What a hospital bills for itself is outside: for it a patient is new
by other rules.

Fails: 99203 on 2026-10-15, where the same clinician billed 99213 on 2023-10-15.
Passes: 99203 on 2026-10-16 after the same visit; 99203 after an X-ray that was only read.

Citation: Medicare Claims Processing Manual, chapter 12, section 30.6.7; AMA, CPT, E/M guidelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.history import PriorLine
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.dated import document, holds
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.mending import replacing_code
from fhir_cpt.rules.practice import same_practice, same_practice_before
from terminology.period import Day, show

_NEW = int(Feature.NEW_PATIENT)
_YEAR = 10_000
"""A year, as the difference of two days written YYYYMMDD."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every new-patient code with an earlier service in the history or, on an earlier day, on the claim itself."""
    del facts
    if claim.setting == "hospital":
        return
    for line in claim.coded:  # not all of these codes are of CPT's evaluation and management
        if line.known is None or not line.known.features & _NEW:
            continue
        day = line.known.day
        prior = _earlier_line(claim, line, day) or _prior_line(claim, line, day)
        if prior is not None:
            yield _finding(line, day, prior)


def _prior_line(claim: Claim, line: Line, day: Day) -> PriorLine | None:
    """The last prior line at which the practice met the patient within the years before the day."""
    earliest = _earliest(day)
    for prior in claim.history.lines if claim.history else ():
        if (
            earliest <= prior.end < day
            and same_practice_before(line, prior)
            and prior.setting != "hospital"
            and "seen" in families_of(prior.code, prior.start)
        ):
            return prior
    return None


def _earlier_line(claim: Claim, line: Line, day: Day) -> Line | None:
    """A line of the claim itself at which the practice met the patient on an earlier day."""
    if not line.provider:
        return None
    earliest = _earliest(day)
    for other in claim.coded:
        if (
            other.period is not None
            and other.known is not None
            and earliest <= other.period.end < day
            and same_practice(line, other)
            and "seen" in other.known.families
        ):
            return other
    return None


def _finding(line: Line, day: Day, prior: Line | PriorLine) -> Finding:
    if isinstance(prior, Line):
        lines: tuple[Line, ...] = (line, prior)
        seen = prior.period.end if prior.period else day
    else:
        lines, seen = (line,), prior.end
    text = (
        f"{line.code} is for a new patient, and the same clinician, or group and specialty, billed {prior.code} on "
        f"{show(seen)}, within {_years(day)} years: the patient is established."
    )
    paths = tuple([item.code_path for item in lines])
    evidence: tuple[tuple[str, object], ...] = (("code", line.code), ("seen", show(seen)), ("service", prior.code))
    if isinstance(prior, PriorLine) and prior.claim:
        evidence = (*evidence, ("claim", prior.claim))
    fix = None
    if code := _established(day).get(line.code or ""):
        fix = Fix(
            f"Replace {line.code} by {code}, which is for established patients; check that the level still fits.",
            replacing_code(line, code),
            documentation=True,
        )
    return EDIT.finding(text, *lines, expression=paths, evidence=evidence, fix=fix)


@lru_cache(maxsize=4096)
def _earliest(day: Day) -> Day:
    """The first day on which a service still makes the patient established on the day."""
    return day - _years(day) * _YEAR


def _years(day: Day) -> int:
    """For how many years a patient who was seen is established, on the day."""
    return next(int(item["value"]) for item in document(__package__, "new_patient.yaml")["years"] if holds(item, day))


def _established(day: Day) -> Mapping[str, str]:
    """New-patient code → the code for the same visit of an established patient, on the day."""
    return {
        new: established
        for group in document(__package__, "new_patient.yaml")["established"]
        if holds(group, day)
        for new, established in group["codes"].items()
    }


EDIT = Edit(
    id="em-new-patient",
    family="em",
    title="A new-patient code for a patient who was seen within three years",
    check=check,
    carc=("B16",),
    citation="Medicare Claims Processing Manual, chapter 12, section 30.6.7; AMA, CPT, E/M guidelines",
    when=Feature.NEW_PATIENT,
    history=True,
    pairwise=True,
)
