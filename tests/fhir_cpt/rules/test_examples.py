"""Runs the examples of every edit, which are data beside the edits, on the sample release.

The keys of an example: `edit`, `name`, `claim` (short form) or `charges` (ChargeItems: `code` and further elements),
`expect` (the state in which the edit ends), and where given `severity`, `carc`, `rarc`, `lines`, `expression`;
`setting` as the parameter of that name; `medicare` and `today` (edits of Medicare alone run as for Medicare);
`history`, prior claims in the short form (an empty list: nothing went before), and `context`, resources as FHIR;
`requires`, rules of a payer's pack in short: each an `id`, a `code`, what is `asked` of it, and `with` further fields.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.requirements import Requirement, Requirements
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.catalogue import BY_ID, CATALOGUE
from fhir_cpt.rules.edit import Edit
from terminology import Release
from terminology.period import from_date

from .patching import patched

FOLDER = Path(__file__).parents[3] / "fhir_cpt" / "rules" / "examples"
KEYS = {"edit", "name", "claim", "charges", "expect", "severity", "carc", "rarc", "lines", "expression", "setting"}
KEYS |= {"medicare", "today", "history", "context", "requires"}
TODAY = dt.date(2026, 11, 20)

CARC = frozenset(
    {"4", "5", "9", "10", "11", "16", "18", "50", "54", "96", "97", "107", "110", "119", "146", "150", "151"}
    | {"181", "182", "197", "198", "236", "246", "284", "B16"}
)
"""The claim adjustment reason codes that edits may give: all in force at X12 (15, which ended in 2018, is not)."""
RARC = frozenset(
    {"M15", "M51", "M52", "M53", "M54", "M76", "M77", "M79", "M80", "M144", "MA63", "N56", "N115", "N122"}
    | {"N257", "N290", "N362", "N386", "N425", "N519"}
)
"""The remittance advice remark codes that edits may give."""


FEATURES = {"prior-authorization": Feature.PACK_AUTHORIZATION, "diagnosis": Feature.PACK_DIAGNOSIS}
"""What a pack that asks for something gives every claim."""


def examples() -> list[dict[str, Any]]:
    return [example for path in sorted(FOLDER.glob("*.yaml")) for example in yaml.safe_load(path.read_text("utf-8"))]


EXAMPLES = examples()
FAILING = [example for example in EXAMPLES if example["expect"] == "fail"]


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


def resources_of(example: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "claim" in example:
        return [shorthand.claim(example["claim"])]
    return [shorthand.charge(**charge) for charge in example["charges"]]


def run(example: Mapping[str, Any], resources: list[dict[str, Any]], knowledge: Knowledge) -> Report:
    medicare = example.get("medicare", BY_ID[example["edit"]].medicare)
    edits = tuple(
        edit
        for edit in CATALOGUE
        if edit.id == example["edit"] or ((medicare or not edit.medicare) and not edit.opt_in)
    )
    rules = example.get("requires", ())
    facts = Facts(knowledge, from_date(example.get("today", TODAY)), medicare, asking(rules))
    claim = read(example, resources)
    prior = [shorthand.claim(item) for item in example.get("history", ())]
    claim.history = history_from([*prior, *example.get("context", ())], claim, Resources())
    if claim.history is None and "history" in example:
        claim.history = History()
    features = sum({int(FEATURES[rule["asked"]]) for rule in rules})
    return validate(claim, facts, Selection(edits, {}, medicare, facts.requirements, lambda _: features), passes=True)


def asking(rules: Sequence[Mapping[str, Any]]) -> Requirements:
    """What a pack of these rules asks: each of one code."""
    made = [
        (
            rule["asked"],
            rule["code"],
            Requirement(rule["id"], "A rule of an example", "An example", **rule.get("with", {})),
        )
        for rule in rules
    ]
    return lambda asked, _claim, line: [rule for kind, code, rule in made if (kind, code) == (asked, line.code)]


def read(example: Mapping[str, Any], resources: list[dict[str, Any]]) -> Claim:
    setting = example.get("setting")
    if "claim" in example:
        return claim_from(resources[0], "Claim", Resources(), setting)
    return charges_from([(charge, "ChargeItem") for charge in resources], "ChargeItem", Resources(), setting)


def of(report: Report, edit: str, state: str) -> list[Finding]:
    return [item for item in report.findings if edit in (item.edit, *item.also) and item.state == state]


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{item['edit']}: {item['name']}" for item in EXAMPLES])
def test_an_example_ends_as_it_says(example: dict[str, Any], knowledge: Knowledge) -> None:
    assert set(example) <= KEYS
    edit, expected = example["edit"], example["expect"]
    report = run(example, resources_of(example), knowledge)
    states = {state for state in ("fail", "bypassed", "no-data", "pass") if of(report, edit, state)}
    assert states == {expected}
    first = of(report, edit, expected)[0]
    for key in ("severity", "carc", "rarc", "lines", "expression"):
        if key in example:
            found = getattr(first, key)
            assert (list(found) if isinstance(found, tuple) else found) == example[key], key
    if expected == "fail":
        assert first.text.endswith((".", "?"))
        assert first.expression or first.edit == "claim-no-lines"
        assert CARC.issuperset(first.carc)
        assert RARC.issuperset(first.rarc)


def errors(report: Report) -> set[tuple[str, tuple[int, ...]]]:
    return {(item.edit, item.lines) for item in report.findings if item.state == "fail" and item.severity == "error"}


@pytest.mark.parametrize("example", FAILING, ids=[f"{item['edit']}: {item['name']}" for item in FAILING])
def test_a_fix_removes_what_it_mends_and_brings_no_new_error(example: dict[str, Any], knowledge: Knowledge) -> None:
    resources = resources_of(example)
    before = run(example, resources, knowledge)
    for finding in before.findings:
        if finding.fix is None:
            continue
        failed = of(before, finding.edit, finding.state)
        at = 0 if "claim" in example else finding.lines[0]
        mended = [*resources]
        mended[at] = patched(resources[at], finding.fix)
        report = run(example, mended, knowledge)
        after = of(report, finding.edit, finding.state)
        assert (finding.lines, finding.text) not in [(item.lines, item.text) for item in after]
        assert len(after) < len(failed)
        assert errors(report) <= errors(before)


@pytest.mark.parametrize("edit", CATALOGUE, ids=lambda edit: edit.id)
def test_an_edit_has_examples_that_pass_and_that_speak(edit: Edit) -> None:
    states = defaultdict(set)
    for example in EXAMPLES:
        states[example["edit"]].add(example["expect"])
    assert "pass" in states[edit.id]
    assert states[edit.id] & {"fail", "bypassed", "no-data"}


@pytest.mark.parametrize("edit", CATALOGUE, ids=lambda edit: edit.id)
def test_an_edit_cites_its_rule_and_gives_known_reason_codes(edit: Edit) -> None:
    assert edit.citation
    assert edit.title
    assert CARC.issuperset(edit.carc)
    assert RARC.issuperset(edit.rarc)


def test_no_two_edits_have_the_same_id() -> None:
    assert len(BY_ID) == len(CATALOGUE)


def test_every_example_is_of_an_edit_and_no_two_have_the_same_name() -> None:
    assert {example["edit"] for example in EXAMPLES} <= set(BY_ID)
    names = [(example["edit"], example["name"]) for example in EXAMPLES]
    assert len(names) == len(set(names))
