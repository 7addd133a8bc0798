"""Versions: wildcards, order, and the rules of a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.versions import NO_RULES, Rules, age, is_wild, matches, newest

SYSTEM = "http://example.org/cs"
PARTS = st.lists(st.integers(0, 30), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("wanted", "version", "fits"),
    [
        ("1.0.0", "1.0.0", True),
        ("1", "1.0.0", False),
        ("1.0.x", "1.0.7", True),
        ("1.0.x", "1.1.0", False),
        ("1.x.x", "1.2.0", True),
        ("1.x", "1.2.0", True),
        ("1.x.3", "1.2.3", True),
        ("1.x.3", "1.2.4", False),
        ("1.x.3", "1.2.3.4", False),
        ("1.X", "1.2", True),
        ("*", "2024-10", True),
        ("2.*", "2.0.1", True),
        ("1.x.x", "1.2", False),
        ("", "", True),
    ],
)
def test_a_wildcard_stands_for_one_part_and_at_the_end_for_the_rest(wanted: str, version: str, fits: bool) -> None:
    assert matches(wanted, version) is fits


@given(PARTS, PARTS)
def test_versions_sort_by_the_values_of_their_numbers(one: list[int], other: list[int]) -> None:
    texts = [".".join(map(str, parts)) for parts in (one, other)]
    assert (age(texts[0]) < age(texts[1])) is (one < other)


@given(PARTS)
def test_every_version_matches_itself_and_its_own_wildcards(parts: list[int]) -> None:
    version = ".".join(map(str, parts))
    assert matches(version, version)
    for at in range(len(parts)):
        wild = ".".join("x" if number == at else str(part) for number, part in enumerate(parts))
        assert is_wild(wild)
        assert matches(wild, version)


@pytest.mark.parametrize(
    ("versions", "last"),
    [
        (["1.10.0", "1.9.0"], "1.10.0"),
        (["1.0.0", "1.0.0-beta"], "1.0.0"),
        (["2024-10", "2024-07", "2023-12"], "2024-10"),
        (["2026", "2027"], "2027"),
        (["", "1"], "1"),
        ([], None),
    ],
)
def test_the_newest_version_is_the_last_in_order(versions: list[str], last: str | None) -> None:
    assert newest(versions) == last


@pytest.mark.parametrize(
    ("rules", "asked", "wanted", "applied"),
    [
        (NO_RULES, None, None, None),
        (NO_RULES, "1", "1", None),
        (Rules(default={SYSTEM: "2"}), None, "2", "system-version"),
        (Rules(default={SYSTEM: "2"}), "1", "1", None),
        (Rules(checked={SYSTEM: "2"}), None, "2", "check-system-version"),
        (Rules(checked={SYSTEM: "2"}), "1", "1", None),
        (Rules(forced={SYSTEM: "2"}), "1", "2", "force-system-version"),
        (Rules(default={SYSTEM: "1"}, forced={SYSTEM: "2"}), None, "2", "force-system-version"),
        (Rules(default={SYSTEM: "1"}, checked={SYSTEM: "2"}), None, "1", "system-version"),
        (Rules(default={"http://example.org/other": "2"}), None, None, None),
    ],
)
def test_a_rule_decides_the_version_where_it_applies(
    rules: Rules, asked: str | None, wanted: str | None, applied: str | None
) -> None:
    assert rules.wanted(SYSTEM, asked) == wanted
    told = rules.applied(SYSTEM, asked)
    assert (told and told[0]) == applied
    assert told is None or told[1] == f"{SYSTEM}|{wanted}"


def test_a_checked_version_refuses_all_others() -> None:
    rules = Rules(checked={SYSTEM: "1.0.x"})
    assert rules.refuses(SYSTEM, "1.2.0") == "1.0.x"
    assert rules.refuses(SYSTEM, "1.0.3") is None
    assert rules.refuses("http://example.org/other", "9") is None
