"""Where two edits would say the same of the same lines, one of them speaks: the spec's "Said once"."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import validate
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.served import Served
from terminology import Release

Findings = Callable[..., list[Finding]]
TODAY = 20261120


def read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / name).read_text("utf-8"))
    return cases


SAID_ONCE, UNKNOWN = read("said_once.yaml"), read("unknown_codes.yaml")


@pytest.fixture(scope="module")
def findings(sample_release: Release) -> Findings:
    served = Served(sample_release)

    def run(case: dict[str, Any], spec: dict[str, Any], exclude: tuple[str, ...] = ()) -> list[Finding]:
        selection = served.packs.select(case.get("pack", "default"), exclude=exclude)
        claim = claim_from(shorthand.claim(spec), "Claim", Resources())
        prior = [shorthand.claim(item) for item in case.get("history", ())]
        claim.history = history_from(prior, claim, Resources()) or History()
        facts = Facts(served.knowledge, TODAY, selection.medicare, selection.requirements)
        return [item for item in validate(claim, facts, selection).findings if item.state in ("fail", "bypassed")]

    return run


@pytest.mark.parametrize("case", SAID_ONCE, ids=[f"{case['second']}: {case['name']}" for case in SAID_ONCE])
def test_of_two_edits_that_say_the_same_the_first_speaks(case: dict[str, Any], findings: Findings) -> None:
    said = {item.edit: item.state for item in findings(case, case["claim"])}
    assert said[case["first"]] == case.get("state", "fail")
    assert case["second"] not in said


@pytest.mark.parametrize("case", SAID_ONCE, ids=[f"{case['second']}: {case['name']}" for case in SAID_ONCE])
def test_where_the_first_is_left_out_the_second_speaks(case: dict[str, Any], findings: Findings) -> None:
    said = [item.edit for item in findings(case, case["claim"], (case["first"],))]
    assert case["second"] in said


def with_code(case: dict[str, Any], code: str) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load(json.dumps(case["claim"], default=str).replace("{code}", code))
    return spec


@pytest.mark.parametrize("case", UNKNOWN, ids=[case["edit"] for case in UNKNOWN])
def test_of_a_code_that_no_table_knows_one_edit_alone_speaks(case: dict[str, Any], findings: Findings) -> None:
    assert [item.edit for item in findings(case, with_code(case, case["code"]))] == ["procedure-unknown"]


@pytest.mark.parametrize("case", UNKNOWN, ids=[case["edit"] for case in UNKNOWN])
def test_of_a_known_code_of_the_family_the_edit_speaks(case: dict[str, Any], findings: Findings) -> None:
    assert case["edit"] in [item.edit for item in findings(case, with_code(case, case["known"]))]
