"""With `report=all` every edit that was selected is reported, in one of the four states."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.engine import validate
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from
from fhir_cpt.claims.normalise import claim_from as normalised
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.trial import resources_of
from fhir_cpt.served import Served
from terminology import Release

from .test_examples import EXAMPLES

PACKS = (("default",), ("medicare-part-b",), ("medicare-part-b", "example-health"))


def claim_from(resource: dict[str, Any]) -> Claim:
    return normalised(resource, "Claim", Resources())


def charge_from(resource: dict[str, Any]) -> Claim:
    return charges_from([(resource, "ChargeItem")], "ChargeItem", Resources())


@pytest.fixture(scope="module")
def served(sample_release: Release) -> Served:
    return Served(sample_release)


@pytest.mark.parametrize("packs", PACKS, ids="+".join)
def test_no_edit_is_left_out(packs: tuple[str, ...], served: Served) -> None:
    selection = served.packs.select(packs, day=20261015)
    wanted = {edit.id for edit in (*selection.edits, *selection.ruled)}
    facts = Facts(served.knowledge, 20261120, selection.medicare, selection.requirements)
    assert len(wanted) > 70

    def reported(example: dict[str, Any]) -> set[str]:
        (resource, *_) = resources_of(example)
        read = claim_from if "claim" in example else charge_from
        findings = validate(read(resource), facts, selection, passes=True).findings
        return {edit for finding in findings for edit in (finding.edit, *finding.also)}

    assert [example["name"] for example in EXAMPLES if reported(example) != wanted] == []
