"""What rules apply to, and what they require: one claim for each case, on the sample release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.history import Authorization, History
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.preparing import prepare
from fhir_cpt.claims.resources import Resources
from fhir_cpt.payers.reading import read
from fhir_cpt.payers.rules import PackRule
from fhir_cpt.payers.trial import run
from fhir_cpt.served import Served
from terminology.period import add_months

from .conftest import pack, rule

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "requirements.yaml").read_text("utf-8"))


def bound(served: Served, **changes: Any) -> PackRule:
    text = yaml.safe_dump(pack(rules=[rule(**changes)])).encode()
    written = read(text, "x").pack
    return PackRule(written.rules[0], written, served.packs.values)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_rule_says_of_a_claim(case: dict[str, Any], served: Served) -> None:
    example = {"name": "x", "claim": {"date": "2026-10-15", **case["claim"]}, "expect": "pass"}
    if "history" in case:
        example["history"] = case["history"]
    made = bound(served, **case["rule"], examples=[yaml.safe_load(yaml.safe_dump(example, sort_keys=False))])
    report = run(made, made.rule.examples[0], served.knowledge)
    found = [item for item in report.findings if made.id in (item.edit, *item.also)]
    says: dict[str, str] = case.get("says", {"pass": ""})
    assert [item.state for item in found] == list(says) * case.get("findings", 1)
    for item in found:
        assert says[item.state] in item.text


def test_a_charge_may_come_before_place_and_referral_are_known(served: Served) -> None:
    charges = [(shorthand.charge("99213", occurrenceDateTime="2026-10-15"), "ChargeItem")]
    for require in ({"place": {"in": ["22"]}}, {"referring-provider": True}):
        assert findings(bound(served, require=require), charges_from(charges, "ChargeItem", Resources()), served) == []


def test_a_modifier_is_added_to_the_code_of_a_charge_and_taken_off_it(served: Served) -> None:
    charges = [(shorthand.charge("99213:25", occurrenceDateTime="2026-10-15"), "ChargeItem")]
    claim = charges_from(charges, "ChargeItem", Resources())
    (finding,) = findings(bound(served, require={"modifier": {"all": ["95"]}}), claim, served)
    assert [(one.path, one.value) for one in finding.fix.changes] == [("ChargeItem.code.coding[0].code", "99213:25:95")]
    (other,) = findings(bound(served, require={"modifier": {"none": ["25"]}}), claim, served)
    assert [(one.path, one.value) for one in other.fix.changes] == [("ChargeItem.code.coding[0].code", "99213")]


def test_no_modifier_is_added_where_a_line_has_no_room(served: Served) -> None:
    full = {"code": "99213", "modifiers": ["25", "95", "GC", "Q6"]}
    claim = claim_from(shorthand.claim({"lines": [full]}), "Claim", Resources())
    (finding,) = findings(bound(served, require={"modifier": {"all": ["GT"]}}), claim, served)
    assert finding.fix is None


def test_fewer_units_are_charged_less(served: Served) -> None:
    spec = {"lines": [{"code": "99213", "units": 6, "price": 30, "net": 180}]}
    claim = claim_from(shorthand.claim(spec), "Claim", Resources())
    (finding,) = findings(bound(served, require={"max-units": {"units": 4, "per": "day"}}), claim, served)
    assert {one.path: one.value for one in finding.fix.changes} == {
        "Claim.item[0].quantity.value": 4,
        "Claim.item[0].net.value": 120,
        "Claim.total.value": 120,
    }


def test_authorisations_alone_tell_nothing_of_what_went_before(served: Served) -> None:
    claim = claim_from(shorthand.claim({"date": "2026-10-15", "lines": ["99213"]}), "Claim", Resources())
    claim.history = History((), (Authorization("A1"),), has_lines=False)
    made = bound(served, require={"max-units": {"units": 1, "per": "lifetime"}})
    assert [one.state for one in findings(made, claim, served)] == ["no-data"]


def test_a_claim_of_very_many_lines_is_not_counted(served: Served) -> None:
    resource = shorthand.claim({"date": "2026-10-15", "lines": ["99213"] * 2001})
    made = bound(served, require={"max-units": {"units": 1}})
    (finding,) = findings(made, claim_from(resource, "Claim", Resources()), served)
    assert (finding.state, finding.missing) == ("no-data", "fewer lines")


def test_a_referral_may_be_a_reference_of_the_claim(served: Served) -> None:
    made = bound(served, require={"referring-provider": True})
    resource = shorthand.claim({"date": "2026-10-15", "lines": ["99213"]})
    assert len(findings(made, claim_from(resource, "Claim", Resources()), served)) == 1
    resource["referral"] = {"reference": "ServiceRequest/1"}
    assert findings(made, claim_from(resource, "Claim", Resources()), served) == []


def test_who_refers_does_not_render(served: Served) -> None:
    resource = shorthand.claim({"date": "2026-10-15", "lines": ["99213"], "referring": "1982645732"})
    resource["item"][0]["careTeamSequence"] = [1]
    claim = claim_from(resource, "Claim", Resources())
    assert claim.referring == "1982645732"
    assert claim.lines[0].provider == shorthand.BILLING_NPI


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (20240229, 12, 20250228),
        (20240131, 1, 20240229),
        (20251231, 12, 20261231),
        (20251130, 3, 20260228),
        (99990101, 36, 99991231),
    ],
)
def test_months_end_where_the_calendar_has_them_end(day: int, months: int, later: int) -> None:
    assert add_months(day, months) == later


def findings(made: PackRule, claim: Claim, served: Served) -> list[Any]:
    facts = Facts(served.knowledge, 20261120)
    prepare(claim, facts)
    return list(made.edit.check(claim, facts))
