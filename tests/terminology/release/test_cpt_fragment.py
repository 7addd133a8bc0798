from __future__ import annotations

import re

import pytest

from terminology.model import Concept
from terminology.period import FIRST_DAY
from terminology.release import cpt_fragment


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("99213", True),
        ("0001U", True),
        ("0002M", True),
        ("0591T", True),
        ("3008F", True),
        ("0001A", True),
        ("J1885", False),
        ("D0120", False),
        ("0001B", False),
        ("9921", False),
        ("992133", False),
        ("25", False),
        ("99213\n", False),
        ("９９２１３", False),
        ("９９２１3", False),
    ],
)
def test_a_code_of_cpt_is_known_by_its_shape(code, expected):
    assert cpt_fragment.is_code(code) is expected


@pytest.mark.parametrize(
    ("code", "category", "section"),
    [
        ("99201", "I", None),
        ("99202", "I", "evaluation-and-management"),
        ("99499", "I", "evaluation-and-management"),
        ("00100", "I", "anesthesia"),
        ("99140", "I", "anesthesia"),
        ("10004", "I", "surgery"),
        ("69990", "I", "surgery"),
        ("70010", "I", "radiology"),
        ("89398", "I", "pathology-and-laboratory"),
        ("0001U", "PLA", "pathology-and-laboratory"),
        ("0002M", "MAAA", "pathology-and-laboratory"),
        ("90281", "I", "medicine"),
        ("99199", "I", "medicine"),
        ("99607", "I", "medicine"),
        ("0591T", "III", None),
        ("3008F", "II", None),
        ("0001A", "I", None),
    ],
)
def test_the_code_tells_its_category_and_its_section(code, category, section):
    assert cpt_fragment.category_of(code) == category
    assert cpt_fragment.section_of(code) == section
    concept = cpt_fragment.described(Concept(code))
    assert (concept.value("category"), concept.value("section")) == (category, section)
    assert (concept.value("modifier"), concept.value("modified")) == (False, False)


def test_a_modifier_is_no_code_and_has_its_own_kind():
    found = {concept.code: concept for concept in cpt_fragment.modifiers()}
    assert all(concept.value("modifier") is True and concept.value("category") is None for concept in found.values())
    assert {str(concept.value("kind")) for concept in found.values()} >= {"general", "physical-status", "cat-2"}
    assert found["25"].start == FIRST_DAY
    assert found["93"].start == 20220101
    assert not any(map(cpt_fragment.is_code, found))


def test_no_modifier_is_listed_twice():
    codes = [concept.code for concept in cpt_fragment.modifiers()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[0-9A-Z]{2}", code) for code in codes)


def test_a_fragment_says_where_each_code_is_known_from_and_has_no_text():
    found = {concept.code: concept for concept in cpt_fragment.fragment({"99213": {"pfs 2025q4", "addon 2024q3"}})}
    known = [item.value for item in found["99213"].properties if item.code == "known-from"]
    assert known == ["addon 2024q3", "pfs 2025q4"]
    assert all(concept.display is None and not concept.designations for concept in found.values())
    assert len(found) == 1 + len(cpt_fragment.modifiers())


def test_what_is_told_already_is_not_told_again():
    once = cpt_fragment.described(Concept("99213"))
    assert cpt_fragment.described(once) == once
