"""line-duplicate."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand

SEPARATING = ["76", "77", "91", "59", "XE", "XS", "XP", "XU", "LT", "RT", "E1", "E4", "FA", "F9", "TA", "T9"]
SEPARATING += ["LC", "LD", "LM", "RC", "RI"]


@pytest.mark.parametrize("modifier", SEPARATING)
def test_a_modifier_that_says_why_makes_it_no_duplicate(said, modifier):
    line = {"code": "11042", "modifiers": [modifier]}
    assert said("line-duplicate", lines=[line, line]) == []


@pytest.mark.parametrize("modifier", ["25", "26", "50", "GP", "KX"])
def test_other_modifiers_do_not_tell_two_lines_apart(said, modifier):
    line = {"code": "11042", "modifiers": [modifier]}
    assert len(said("line-duplicate", lines=[line, line])) == 1


def test_three_of_a_kind_are_two_too_many(said):
    assert [item.lines for item in said("line-duplicate", lines=["71046", "36415", "71046", "71046"])] == [
        (2, 0),
        (3, 0),
    ]


def test_days_of_a_span_count(said):
    lines = [{"code": "97110", "date": "2026-10-12/2026-10-14"}, {"code": "97110", "date": "2026-10-14"}]
    assert len(said("line-duplicate", lines=lines)) == 1
    lines[1]["date"] = "2026-10-15"
    assert said("line-duplicate", lines=lines) == []


def test_no_units_are_one_unit(said):
    assert len(said("line-duplicate", lines=["71046", {"code": "71046", "units": 1}])) == 1


def test_an_item_and_its_own_detail_are_one_service(said):
    resource = shorthand.claim({"lines": ["71046"]})
    item = resource["item"][0]
    item["detail"] = [{"sequence": at, "productOrService": item["productOrService"]} for at in (1, 2)]
    assert [found.expression for found in said("line-duplicate", resource=resource)] == [
        ("Claim.item[0].detail[1]", "Claim.item[0].detail[0]")
    ]


def test_an_item_its_detail_and_its_subdetail_are_one_service(said):
    resource = shorthand.claim({"lines": ["71046"]})
    item = resource["item"][0]
    service = item["productOrService"]
    subdetails = [{"sequence": at, "productOrService": service} for at in (1, 2)]
    item["detail"] = [{"sequence": 1, "productOrService": service, "subDetail": subdetails}]
    assert [found.expression for found in said("line-duplicate", resource=resource)] == [
        ("Claim.item[0].detail[0].subDetail[1]", "Claim.item[0].detail[0].subDetail[0]")
    ]


def test_a_repetition_is_found_among_lines_of_many_days(said):
    days = [f"2026-09-{day:02}" for day in range(1, 29)]
    lines = [{"code": "71046", "date": day} for day in (*days, days[17])]
    assert [found.lines for found in said("line-duplicate", lines=lines)] == [(28, 17)]
