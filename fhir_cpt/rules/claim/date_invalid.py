"""The day of a service is a day, its span runs forwards, and it has come.

Why it matters: payers send back a day that they cannot read, and deny a claim that was sent before its service
(CARC 110). A request for authorisation speaks of days to come, so a future day is right there.

Fails: a period from 15 to 10 October; `servicedDate` 2026-10, which is a month; a day after today.
Passes: 15 October 2026, sent on a later day.

Citation: ASC X12N 837 implementation guides, loop 2400, DTP*472.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from terminology.period import Day, show


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every day once: lines that share the claim's billablePeriod share the finding."""
    told: set[str] = set()
    today = facts.today
    for line in claim.lines:
        period = line.period
        if line.date_fault is None and (
            period is None or (period.end <= today and (period.start == period.end or not _partial(line)))
        ):
            continue
        found = _fault(line, today, future=claim.use == "claim")
        if found and line.period_path not in told:
            told.add(line.period_path)
            text, carc = found
            lines = [other for other in claim.lines if other.period_path == line.period_path]
            yield EDIT.finding(text, *lines, expression=(line.period_path,), carc=(carc,))


def _partial(line: Line) -> bool:
    """Whether a date, not a period, stands for more than one day: it names a month or a year."""
    return line.period_path.endswith(("servicedDate", "occurrenceDateTime"))


def _fault(line: Line, today: Day, *, future: bool) -> tuple[str, str] | None:
    """What is wrong with the line's day, and the CARC for it."""
    if line.date_fault is not None:
        return f"The time of {line.shown} {line.date_fault}: correct the day of service.", "16"
    period = line.period
    if period is None:
        return None
    if _partial(line) and period.start != period.end:
        return f"The time of {line.shown} is a month or a year ({period}): name the day of service.", "16"
    if future and period.end > today:
        text = f"{line.shown} is dated {show(period.end)}, which is still to come on {show(today)}"
        return f"{text}: correct the day, or send the claim once the service is done.", "110"
    return None


EDIT = Edit(
    id="line-date-invalid",
    family="claim",
    title="A day that cannot be right",
    check=check,
    code="value",
    carc=("16",),
    rarc=("M52",),
    disposition="reject",
    citation="ASC X12N 837 implementation guides, loop 2400, DTP (service date)",
    when=Feature.UNDATED | Feature.UNUSUAL_DAY,
    dated=False,
)
