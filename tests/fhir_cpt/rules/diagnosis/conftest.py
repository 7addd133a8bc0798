"""Runs the edits of the family on claims in the short form, or on FHIR JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.diagnosis import EDITS
from terminology import Release

Said = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def diagnosis_knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


@pytest.fixture
def said(diagnosis_knowledge: Knowledge) -> Said:
    """What the named edit says of a claim: the short form's keys, or `resource` (a Claim as FHIR JSON)."""

    def run(edit: str, *, today: int = 20261121, resource: dict[str, Any] | None = None, **spec: Any) -> list[Finding]:
        claim = claim_from(resource or shorthand.claim({"lines": ["99213"], **spec}), "Claim", Resources())
        report = validate(claim, Facts(diagnosis_knowledge, today), Selection(EDITS))
        return [finding for finding in report.findings if finding.edit == edit]

    return run
