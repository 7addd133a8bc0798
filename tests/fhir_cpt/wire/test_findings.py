"""What is remembered of findings from one claim to the next: nothing that tells of the claim."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.rules.ncci.ptp import EDIT
from fhir_cpt.wire import findings


def told(finding: Finding) -> int:
    """How many more issues are remembered after an answer with the finding."""
    before = findings._alone.cache_info().currsize
    made = findings.claim_outcome([], [Report((finding,))])
    assert made["issue"][0]["details"]["text"] == finding.text
    return findings._alone.cache_info().currsize - before


@pytest.mark.parametrize("number", [1, 2])
def test_a_finding_on_a_claim_is_not_remembered(number: int) -> None:
    text = f"Whether authorization A-{number} is for this claim is not known."
    where, evidence = ("Claim.insurance[0]",), (("authorization", f"A-{number}"),)
    assert told(Finding("authorization-mismatch", "no-data", "information", text, where, missing="authorization")) == 0
    assert told(Finding("a", "no-data", "information", text, where, evidence=evidence, missing="history")) == 0
    assert told(Finding("a", "no-data", "information", text, lines=(number,), missing="history")) == 0
    assert told(Finding("claim-provider-npi", "fail", "error", f"The NPI {number} is wrong.", where)) == 0


def test_that_a_claim_was_seen_alone_is_worded_once() -> None:
    finding = Finding("global-em", "no-data", "information", "1 edit saw this claim alone.", ("x",), missing="history")
    assert [told(finding), told(finding)] == [1, 0]


def test_lists_that_an_edit_gives_become_tuples() -> None:
    finding = EDIT.no_data("A text.", "history", expression=["Claim"], also=["global-em"])  # type: ignore[arg-type]
    assert (finding.expression, finding.also) == (("Claim",), ("global-em",))
    assert findings.claim_outcome([], [Report((finding,))])["issue"][0]["expression"] == ["Claim"]
