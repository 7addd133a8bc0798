from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.remote import days, frequency, minutes
from fhir_cpt.rules.remote.monitoring import alike, asked, codes_of
from fhir_cpt.rules.remote.substitute import supported

from ..patching import patched

Check = Callable[..., list[Finding]]
FAMILIES = {"remote-monitoring-device", "remote-monitoring-setup", "remote-monitoring-treatment"}


@pytest.mark.parametrize(
    ("code", "before", "first"),
    [
        ("99453", 20181231, 20190101),
        ("99454", 20181231, 20190101),
        ("99458", 20191231, 20200101),
        ("98977", 20211231, 20220101),
        ("98978", 20221231, 20230101),
        ("99445", 20251231, 20260101),
        ("99470", 20251231, 20260101),
        ("98979", 20251231, 20260101),
        ("98984", 20251231, 20260101),
        ("98985", 20251231, 20260101),
        ("98986", 20251231, 20260101),
    ],
)
def test_a_code_is_of_remote_monitoring_from_its_first_day(code: str, before: int, first: int) -> None:
    assert asked(code, before) is None
    assert FAMILIES.isdisjoint(families_of(code, before))
    assert asked(code, first) is not None
    assert FAMILIES & families_of(code, first)


@pytest.mark.parametrize("series", ["physiologic", "therapeutic"])
def test_every_code_of_a_series_gives_the_feature_its_edits_wait_for(series: str) -> None:
    assert all(FAMILIES & families_of(code, 20261015) for code in codes_of(series))


@pytest.mark.parametrize(
    ("code", "amount", "day", "instead"),
    [
        ("99454", 15, 20260101, "99445"),
        ("99454", 15, 20251231, None),
        ("99454", 1, 20260101, None),
        ("99445", 16, 20260101, "99454"),
        ("98976", 2, 20260101, "98984"),
        ("98977", 2, 20260101, "98985"),
        ("98978", 2, 20260101, "98986"),
        ("99457", 19, 20260101, "99470"),
        ("99457", 19.5, 20260101, "99470"),
        ("99457", 19, 20251231, None),
        ("98980", 10, 20260101, "98979"),
        ("98979", 20, 20260101, "98980"),
    ],
)
def test_fewer_days_or_minutes_have_a_code_of_their_own_from_2026(
    code: str, amount: float, day: int, instead: str | None
) -> None:
    wanted = asked(code, day)
    assert wanted is not None
    found = supported(wanted, amount, day)
    assert (found.code if found else None) == instead


def test_the_codes_of_one_supply_never_overlap() -> None:
    for supply in ("physiologic", "respiratory", "musculoskeletal", "cognitive-behavioral"):
        rows = alike(supply, "device", 20261015)
        assert len(rows) == 2
        assert all(sum(row.holds(amount) for row in rows) == (amount >= 2) for amount in range(31))


@pytest.mark.parametrize(
    ("edit", "spec", "code"),
    [
        (days.EDIT, {"lines": ["99454"], "info": [{"days": 10}]}, "99445"),
        (days.EDIT, {"lines": ["99445"], "info": [{"days": 20}]}, "99454"),
        (minutes.EDIT, {"lines": ["99457"], "info": [{"minutes": 10}]}, "99470"),
        (minutes.EDIT, {"lines": ["99470"], "info": [{"minutes": 25}]}, "99457"),
    ],
)
def test_the_fix_puts_the_code_that_fits(check: Check, edit: Any, spec: dict[str, Any], code: str) -> None:
    found = check(edit, **spec)[0]
    assert found.fix is not None
    mended = patched(shorthand.claim(spec), found.fix)
    assert mended["item"][0]["productOrService"]["coding"][0]["code"] == code
    assert check(edit, resource=mended) == []


def test_no_code_is_put_that_the_release_does_not_know(check: Check) -> None:
    found = check(days.EDIT, lines=["98977"], info=[{"days": 10}])
    assert "98985" in found[0].text
    assert found[0].fix is None


def test_units_that_the_minutes_carry_are_put(check: Check) -> None:
    spec = {"lines": ["99457", {"code": "99458", "units": 3}], "info": [{"minutes": 65}]}
    found = check(minutes.EDIT, **spec)
    assert [(item.lines, item.fix is not None) for item in found] == [((1,), True)]
    assert found[0].fix is not None
    mended = patched(shorthand.claim(spec), found[0].fix)
    assert mended["item"][1]["quantity"]["value"] == 2
    assert check(minutes.EDIT, resource=mended) == []


def test_a_further_code_alone_fails_where_the_add_on_edit_is_off(check: Check) -> None:
    found = check(minutes.EDIT, lines=["99458"], info=[{"minutes": 45}])
    assert [(item.state, item.severity) for item in found] == [("fail", "error")]
    assert "99457" in found[0].text


def test_a_further_code_beside_too_few_minutes_for_the_first_is_told_of_too(check: Check) -> None:
    found = check(minutes.EDIT, lines=["99457", "99458"], info=[{"minutes": 15}])
    assert [item.lines for item in found] == [(0,), (1,)]
    assert all(item.fix is None for item in found)


def test_a_device_billed_twice_is_told_with_both_lines(check: Check) -> None:
    lines = [{"code": "99454", "date": "2026-10-01"}, {"code": "99445", "date": "2026-10-30"}]
    found = [item for item in check(frequency.EDIT, lines=lines) if item.state == "fail"]
    assert [item.lines for item in found] == [(1, 0)]
    assert "29 days from it" in found[0].text
