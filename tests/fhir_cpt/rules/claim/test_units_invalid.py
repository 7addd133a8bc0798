"""line-units-invalid."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("line", "findings"),
    [
        ({"code": "97110", "units": 1}, 0),
        ({"code": "97110"}, 0),
        ({"code": "97110", "units": 0.5}, 1),
        ({"code": "A0425", "units": 0.4}, 0),
        ({"code": "A0425", "units": 0}, 1),
        ({"code": "A0425", "units": -0.1}, 1),
        ({"code": "ABC12", "system": "http://hl7.org/fhir/sid/ndc", "units": 2.5}, 0),
        ({"code": "97110", "units": 1.5, "date": None}, 0),
        ({"code": "X9999", "units": 1.5}, 0),
        ({"code": "X9999", "units": 0}, 1),
    ],
)
def test_units_are_above_zero_and_whole_where_it_is_known_how_the_code_counts(said, line, findings):
    found = said("line-units-invalid", lines=[line])
    assert [item.expression for item in found] == [("Claim.item[0].quantity",)] * findings
