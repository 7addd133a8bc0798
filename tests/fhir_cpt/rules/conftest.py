"""Running a few edits on a short claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.edit import Edit
from terminology import Release

Check = Callable[..., list[Finding]]
TODAY = 20261120


def checker(release: Release) -> Check:
    """`check(edit, …, medicare=, setting=, resource=, **short claim)` gives the findings on the release."""
    knowledge = Knowledge(release)

    def check(
        *edits: Edit,
        medicare: bool = False,
        setting: Any = None,
        resource: dict[str, Any] | None = None,
        **spec: Any,
    ) -> list[Finding]:
        given = resource or shorthand.claim(spec)
        if given["resourceType"] == "Claim":
            claim = claim_from(given, "Claim", Resources(), setting)
        else:
            claim = charges_from([(given, "ChargeItem")], "ChargeItem", Resources(), setting)
        facts = Facts(knowledge, TODAY, medicare)
        return list(validate(claim, facts, Selection(edits, medicare=medicare)).findings)

    return check


@pytest.fixture(scope="session")
def check(sample_release: Release) -> Check:
    return checker(sample_release)
