"""line-place-of-service."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import charges_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.claim import EDITS


def test_a_place_of_another_code_system_is_none(said):
    resource = shorthand.claim({"lines": ["99213"]})
    coding = resource["item"][0]["locationCodeableConcept"]["coding"][0]
    assert said("line-place-of-service", resource=resource) == []
    coding["system"] = "http://terminology.hl7.org/CodeSystem/ex-serviceplace"
    (finding,) = said("line-place-of-service", resource=resource)
    assert (finding.code, finding.expression) == ("required", ("Claim.item[0]",))


def test_the_leading_zero_is_offered_where_it_makes_a_place(said):
    (finding,) = said("line-place-of-service", place="2")
    assert finding.fix is not None
    assert finding.fix.changes[0].path == "Claim.item[0].locationCodeableConcept"
    assert finding.fix.changes[0].value["coding"][0]["code"] == "02"
    (finding,) = said("line-place-of-service", place="0")
    assert finding.fix is None


def test_each_line_is_judged_on_its_own_day(said):
    lines = [{"code": "99213", "date": day, "place": "10"} for day in ("2022-01-01", "2021-12-31", "2022-01-02")]
    assert [item.lines for item in said("line-place-of-service", lines=lines)] == [(1,)]


@pytest.mark.parametrize(("use", "findings"), [("claim", 1), ("preauthorization", 0), ("predetermination", 0)])
def test_only_a_claim_must_name_a_place(said, use, findings):
    assert len(said("line-place-of-service", use=use, place=None, lines=[{"code": "27447"}])) == findings


def test_a_wrong_place_is_told_of_a_request_too(said):
    assert len(said("line-place-of-service", use="preauthorization", place="98")) == 1


def test_a_charge_item_needs_no_place(claim_knowledge):
    charge = shorthand.charge("99213", occurrenceDateTime="2026-10-15")
    claim = charges_from([(charge, "ChargeItem")], "ChargeItem", Resources())
    assert validate(claim, Facts(claim_knowledge, 20261121), Selection(EDITS)).findings == ()
