"""Who counts as the same practice: on one claim, and over time."""

from __future__ import annotations

import pytest

from fhir_cpt.claims.history import PriorLine
from fhir_cpt.claims.model import Line
from fhir_cpt.rules.practice import organisation_of, same_practice, same_practice_before

CASES = [
    ("the same provider", ("1", "9|A"), ("1", "9|B"), True, True),
    ("the same group and specialty", ("1", "9|A"), ("2", "9|A"), True, True),
    ("the same group of another specialty", ("1", "9|A"), ("2", "9|B"), False, False),
    ("the same group without a specialty", ("1", "9|"), ("2", "9|"), False, False),
    ("the same specialty without a group", ("1", "|A"), ("2", "|A"), False, False),
    ("a group named by system and value, without a specialty", ("1", "urn:x|9|"), ("2", "urn:x|9|"), False, False),
    ("nobody named", ("", "|"), ("", "|"), True, False),
    ("a name that means something within one resource alone", ("#p", "#g|A"), ("#p", "#g|A"), True, False),
]


def line(provider: str, group: str) -> Line:
    made = Line("Claim.item[0]", 0)
    made.provider, made.group = provider, group
    return made


@pytest.mark.parametrize(("name", "one", "two", "now", "before"), CASES, ids=[case[0] for case in CASES])
def test_two_services_are_of_one_practice(
    name: str, one: tuple[str, str], two: tuple[str, str], now: bool, before: bool
) -> None:
    del name
    prior = PriorLine("s", "99213", (), 20250101, 20250101, provider=two[0], group=two[1])
    assert same_practice(line(*one), line(*two)) is now
    assert same_practice_before(line(*one), prior) is before


@pytest.mark.parametrize(("group", "organisation"), [("9|A", "9"), ("9|", "9"), ("sys|9|A", "sys|9"), ("|A", "")])
def test_a_group_names_its_organisation(group: str, organisation: str) -> None:
    assert organisation_of(group) == organisation
