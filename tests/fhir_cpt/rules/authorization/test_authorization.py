"""What the edits on authorisations offer, and what they leave alone; the cases themselves are examples."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.history import Authorization, AuthorizedLine, History
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.requirements import Requirement
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules import authorization
from terminology import Release

from ..patching import patched

GRANTED = Authorization("A1", (AuthorizedLine("70553"), AuthorizedLine("97110")))
ASKED = ("70553", "97110")


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


def run(resource: dict[str, Any], history: History | None, knowledge: Knowledge) -> Report:
    claim = claim_from(resource, "Claim", Resources())
    claim.history = history

    def asks(asked: str, _claim: object, line: Any) -> list[Requirement]:
        found = asked == "prior-authorization" and line.code in ASKED
        return [Requirement("payer-first", "First", "A policy")] if found else []

    facts = Facts(knowledge, 20261120, requirements=asks)
    return validate(
        claim,
        facts,
        Selection(authorization.EDITS, requirements=asks, features=lambda _: int(Feature.PACK_AUTHORIZATION)),
    )


def test_a_known_number_is_offered_once_and_ends_the_matter(knowledge: Knowledge) -> None:
    resource = shorthand.claim({"lines": list(ASKED), "dx": ["M17.11"]})
    history = History((), (GRANTED,))
    findings = run(resource, history, knowledge).findings
    assert [(item.edit, item.state, item.also) for item in findings] == [
        ("authorization-missing", "bypassed", ("payer-first",))
    ] * 2
    fixes = [item.fix for item in findings if item.fix is not None]
    assert len(fixes) == 1
    mended = patched(resource, fixes[0])
    assert mended["insurance"][0]["preAuthRef"] == ["A1"]
    assert run(mended, history, knowledge).findings == ()


def test_the_number_goes_to_the_insurance_that_is_to_pay(knowledge: Knowledge) -> None:
    resource = shorthand.claim({"lines": ["70553"]})
    other = {"sequence": 2, "focal": False, "coverage": {"reference": "Coverage/other"}}
    resource["insurance"] = [other, *resource["insurance"]]
    (finding,) = run(resource, History((), (GRANTED,)), knowledge).findings
    assert finding.fix is not None
    assert finding.fix.changes[0].path == "Claim.insurance[1]"


def test_without_an_insurance_there_is_nowhere_to_put_the_number(knowledge: Knowledge) -> None:
    resource = shorthand.claim({"lines": ["70553"]})
    del resource["insurance"]
    (finding,) = run(resource, History((), (GRANTED,)), knowledge).findings
    assert (finding.state, finding.fix) == ("bypassed", None)


@pytest.mark.parametrize(
    ("granted", "fixed"),
    [
        ([Authorization("A2", (AuthorizedLine("70551"),))], True),
        ([Authorization("A2", (AuthorizedLine("70551"),)), Authorization("A3", (AuthorizedLine("70551"),))], False),
        ([Authorization("A2", (AuthorizedLine("70551", units=0.5),))], False),
        ([Authorization("A2", (AuthorizedLine("70551"),), granted=False)], False),
        ([Authorization("A2", (AuthorizedLine("70551", end=20261014),))], False),
    ],
    ids=["one", "two: which is meant is not known", "too few units", "refused", "ended"],
)
def test_a_wrong_number_is_replaced_only_by_the_one_that_is_surely_right(
    granted: list[Authorization], fixed: bool, knowledge: Knowledge
) -> None:
    resource = shorthand.claim({"lines": ["70551"], "auth": ["A1"]})
    history = History((), (GRANTED, *granted))
    (finding,) = run(resource, history, knowledge).findings
    assert (finding.edit, finding.state, finding.fix is not None) == ("authorization-mismatch", "fail", fixed)
    if finding.fix is not None:
        assert run(patched(resource, finding.fix), history, knowledge).findings == ()


def test_a_number_of_which_nothing_is_known_may_be_for_the_other_line(knowledge: Knowledge) -> None:
    october = Authorization("A1", (AuthorizedLine("70553", start=20261001, end=20261031),))
    resource = shorthand.claim({"date": "2026-11-02", "lines": ["70553", "97110"], "auth": ["A1", "A9"]})
    (finding,) = run(resource, History((), (october,)), knowledge).findings
    assert (finding.state, finding.missing) == ("no-data", "ClaimResponse")


def test_an_answer_that_leaves_the_code_open_covers_any_code_of_its_days(knowledge: Knowledge) -> None:
    october = Authorization("A1", (AuthorizedLine(start=20261001, end=20261031),))
    for date, findings in (("2026-10-31", 0), ("2026-11-01", 1)):
        resource = shorthand.claim({"date": date, "lines": ["70553"], "auth": ["A1"]})
        assert len(run(resource, History((), (october,)), knowledge).findings) == findings


def test_why_a_history_could_not_be_read_is_said(knowledge: Knowledge) -> None:
    resource = shorthand.claim({"lines": ["70553"], "auth": ["A1"]})
    (finding,) = run(resource, History(has_lines=False, problem="the server is away."), knowledge).findings
    assert (finding.state, finding.text.endswith("the server is away.")) == ("no-data", True)
