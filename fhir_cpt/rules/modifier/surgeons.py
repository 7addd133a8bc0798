"""What the fee schedule says of more than one surgeon: assistants, co-surgeons, teams.

Each has an indicator of its own by code. Source: CMS, PPRRVU record layout, ASST SURG, CO-SURG and TEAM SURG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, fee_of, paths
from fhir_cpt.rules.procedure.status import edition_for
from terminology.edits import FeeScheduleRow


def by_indicator(
    claim: Claim,
    facts: Facts,
    edit: Edit,
    modifiers: Callable[[int], frozenset[str]],
    indicator: Callable[[FeeScheduleRow], str],
    said: Mapping[str, tuple[Severity, str]],
) -> Iterator[Finding]:
    """A practitioner's lines with one of the modifiers, where `said` has words for the code's indicator.

    `modifiers` are those of a day, `said` is by indicator: how severe it is, and why the line is not paid.
    """
    if claim.setting != "practitioner":
        return
    for line in carrying(claim, int(edit.when)):
        fee = fee_of(line)
        if fee is None or line.known is None:
            continue
        code = next((code for code in line.modifiers if code in modifiers(line.known.day)), None)
        if code is not None and (found := said.get(indicator(fee))):
            severity, why = found
            yield edit.finding(
                f"Modifier {code} on {line.code}: {why}.",
                line,
                expression=paths(line, code),
                severity=severity,
                evidence=(("modifier", code), ("code", line.code), ("indicator", indicator(fee))),
                edition=edition_for(line, facts),
            )
