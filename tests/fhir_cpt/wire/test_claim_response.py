"""The ClaimResponse of a claim, without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.finding import Finding, Report, Severity, State
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.claims.shorthand import claim
from fhir_cpt.wire import claim_response as module
from fhir_cpt.wire.claim_response import ADJUDICATION, DISCRIMINATOR, About, claim_response

ABOUT = About("r4", Resources(), 20261120)


def made(*findings: Finding) -> dict[str, Any]:
    resource = claim({"lines": ["99213", "20610"]})
    return claim_response(claim_from(resource, "Claim", Resources()), resource, Report(findings), [], ABOUT)


def finding(text: str, line: int = 0, rarc: tuple[str, ...] = ("N362",)) -> Finding:
    return Finding("ncci-mue-line", "fail", "error", text, ("Claim",), rarc=rarc, lines=(line,))


def test_the_same_note_is_written_once_and_named_once_a_line() -> None:
    found = made(finding("a"), finding("a"), finding("b"), finding("a", 1), finding("c", 1, ()))
    assert [item["noteNumber"] for item in found["item"]] == [[1, 2], [1]]
    assert [note["text"] for note in found["processNote"]] == ["a", "b", "No table was consulted."]


@pytest.mark.parametrize(
    ("state", "severity", "system", "code"),
    [
        ("fail", "error", DISCRIMINATOR, "denialreason"),
        ("fail", "warning", ADJUDICATION, "submitted"),
        ("fail", "information", ADJUDICATION, "submitted"),
        ("bypassed", "information", ADJUDICATION, "submitted"),
        ("no-data", "information", ADJUDICATION, "submitted"),
        ("pass", "information", ADJUDICATION, "submitted"),
    ],
)
def test_no_category_says_that_a_line_is_payable_and_that_of_an_error_says_denied(
    state: State, severity: Severity, system: str, code: str
) -> None:
    item = made(Finding("ncci-ptp", state, severity, "a", ("Claim",), lines=(0,)))["item"][0]
    submitted, found = (adjudication["category"]["coding"] for adjudication in item["adjudication"])
    assert submitted == [{"system": ADJUDICATION, "code": "submitted"}]
    assert found == [{"system": system, "code": code}]
    assert "amount" not in item["adjudication"][1]


def test_of_findings_without_end_the_first_are_told_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    found = made(*[finding("a")] * 5)
    assert len(found["error"]) == 3
    assert "2 more findings are not listed: ncci-mue-line (2)." in [note["text"] for note in found["processNote"]]
    assert found["disposition"].startswith("5 errors")
