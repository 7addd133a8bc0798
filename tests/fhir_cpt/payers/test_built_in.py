"""Every rule of the built-in packs ends on its examples as they say, and what it would mend is mended."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.payers.loading import built_in
from fhir_cpt.payers.pack import Example, Pack, Require
from fhir_cpt.payers.rules import PackRule
from fhir_cpt.payers.trial import faults_of, run, short
from fhir_cpt.served import Served

from ..rules.patching import patched

RULES = [(pack, rule) for pack in built_in().packs for rule in pack.rules]
EXAMPLES = [(pack, rule, example) for pack, rule in RULES for example in rule.examples]


@pytest.mark.parametrize(
    ("pack", "rule", "example"), EXAMPLES, ids=[f"{rule.id}: {example.name}" for _, rule, example in EXAMPLES]
)
def test_an_example_ends_as_it_says(pack: Pack, rule: object, example: Example, served: Served) -> None:
    at = pack.rules.index(rule)  # type: ignore[arg-type]
    bound = PackRule(pack.rules[at], pack, served.packs.values)
    report = run(bound, example, served.knowledge)
    spoken = [item for item in report.findings if bound.id in (item.edit, *item.also)]
    assert {item.state for item in spoken} == {example.expect}
    for finding in spoken:
        if example.expect == "fail":
            assert finding.text.endswith(".")
            assert finding.expression
            assert finding.evidence
            assert finding.severity == bound.rule.severity
            assert finding.carc
        if finding.fix is not None:
            mended = patched(short(example.claim), finding.fix)
            assert finding.text not in failing(bound, mended, served)


def failing(rule: PackRule, claim: dict[str, Any], served: Served) -> list[str]:
    """What the rule has against a claim."""
    facts = Facts(served.knowledge, 20261120)
    selection = Selection((), rules=rule.edit.check)
    report = validate(claim_from(claim, "Claim", Resources()), facts, selection)
    return [item.text for item in report.findings if item.state == "fail"]


def test_the_invented_payer_shows_every_requirement() -> None:
    (pack,) = built_in().by_id["example-health"]
    names = Require.__struct_fields__
    assert {name for rule in pack.rules for name in names if getattr(rule.require, name) is not None} == set(names)


def test_the_release_has_nothing_against_the_built_in_packs(served: Served) -> None:
    held = built_in()
    assert list(faults_of(held.packs, held.sources, served.knowledge, served.packs.values)) == []
