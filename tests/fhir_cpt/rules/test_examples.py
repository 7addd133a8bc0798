"""Runs the examples of every edit, which are data beside the edits, on the sample release.

The keys of an example: `edit`, `name`, `claim` (short form) or `charges` (ChargeItems: `code` and further elements),
`expect` (the state in which the edit ends), and where given `severity`, `carc`, `rarc`, `lines`, `expression`;
`setting` as the parameter of that name; `medicare` and `today` (edits of Medicare alone run as for Medicare);
`history`, prior claims in the short form (an empty list: nothing went before), and `context`, resources as FHIR;
`requires`, rules of a payer's pack in short: each an `id`, a `code`, what is `asked` of it, and `with` further fields;
`day-before`, the state in which the edit ends where the claim, and `today` where it is given, are a day earlier (what
the history holds stays as it is).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.claims import reason_codes
from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.claims.knowledge import Knowledge
from fhir_cpt.rules import trial
from fhir_cpt.rules.catalogue import BUILT_IN, BY_ID
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.trial import resources_of
from terminology import Release

from .patching import patched

FOLDER = Path(__file__).parents[3] / "fhir_cpt" / "rules" / "examples"
KEYS = {"edit", "name", "claim", "charges", "expect", "severity", "carc", "rarc", "lines", "expression", "setting"}
KEYS |= {"medicare", "today", "history", "context", "requires", "day-before"}
IDS: list[str] = yaml.safe_load((Path(__file__).parent / "edits.yaml").read_text("utf-8"))
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def examples() -> list[dict[str, Any]]:
    return [example for path in sorted(FOLDER.glob("*.yaml")) for example in yaml.safe_load(path.read_text("utf-8"))]


EXAMPLES = examples()
FAILING = [example for example in EXAMPLES if example["expect"] == "fail"]


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


def run(example: Mapping[str, Any], resources: list[dict[str, Any]], knowledge: Knowledge) -> Report:
    """The report of all edits that a payer's pack need not name, and of the example's own."""
    medicare = trial.medicare_of(BY_ID[example["edit"]], example)
    edits = [
        edit for edit in BUILT_IN if edit.id == example["edit"] or ((medicare or not edit.medicare) and not edit.opt_in)
    ]
    return trial.run(example, edits, knowledge, medicare=medicare, resources=resources)


def moved(value: Any, days: int) -> Any:
    """An example, or a resource of it, with every day so many days later; a birth date stays."""
    if isinstance(value, Mapping):
        return {key: one if key in ("birth", "birthDate") else moved(one, days) for key, one in value.items()}
    if isinstance(value, list):
        return [moved(one, days) for one in value]
    if isinstance(value, dt.date):
        return value + dt.timedelta(days)
    if isinstance(value, str) and DAY.match(value):
        return DAY.sub(lambda found: str(dt.date.fromisoformat(found[0]) + dt.timedelta(days)), value)
    return value


def states(report: Report, edit: str) -> set[str]:
    return {state for state in ("fail", "bypassed", "no-data", "pass") if of(report, edit, state)}


def of(report: Report, edit: str, state: str) -> list[Finding]:
    return [item for item in report.findings if edit in (item.edit, *item.also) and item.state == state]


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{item['edit']}: {item['name']}" for item in EXAMPLES])
def test_an_example_ends_as_it_says(example: dict[str, Any], knowledge: Knowledge) -> None:
    assert set(example) <= KEYS
    edit, expected = example["edit"], example["expect"]
    report = run(example, resources_of(example), knowledge)
    assert states(report, edit) == {expected}
    first = of(report, edit, expected)[0]
    for key in ("severity", "carc", "rarc", "lines", "expression"):
        if key in example:
            found = getattr(first, key)
            assert (list(found) if isinstance(found, tuple) else found) == example[key], key
    if expected == "fail":
        assert first.text.endswith((".", "?"))
        assert first.expression or first.edit == "claim-no-lines"
        assert unknown_reasons(first) == []


def unknown_reasons(given: Edit | Finding) -> list[str]:
    """What is wrong with its reason codes: all must be in force at X12 (15, which ended in 2018, is not)."""
    told = [reason_codes.fault("carc", code) for code in given.carc]
    told += [reason_codes.fault("rarc", code) for code in given.rarc]
    return [fault for fault in told if fault]


DAYS_BEFORE = [example for example in EXAMPLES if "day-before" in example]


@pytest.mark.parametrize("example", DAYS_BEFORE, ids=[f"{item['edit']}: {item['name']}" for item in DAYS_BEFORE])
def test_an_example_ends_otherwise_on_the_day_before(example: dict[str, Any], knowledge: Knowledge) -> None:
    earlier = {key: moved(value, -1) if key == "today" else value for key, value in example.items()}
    report = run(earlier, moved(resources_of(example), -1), knowledge)
    assert states(report, example["edit"]) == {example["day-before"]}
    assert example["day-before"] != example["expect"]


@pytest.mark.parametrize("edit", [edit for edit in BUILT_IN if edit.dated], ids=lambda edit: edit.id)
def test_an_edit_that_goes_by_days_has_an_example_of_two_days(edit: Edit) -> None:
    assert edit.id in {example["edit"] for example in DAYS_BEFORE}


UNDATED = [example for example in EXAMPLES if not BY_ID[example["edit"]].dated]


@pytest.mark.parametrize("example", UNDATED, ids=[f"{item['edit']}: {item['name']}" for item in UNDATED])
@pytest.mark.parametrize("day", [dt.date(2005, 3, 1), dt.date(2020, 12, 31), dt.date(2025, 6, 30)], ids=str)
def test_an_edit_that_goes_by_no_day_ends_the_same_on_others(
    example: dict[str, Any], day: dt.date, knowledge: Knowledge
) -> None:
    elsewhere = moved({"today": trial.TODAY, **example}, (day - trial.TODAY).days)
    resources = moved(resources_of(example), (day - trial.TODAY).days)
    report = run(elsewhere, resources, knowledge)
    assert states(report, example["edit"]) == {example["expect"]}


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


@pytest.mark.parametrize("edit", BUILT_IN, ids=lambda edit: edit.id)
def test_an_edit_has_examples_that_pass_and_that_fail(edit: Edit) -> None:
    ends = defaultdict(set)
    for example in EXAMPLES:
        ends[example["edit"]].add(example["expect"])
    assert {"pass", "fail"} <= ends[edit.id]


@pytest.mark.parametrize("edit", BUILT_IN, ids=lambda edit: edit.id)
def test_an_edit_cites_its_rule_and_gives_known_reason_codes(edit: Edit) -> None:
    assert edit.citation
    assert edit.title
    assert unknown_reasons(edit) == []


def test_the_edits_are_those_of_the_page_none_missing_and_none_twice() -> None:
    assert len(set(IDS)) == len(IDS)
    assert sorted(edit.id for edit in BUILT_IN) == sorted(IDS)


def test_every_example_is_of_an_edit_and_no_two_have_the_same_name() -> None:
    assert {example["edit"] for example in EXAMPLES} <= set(BY_ID)
    names = [(example["edit"], example["name"]) for example in EXAMPLES]
    assert len(names) == len(set(names))
