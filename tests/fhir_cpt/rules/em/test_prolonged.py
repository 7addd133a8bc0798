"""em-prolonged: the visits that a code may accompany, and its minutes by year."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import charges_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.em import prolonged
from fhir_cpt.rules.em.prolonged import prolonged_on
from fhir_cpt.rules.families import families_of

from ..patching import patched

_CODES = ("99417", "99418", "G2212", "G0316", "G0317", "G0318")


@pytest.mark.parametrize(
    ("code", "day", "bases"),
    [
        ("99417", 20201231, {}),
        ("99417", 20210101, {"99205": 75, "99215": 55}),
        ("99417", 20221231, {"99205": 75, "99215": 55}),
        ("99417", 20230101, {"99205": 75, "99215": 55, "99245": 70, "99345": 90, "99350": 75, "99483": 75}),
        ("99418", 20221231, {}),
        ("99418", 20230101, {"99223": 90, "99233": 65, "99236": 100, "99255": 95, "99306": 60, "99310": 60}),
        ("99418", 20240101, {"99223": 90, "99233": 65, "99236": 100, "99255": 95, "99306": 65, "99310": 60}),
        ("G2212", 20221231, {"99205": 89, "99215": 69}),
        ("G2212", 20230101, {"99205": 89, "99215": 69, "99483": 100}),
        ("G0316", 20230101, {"99223": 90, "99233": 65, "99236": 110}),
        ("G0317", 20230101, {"99306": 95, "99310": 85}),
        ("G0318", 20230101, {"99345": 140, "99350": 110}),
    ],
)
def test_the_visits_and_minutes_of_the_day(code, day, bases):
    assert prolonged_on(code, day).bases == bases


@pytest.mark.parametrize("day", [20201231, 20210101, 20221231, 20230101, 20261015])
@pytest.mark.parametrize("code", _CODES)
def test_a_code_is_in_the_family_while_it_has_visits(code, day):
    assert ("prolonged" in families_of(code, day)) == bool(prolonged_on(code, day).bases)


def test_the_wrong_visit_needs_no_minutes(check):
    (finding,) = check(prolonged.EDIT, lines=["99214", "99417"])
    assert finding.severity == "error"
    assert finding.lines == (1,)
    assert finding.expression == ("Claim.item[1].productOrService", "Claim.item[0].productOrService")
    assert "99215" in finding.text


def test_a_visit_of_another_provider_or_day_is_none(check):
    assert len(check(prolonged.EDIT, lines=[{"code": "99215", "provider": "1999999984"}, "99417"])) == 1
    assert len(check(prolonged.EDIT, lines=[{"code": "99215", "date": "2026-10-14"}, "99417"])) == 1


def test_a_charge_whose_visit_may_be_another_charge_is_a_warning(check):
    (finding,) = check(prolonged.EDIT, resource=shorthand.charge("99417", occurrenceDateTime="2026-10-15"))
    assert finding.severity == "warning"


@pytest.mark.parametrize(("minutes", "units"), [(55, 1), (69, 1), (70, 2), (84, 2)])
def test_the_units_that_the_minutes_support_are_offered_with_their_charge(check, minutes, units):
    lines = ["99215", {"code": "99417", "units": 3, "net": 90}]
    resource = shorthand.claim({"lines": lines, "info": [{"minutes": minutes}]})
    (finding,) = check(prolonged.EDIT, resource=resource)
    assert finding.fix is not None
    mended = patched(resource, finding.fix)
    assert mended["item"][1]["quantity"]["value"] == units
    assert mended["item"][1]["net"]["value"] == 30 * units
    assert mended["total"]["value"] == 100 + 30 * units
    assert check(prolonged.EDIT, resource=mended) == []


def test_no_units_to_lower_to_is_no_fix(check):
    (finding,) = check(prolonged.EDIT, lines=["99215", "99417"], info=[{"minutes": 54}])
    assert finding.fix is None
    assert "none" in finding.text


def test_charges_that_name_no_provider_are_taken_together(sample_release):
    charges = [shorthand.charge(code, occurrenceDateTime="2026-10-15") for code in ("99215", "99417")]
    claim = charges_from([(charge, "ChargeItem") for charge in charges], "ChargeItem", Resources())
    report = validate(claim, Facts(Knowledge(sample_release), 20261120), Selection((prolonged.EDIT,)))
    assert [finding.state for finding in report.findings] == ["no-data"]
