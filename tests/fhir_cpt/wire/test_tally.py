"""What findings come to: the verdict, its sentence, the worst of several."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.finding import Finding, Report, Severity, State, Used
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.tally import Verdict, tally, worst
from terminology.model import Edition

FAULT = StructureFault("Claim.status", "Wrong.", "structure")
OLD = Edition("ptp-practitioner", "2026q4", 20261001, 20261231)


def found(state: State, severity: Severity = "information") -> Finding:
    return Finding("ncci-ptp", state, severity, "A text.")


@pytest.mark.parametrize(
    ("faults", "findings", "stale", "verdict", "sentence"),
    [
        ([], [], (), "pass", "No errors and no warnings found."),
        ([], [found("bypassed"), found("pass"), found("fail")], (), "pass", "No errors and no warnings found."),
        ([], [found("no-data")], (), "unchecked", "not everything could be checked"),
        ([], [], ((OLD, 20270101),), "unchecked", "not everything could be checked"),
        ([], [found("fail", "warning"), found("no-data")], (), "warn", "1 warning found"),
        ([], [found("fail", "error"), found("fail", "warning"), found("no-data")], (), "fail", "1 error and 1 warning"),
        ([FAULT], [found("fail", "error")], (), "fail", "2 errors found"),
    ],
)
def test_the_verdict_goes_by_the_worst_finding(
    faults: list[StructureFault],
    findings: list[Finding],
    stale: tuple[tuple[Edition, int], ...],
    verdict: Verdict,
    sentence: str,
) -> None:
    counted = tally(faults, Report(tuple(findings), Used((), stale)))
    assert counted.verdict == verdict
    assert sentence in counted.sentence


def test_the_worst_of_several_verdicts_is_that_of_all() -> None:
    assert worst(["pass", "unchecked", "warn"]) == "warn"
    assert worst(["warn", "fail", "pass"]) == "fail"
    assert worst(["pass", "unchecked"]) == "unchecked"
