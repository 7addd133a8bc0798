"""Runs the example of an edit, to show what the edit says of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.explained import Example
from terminology.period import from_date

_DAY = dt.date(2026, 11, 20)
"""The current day of examples that name none."""


def resources_of(example: Example) -> list[dict[str, Any]]:
    """The Claim of an example, or its ChargeItems."""
    if "claim" in example:
        return [shorthand.claim(example["claim"])]
    return [shorthand.charge(**charge) for charge in example["charges"]]


def findings_of(edit: Edit, example: Example, knowledge: Knowledge) -> list[Finding]:
    """What the edit, alone, says of the example."""
    resources = resources_of(example)
    setting = example.get("setting")
    if "claim" in example:
        claim = claim_from(resources[0], "Claim", Resources(), setting)
    else:
        claim = charges_from([(charge, "ChargeItem") for charge in resources], "ChargeItem", Resources(), setting)
    prior = [shorthand.claim(item) for item in example.get("history", ())]
    claim.history = history_from([*prior, *example.get("context", ())], claim, Resources())
    if claim.history is None and "history" in example:
        claim.history = History()
    medicare = example.get("medicare", edit.medicare)
    facts = Facts(knowledge, from_date(example.get("today", _DAY)), medicare)
    report = validate(claim, facts, Selection((edit,), medicare=medicare), passes=True)
    return [finding for finding in report.findings if edit.id in (finding.edit, *finding.also)]
