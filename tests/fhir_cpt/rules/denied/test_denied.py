"""What would come back does not leave the house: the right edit speaks of it, and it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import validate
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.catalogue import BY_ID
from fhir_cpt.served import Served
from terminology import Release

CLAIMS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "claims.yaml").read_text("utf-8"))
TODAY = 20261120


@pytest.fixture(scope="module")
def served(sample_release: Release) -> Served:
    return Served(sample_release)


@pytest.mark.parametrize("example", CLAIMS, ids=[f"{example['edit']} {at}" for at, example in enumerate(CLAIMS)])
def test_one_edit_alone_speaks_of_a_claim_that_would_come_back(example: dict[str, Any], served: Served) -> None:
    selection = served.packs.select(example.get("pack", "default"))
    claim = claim_from(shorthand.claim(example["claim"]), "Claim", Resources())
    prior = [shorthand.claim(item) for item in example.get("history", ())]
    claim.history = history_from(prior, claim, Resources()) or History()
    facts = Facts(served.knowledge, TODAY, selection.medicare, selection.requirements)
    failed = [item for item in validate(claim, facts, selection).findings if item.state == "fail"]
    said = {item.edit for item in failed if item.severity != "information" or item.edit == example["edit"]}
    assert said == {example["edit"]}


def test_there_are_seventy_edits_among_them() -> None:
    named = {example["edit"] for example in CLAIMS}
    assert len(named & BY_ID.keys()) >= 70
