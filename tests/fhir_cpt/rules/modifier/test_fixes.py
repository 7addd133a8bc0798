"""The fixes of the edits on modifiers, under all edits."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.knowledge import Knowledge
from fhir_cpt.rules.catalogue import BY_ID
from fhir_cpt.rules.modifier import needed_25, needed_57
from terminology import Release

from ..conftest import Check
from ..patching import patched
from ..test_examples import FAILING, of, resources_of, run

OWN = [example for example in FAILING if example["edit"].startswith("modifier-")]


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


def wrong(report: Report) -> Counter[str]:
    return Counter(item.edit for item in report.findings if item.state == "fail" and item.severity != "information")


@pytest.mark.parametrize("example", OWN, ids=[f"{item['edit']}: {item['name']}" for item in OWN])
def test_a_fix_brings_no_new_error_or_warning(example: dict[str, Any], knowledge: Knowledge) -> None:
    resources = resources_of(example)
    before = run(example, resources, knowledge)
    for finding in of(before, example["edit"], "fail"):
        if finding.fix is not None:
            mended = [patched(resources[0], finding.fix), *resources[1:]]
            new = wrong(run(example, mended, knowledge)) - wrong(before)
            assert [edit for edit in new if example["edit"] not in BY_ID[edit].yields_to] == []  # those it had silenced


def test_nothing_is_added_where_a_line_has_no_room(check: Check) -> None:
    full = {"code": "99203", "modifiers": ["GC", "95", "Q6", "CR"]}
    for edit, surgery in ((needed_25.EDIT, "11102"), (needed_57.EDIT, "27447")):
        found = [item for item in check(edit, lines=[surgery, full]) if item.state == "fail"]
        assert [item.fix for item in found] == [None]
