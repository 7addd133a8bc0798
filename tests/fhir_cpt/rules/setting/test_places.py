from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.families import families_of, features
from fhir_cpt.rules.setting import place_not_payable, place_procedure
from fhir_cpt.rules.setting.places import bound, rates, telehealth_places

from ..patching import patched

Check = Callable[..., list[Finding]]
SAMPLE = Path(__file__).parents[4] / "fhir_cpt" / "sample"
_LIST = (SAMPLE / "lists" / "pos_codes.csv").read_text("utf-8")
PLACES = {row["pos_code"]: row["pos_type"] for row in csv.DictReader(_LIST.splitlines())}


def test_every_family_with_places_gives_the_feature_its_edit_waits_for() -> None:
    assert all(features()[family] & place_procedure.EDIT.when for family in bound())


def test_every_place_named_is_a_place_of_service() -> None:
    named = {place for rule in bound().values() for place in (rule.fits or frozenset()) | rule.unfit}
    assert named | telehealth_places() | set(rates()) <= set(PLACES)


def test_medicares_rates_are_those_of_cms_s_list_of_places() -> None:
    assert {place: PLACES[place].lower() for place in rates()} == dict(rates())


@pytest.mark.parametrize("code", ["99202", "99211", "99215"])
@pytest.mark.parametrize("place", ["11", "19", "20", "22", "24", "31", "49", "50", "71", "72", "99"])
def test_an_office_visit_fits_every_place_where_patients_come_and_go(check: Check, code: str, place: str) -> None:
    assert check(place_procedure.EDIT, lines=[code], place=place) == []


def test_the_home_took_in_domiciliary_care_in_2023() -> None:
    assert "domiciliary-visit" in families_of("99334", 20221231)
    assert "domiciliary-visit" not in families_of("99334", 20230101)


def test_an_emergency_visit_gets_the_place_of_the_department(check: Check) -> None:
    spec = {"lines": ["99284"], "place": "22"}
    found = check(place_procedure.EDIT, **spec)
    assert found[0].fix is not None
    mended = patched(shorthand.claim(spec), found[0].fix)
    assert check(place_procedure.EDIT, resource=mended) == []


def test_the_interpretation_of_a_hospitals_test_gets_modifier_26(check: Check) -> None:
    spec = {"lines": ["93306"], "place": "22"}
    found = check(place_not_payable.EDIT, medicare=True, **spec)
    assert [item.severity for item in found] == ["error"]
    assert found[0].edition is not None
    assert found[0].fix is not None
    assert check(place_not_payable.EDIT, medicare=True, resource=patched(shorthand.claim(spec), found[0].fix)) == []


@pytest.mark.parametrize("place", ["02", "10", "25", "50", "65", "72"])
def test_places_that_the_fee_schedule_does_not_decide_on_are_passed_over(check: Check, place: str) -> None:
    assert check(place_not_payable.EDIT, medicare=True, lines=["71046", "47562"], place=place) == []


def test_a_detail_is_told_of_by_its_items_place(check: Check) -> None:
    resource = shorthand.claim({"lines": ["99213"], "place": "23"})
    detail = {"sequence": 1, "productOrService": resource["item"][0]["productOrService"]}
    resource["item"][0] |= {"detail": [detail], "productOrService": {"text": "a visit"}}
    found = check(place_procedure.EDIT, resource=resource)
    assert found[0].expression[0] == "Claim.item[0].locationCodeableConcept"
    assert found[0].expression[1].startswith("Claim.item[0].detail[0]")
