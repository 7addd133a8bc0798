"""claim-total-mismatch and line-charge-invalid: sums and products of money."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Change
from fhir_cpt.rules.claim.amounts import differ

CENTS = st.integers(min_value=0, max_value=10_000_000)


@given(st.lists(CENTS, min_size=1, max_size=50))
def test_a_sum_of_cents_is_never_off_by_floating_point(cents):
    assert not differ(sum(cents) / 100, sum(cent / 100 for cent in cents))


@given(CENTS, CENTS)
def test_amounts_of_different_cents_differ(one, other):
    assert differ(one / 100, other / 100) is (one != other)


@pytest.mark.parametrize(("total", "findings"), [(100.005, 0), (100.006, 1), (99.99, 1)])
def test_half_a_cent_is_allowed(said, total, findings):
    assert len(said("claim-total-mismatch", total=total)) == findings


def test_the_charge_of_a_detail_is_part_of_its_items(said):
    resource = shorthand.claim({"lines": ["99213"]})
    item = resource["item"][0]
    item["detail"] = [{"sequence": 1, "productOrService": item["productOrService"], "net": {"value": 60.0}}]
    assert said("claim-total-mismatch", resource=resource) == []


def test_the_fix_of_a_total_is_the_sum(said):
    (finding,) = said("claim-total-mismatch", lines=[{"code": "99213", "net": 80.25}], total=80)
    assert finding.fix is not None
    assert finding.fix.changes == (Change(type="replace", path="Claim.total.value", value=80.25, value_type="decimal"),)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ({"price": -50, "net": -50}, "Claim.item[0].net"),
        ({"price": -50, "net": 50}, "Claim.item[0].unitPrice"),
        ({"price": 33.333, "units": 3, "net": 100}, None),
        ({"price": 33.33, "units": 3, "net": 100}, "Claim.item[0].net"),
        ({"price": 100, "factor": 0.8, "net": 80}, None),
        ({"price": 100, "net": None}, None),
        ({"price": 100, "units": 0, "net": 0}, None),
        ({"net": 0}, None),
    ],
)
def test_a_charge_is_price_times_units_times_factor_and_not_negative(said, line, where):
    found = said("line-charge-invalid", lines=[{"code": "97110", **line}])
    assert [item.expression for item in found] == ([(where,)] if where else [])


def test_a_product_below_zero_is_not_offered_as_a_fix(said):
    (finding,) = said("line-charge-invalid", lines=[{"code": "97110", "price": 10, "units": -1, "net": 10}])
    assert finding.fix is None
