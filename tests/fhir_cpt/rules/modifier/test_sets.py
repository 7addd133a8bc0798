"""The sets of modifiers by day."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.modifiers import Modifiers
from fhir_cpt.rules.modifier.sets import members, pairs, read, trips
from terminology import Release
from terminology.period import FIRST_DAY

DAY = 20261015


@pytest.mark.parametrize("name", [*read("sets.yaml")])
def test_every_modifier_of_a_set_is_one(name: str, sample_release: Release) -> None:
    known = Modifiers(sample_release)
    # Rare ones that the sample's short list of HCPCS leaves out.
    rare = {"QL", "FT", "G8", "G9"}
    assert {code for code in members(name, DAY) - rare if known.concept(code, DAY) is None} == set()
    assert read("sets.yaml")[name]["source"]


def test_the_modifiers_of_a_conflict_are_modifiers(sample_release: Release) -> None:
    known = Modifiers(sample_release)
    for conflict in read("conflicts.yaml")["conflicts"]:
        for key in ("one_of", "never", "with", "keep"):
            for code in map(str, conflict.get(key, ())):
                assert known.concept(code, DAY) is not None, (conflict["id"], code)


@pytest.mark.parametrize(
    ("name", "code", "first", "before"),
    [("separating", "XS", 20150101, 20141231), ("visit", "FT", 20220101, 20211231)],
)
def test_a_modifier_is_in_its_set_from_its_first_day(name: str, code: str, first: int, before: int) -> None:
    assert code in members(name, first)
    assert code not in members(name, before)


def test_a_department_off_the_campus_is_a_facility_from_2016() -> None:
    assert "19" in members("technical-component-in-facility", 20160101)
    assert "19" not in members("technical-component-in-facility", 20151231)


def test_a_set_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        members("nothing", DAY)


def test_a_trip_has_an_origin_and_a_destination_and_x_only_ends_one() -> None:
    assert len(trips()) == 110
    assert {"RH", "SH", "HN", "RX"} <= trips()
    assert trips().isdisjoint({"XH", "R", "RRR", "LT"})
    assert pairs() - trips() == {f"X{letter}" for letter in "DEGHIJNPRSX"}


def test_pricing_and_informational_modifiers_are_apart() -> None:
    assert members("pricing", DAY).isdisjoint(members("informational", DAY))


def test_an_ordinary_visit_with_25_waits_for_the_edits_on_it_alone(sample_release: Release) -> None:
    found = Modifiers(sample_release).facts(("25",), DAY)
    assert found.features == Feature.SEPARATE_VISIT_MODIFIER


def test_a_modifier_may_concern_several_edits(sample_release: Release) -> None:
    found = Modifiers(sample_release).facts(("53",), FIRST_DAY + DAY)
    assert found.features & Feature.SETTING_MODIFIER
    assert found.features & Feature.DISCONTINUED_MODIFIER
    assert found.features & Feature.DOCUMENTED_MODIFIER
