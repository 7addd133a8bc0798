"""line-date-missing and line-date-invalid."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import charges_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.claim import EDITS


def without_days(*, billable: object) -> dict:
    resource = shorthand.claim({"lines": [{"code": "99213", "date": None}, {"code": "36415", "date": None}]})
    return {**resource, "billablePeriod": billable} if billable is not None else resource


def test_the_claims_period_is_the_day_of_lines_that_have_none(said):
    assert said("line-date-missing", resource=without_days(billable={"start": "2026-10-15"})) == []
    assert len(said("line-date-missing", resource=without_days(billable=None))) == 2


def test_a_fault_of_the_claims_period_is_told_once_for_all_its_lines(said):
    resource = without_days(billable={"start": "2026-10-15", "end": "2026-10-01"})
    (finding,) = said("line-date-invalid", resource=resource)
    assert finding.expression == ("Claim.billablePeriod",)
    assert finding.lines == (0, 1)


def test_a_day_that_cannot_be_read_is_not_missing_too(said):
    resource = without_days(billable={"start": "yesterday"})
    assert said("line-date-missing", resource=resource) == []
    assert len(said("line-date-invalid", resource=resource)) == 1


def test_a_detail_has_the_day_of_its_item(said):
    resource = without_days(billable=None)
    item = resource["item"][0]
    item["detail"] = [{"sequence": 1, "productOrService": item["productOrService"]}]
    assert [item.lines for item in said("line-date-missing", resource=resource)] == [(0,), (2,)]


@pytest.mark.parametrize(
    ("today", "date", "carc"),
    [
        (20261121, "2026-11-21", None),
        (20261120, "2026-11-21", ("110",)),
        (20261121, "2026-11-21T23:30:00-05:00", None),
        (20261121, "2026-11-01/2026-11-30", ("110",)),
        (20261121, "2026", ("16",)),
    ],
)
def test_a_service_has_been_done_by_today(said, today, date, carc):
    found = said("line-date-invalid", today=today, lines=[{"code": "99213", "date": date}])
    assert [item.carc for item in found] == ([carc] if carc else [])


@pytest.mark.parametrize(
    ("elements", "edit", "where"),
    [
        ({}, "line-date-missing", "ChargeItem"),
        ({"occurrenceDateTime": "2026-11-22"}, "line-date-invalid", "ChargeItem.occurrenceDateTime"),
        ({"occurrenceDateTime": "2026-11"}, "line-date-invalid", "ChargeItem.occurrenceDateTime"),
        (
            {"occurrencePeriod": {"start": "2026-10-02", "end": "2026-10-01"}},
            "line-date-invalid",
            "ChargeItem.occurrencePeriod",
        ),
    ],
)
def test_the_elements_of_a_charge_item_are_its_own(claim_knowledge, elements, edit, where):
    charge = shorthand.charge("99213", **elements)
    claim = charges_from([(charge, "ChargeItem")], "ChargeItem", Resources())
    found = validate(claim, Facts(claim_knowledge, 20261121), Selection(EDITS)).findings
    assert [(item.edit, item.expression) for item in found if item.state == "fail"] == [(edit, (where,))]
