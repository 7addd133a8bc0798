"""Clean claims stay clean: no edit speaks of an ordinary claim as an error or a warning."""

from __future__ import annotations

import itertools
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
from fhir_cpt.served import Served
from terminology import Release

SPECIALTIES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "claims.yaml").read_text("utf-8"))
CLAIMS = [(group["specialty"], example) for group in SPECIALTIES for example in group["claims"]]
TODAY = 20261120


@pytest.fixture(scope="module")
def served(sample_release: Release) -> Served:
    return Served(sample_release)


@pytest.mark.parametrize(("specialty", "example"), CLAIMS, ids=[f"{field}: {item['name']}" for field, item in CLAIMS])
@pytest.mark.parametrize("remembered", [False, True], ids=["alone", "with history"])
def test_a_clean_claim_has_no_error_and_no_warning(
    specialty: str, example: dict[str, Any], remembered: bool, served: Served
) -> None:
    selection = served.packs.select(example.get("pack", "default"))
    claim = claim_from(shorthand.claim(example["claim"]), "Claim", Resources())
    prior = [shorthand.claim(item) for item in example.get("history", ())]
    claim.history = history_from(prior, claim, Resources()) or (History() if remembered else None)
    facts = Facts(served.knowledge, TODAY, selection.medicare, selection.requirements)
    findings = validate(claim, facts, selection).findings
    assert [(item.edit, item.text) for item in findings if item.severity != "information"] == []


def test_there_are_a_hundred_and_sixty_claims_of_thirty_specialties() -> None:
    assert len(CLAIMS) >= 160
    assert len(SPECIALTIES) >= 30


def test_no_two_clean_claims_are_alike() -> None:
    for (_, one), (_, other) in itertools.combinations(CLAIMS, 2):
        assert one != other
