"""Code systems held in memory, and supplements laid over them."""

from __future__ import annotations

import pytest

from terminology.memory import MemoryCodeSystem
from terminology.model import Concept, Designation
from terminology.supplement import Supplemented

from .invented import TREES, german, trees

SYSTEM = trees()


def test_a_code_that_is_there_twice_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'a'"):
        MemoryCodeSystem("http://example.org/x", [Concept("a"), Concept("b"), Concept("a")])


def test_parents_and_children_are_each_others_reverse() -> None:
    for at in range(len(SYSTEM)):
        for below in SYSTEM.children(at):
            assert at in SYSTEM.parents(below)
    assert [SYSTEM.code(at) for at in SYSTEM.children(0)] == ["conifer", "broadleaf"]


def test_a_code_in_another_case_is_found_where_case_does_not_matter() -> None:
    loose = MemoryCodeSystem("http://example.org/x", [Concept("AbC"), Concept("abc")], case_sensitive=False)
    exact, other = loose.locate("abc"), loose.locate("ABC")
    assert exact is not None
    assert (exact.concept.code, exact.given_as) == ("abc", None)
    assert other is not None
    assert (other.concept.code, other.given_as) == ("AbC", "case")
    assert SYSTEM.locate("OAK") is None


def test_typed_text_finds_codes_by_their_start_and_texts_by_the_starts_of_words() -> None:
    system = MemoryCodeSystem(
        "http://example.org/x",
        [Concept("ab", "Second"), Concept("b", "About time"), Concept("c", designations=(Designation("Abend", "de"),))],
    )
    assert [system.code(at) for at in system.matching("ab")] == ["ab", "b", "c"]
    assert [system.code(at) for at in system.matching("tim abo")] == ["b"]
    assert [system.code(at) for at in system.matching("  ")] == ["ab", "b", "c"]


def test_ranges_go_by_the_order_of_codes() -> None:
    assert [SYSTEM.code(at) for at in SYSTEM.between("c", "m")] == ["conifer", "elm", "larch"]


def test_a_supplement_adds_texts_and_properties_to_the_concepts_that_are_there() -> None:
    laid = Supplemented(SYSTEM, [german()])
    oak, elm = laid.locate("oak"), laid.locate("elm")
    assert oak is not None
    assert [item.value for item in oak.concept.designations] == ["Eiche", "Eichbaum"]
    assert {item.source for item in oak.concept.designations} == {"http://example.org/trees-german|2"}
    assert elm is not None
    assert elm.concept == SYSTEM.concept(elm.at or 0)
    assert [laid.code(at) for at in laid.having("evergreen", "true")] == ["pine"]
    assert [laid.code(at) for at in laid.matching("kief")] == ["pine"]
    assert (laid.url, laid.version, len(laid)) == (TREES, "1.0.0", len(SYSTEM))
    assert laid.supplemented_by == ("http://example.org/trees-german|2",)
    assert "evergreen" in laid.property_types
