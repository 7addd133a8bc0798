"""therapy-units: the 8-minute rule, and how a line would be mended."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.time import therapy_units
from fhir_cpt.rules.time.therapy_units import allowed

from ..patching import patched


@pytest.mark.parametrize(
    ("first", "last", "units"),
    [
        (0, 7, 0),
        (8, 22, 1),
        (23, 37, 2),
        (38, 52, 3),
        (53, 67, 4),
        (68, 82, 5),
        (83, 97, 6),
        (98, 112, 7),
        (113, 127, 8),
    ],
)
def test_units_by_minutes(first, last, units):
    assert {allowed(minutes) for minutes in range(first, last + 1)} == {units}


@pytest.mark.parametrize(
    ("code", "day", "timed"),
    [
        ("97110", 20261015, True),
        ("97161", 20261015, False),
        ("97150", 20261015, False),
        ("97014", 20261015, False),
        ("97115", 20261015, False),
        ("97129", 20191231, False),
        ("97129", 20200101, True),
        ("97532", 20171231, True),
        ("97532", 20180101, False),
        ("97763", 20180101, True),
        ("G0515", 20191231, True),
        ("G0515", 20200101, False),
        ("97153", 20261015, False),
    ],
)
def test_timed_codes_by_day(code, day, timed):
    assert ("timed-therapy" in families_of(code, day)) == timed


def test_one_line_is_mended_by_fewer_units_and_their_charge(check):
    lines = [{"code": "97110", "units": 4, "net": 120}]
    resource = shorthand.claim({"lines": lines, "info": [{"minutes": 38}]})
    (finding,) = check(therapy_units.EDIT, resource=resource)
    assert finding.fix is not None
    mended = patched(resource, finding.fix)
    assert (mended["item"][0]["quantity"]["value"], mended["item"][0]["net"]["value"]) == (3, 90)
    assert mended["total"]["value"] == 90
    assert check(therapy_units.EDIT, resource=mended) == []


def test_several_lines_are_left_to_the_biller(check):
    lines = [{"code": "97110", "units": 2}, {"code": "97140", "units": 2}]
    (finding,) = check(therapy_units.EDIT, lines=lines, info=[{"minutes": 38}])
    assert finding.fix is None
    assert finding.expression == (
        "Claim.item[0].quantity",
        "Claim.item[1].quantity",
        "Claim.supportingInfo[0]",
    )


def test_two_therapists_do_not_share_their_minutes(check):
    lines = [
        {"code": "97110", "units": 2, "provider": "1234567893", "info": [1]},
        {"code": "97140", "units": 2, "provider": "1999999984", "info": [2]},
    ]
    (finding,) = check(therapy_units.EDIT, lines=lines, info=[{"minutes": 22}, {"minutes": 60}])
    assert finding.lines == (0,)


def test_a_detail_is_not_lowered_apart_from_its_item(check):
    resource = shorthand.claim({"lines": ["99999"], "info": [{"minutes": 8}]})
    item = resource["item"][0]
    coding = {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "97110"}]}
    item["detail"] = [{"sequence": 1, "productOrService": coding, "quantity": {"value": 2}}]
    (finding,) = check(therapy_units.EDIT, resource=resource)
    assert finding.fix is None
