"""Translation by concept maps, both ways."""

from __future__ import annotations

import pytest

from terminology.concept_map import ConceptMap, Element, Group, Target, Unmapped
from terminology.queries.translate import translate

A, B = "http://example.org/a", "http://example.org/b"
ELEMENTS = (
    Element("one", (Target("eins"), Target("ein", "related-to"))),
    Element("two", (Target("", "not-related-to"),)),
)


def maps(unmapped: Unmapped | None = None) -> list[ConceptMap]:
    return [ConceptMap("http://example.org/map", groups=(Group(A, B, ELEMENTS, unmapped=unmapped),))]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"source": A, "code": "one"}, ["eins", "ein"]),
        ({"source": A, "code": "one", "target": B}, ["eins", "ein"]),
        ({"source": A, "code": "one", "target": A}, []),
        ({"source": B, "code": "one"}, []),
        ({"source": A, "code": "two"}, []),
        ({"source": A, "code": "three"}, []),
        ({"target": B, "target_code": "ein"}, ["ein"]),
    ],
)
def test_a_code_is_translated_as_the_map_says(asked: dict[str, str], codes: list[str]) -> None:
    assert [match.concept.code for match in translate(maps(), **asked)] == codes


@pytest.mark.parametrize(
    ("unmapped", "code"),
    [(Unmapped("fixed", "other"), "other"), (Unmapped("use-source-code"), "three"), (Unmapped("other-map"), None)],
)
def test_what_a_map_does_not_list_becomes_what_it_says_of_unmapped_codes(unmapped: Unmapped, code: str | None) -> None:
    found = translate(maps(unmapped), source=A, code="three")
    assert [match.concept.code for match in found] == ([code] if code else [])
    assert len(translate(maps(unmapped), source=A, code="one")) == 2


def test_a_mapping_that_two_maps_have_is_told_once() -> None:
    assert len(translate([*maps(), *maps()], source=A, code="one")) == 2
