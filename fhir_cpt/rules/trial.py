"""Runs the examples of edits: to show what an edit says of one, and to test that it ends as it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.requirements import Asked, Requirement, Requirements
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.explained import Example
from terminology.period import from_date

TODAY = dt.date(2026, 11, 20)
"""The current day of examples that name none."""

_FEATURES = {"prior-authorization": int(Feature.PACK_AUTHORIZATION), "diagnosis": int(Feature.PACK_DIAGNOSIS)}
"""What a pack that asks for something gives every claim."""


def resources_of(example: Example) -> list[dict[str, Any]]:
    """The Claim of an example, or its ChargeItems."""
    if "claim" in example:
        return [shorthand.claim(example["claim"])]
    return [shorthand.charge(**charge) for charge in example["charges"]]


def run(
    example: Example,
    edits: Sequence[Edit],
    knowledge: Knowledge,
    *,
    medicare: bool,
    resources: Sequence[dict[str, Any]] | None = None,
) -> Report:
    """What the edits say of the example, those that pass too; `resources` stand for those of the example itself."""
    if resources is None:
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
    rules = example.get("requires", ())
    facts = Facts(knowledge, from_date(example.get("today", TODAY)), medicare, _asking(rules))
    features = sum({_FEATURES[rule["asked"]] for rule in rules})
    selection = Selection(tuple(edits), {}, medicare, facts.requirements, lambda _: features)
    return validate(claim, facts, selection, passes=True)


def findings_of(edit: Edit, example: Example, knowledge: Knowledge) -> list[Finding]:
    """What the edit, alone, says of the example."""
    report = run(example, (edit,), knowledge, medicare=medicare_of(edit, example))
    return [finding for finding in report.findings if edit.id in (finding.edit, *finding.also)]


def medicare_of(edit: Edit, example: Example) -> bool:
    """Whether the example is run by Medicare's rules: as it says, else as the edit asks for."""
    return bool(example.get("medicare", edit.medicare))


def _asking(rules: Iterable[Mapping[str, Any]]) -> Requirements:
    """What a pack of the example's rules asks: each of one code."""

    def asked_of(asked: Asked, _claim: Claim, line: Line) -> Sequence[Requirement]:
        return [
            Requirement(rule["id"], "A rule of a pack", "The pack", **rule.get("with", {}))
            for rule in rules
            if rule["asked"] == asked and str(rule["code"]) == line.code
        ]

    return asked_of
