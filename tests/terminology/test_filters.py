"""Filters of value sets, each operator on an invented code system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import FilterInvalid
from terminology.filters import passes, selected
from terminology.memory import MemoryCodeSystem
from terminology.model import Concept, Property
from terminology.provider import Located
from terminology.valueset import Filter

from .invented import trees

SYSTEM = trees()


def chosen(prop: str, op: str, value: str, system: MemoryCodeSystem = SYSTEM) -> list[str]:
    return sorted(system.code(at) for at in selected(Filter(prop, op, value), system))


@pytest.mark.parametrize(
    ("prop", "op", "value", "codes"),
    [
        ("concept", "is-a", "conifer", "conifer larch pine"),
        ("concept", "descendent-of", "conifer", "larch pine"),
        ("concept", "child-of", "tree", "broadleaf conifer"),
        ("concept", "descendent-leaf", "tree", "elm larch oak pine"),
        ("concept", "generalizes", "pine", "conifer pine tree"),
        ("concept", "is-not-a", "conifer", "broadleaf elm oak tree"),
        ("code", "=", "oak", "oak"),
        ("concept", "in", "oak, pine,unknown", "oak pine"),
        ("code", "not-in", "oak,pine,elm,larch", "broadleaf conifer tree"),
        ("code", "in", "e-l", "elm"),
        ("code", "regex", "[a-z]{3}", "elm oak"),
        ("display", "regex", ".*tree", "broadleaf"),
        ("display", "=", "Oak", "oak"),
        ("leaf", "=", "broad", "broadleaf elm oak"),
        ("leaf", "in", "broad,needle", "broadleaf conifer elm larch oak pine"),
        ("leaf", "not-in", "broad", "conifer larch pine tree"),
        ("leaf", "exists", "false", "tree"),
        ("leaf", "exists", "true", "broadleaf conifer elm larch oak pine"),
        ("leaf", "regex", "n.*", "conifer larch pine"),
        ("height", "=", "40", "larch oak"),
        ("notSelectable", "=", "true", "tree"),
        ("notSelectable", "=", "TRUE", ""),
        ("inactive", "=", "true", "elm"),
        ("status", "=", "retired", "elm"),
        ("parent", "=", "conifer", "larch pine"),
        ("child", "=", "oak", "broadleaf"),
    ],
)
def test_a_filter_chooses_the_concepts_that_pass(prop: str, op: str, value: str, codes: str) -> None:
    assert chosen(prop, op, value) == codes.split()


@pytest.mark.parametrize(
    ("prop", "op", "value", "named"),
    [
        ("concept", "is-a", "palm", "palm"),
        ("concept", "is-a", "", "has no value"),
        ("colour", "=", "red", "colour"),
        ("leaf", "is-a", "x", "is-a"),
        ("leaf", "like", "x", "like"),
        ("code", "regex", "(", "regular expression"),
    ],
)
def test_a_filter_that_cannot_be_applied_says_why(prop: str, op: str, value: str, named: str) -> None:
    item, found = Filter(prop, op, value), SYSTEM.locate("oak")
    assert found is not None
    for apply in (lambda: selected(item, SYSTEM), lambda: passes(item, SYSTEM, found)):
        with pytest.raises(FilterInvalid, match=named.replace("(", "\\(")):
            apply()


def test_case_matters_only_where_the_code_system_says_so() -> None:
    loose = MemoryCodeSystem("http://example.org/x", [Concept("AbC")], case_sensitive=False)
    strict = MemoryCodeSystem("http://example.org/x", [Concept("AbC")])
    assert chosen("code", "=", "abc", loose) == ["AbC"]
    assert chosen("code", "=", "abc", strict) == []


CODES = [f"c{number}" for number in range(8)]
OPS = ["=", "in", "not-in", "exists", "regex", "is-a", "is-not-a", "descendent-of", "descendent-leaf", "child-of"]


@st.composite
def systems(draw: st.DrawFn) -> MemoryCodeSystem:
    """A code system whose concepts have any parents, circles among them, and a property now and then."""
    concepts = []
    for code in CODES:
        parents = tuple(draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True)))
        values = draw(st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True))
        concepts.append(Concept(code, code, parents=parents, properties=tuple(Property("p", one) for one in values)))
    return MemoryCodeSystem("http://example.org/any", concepts, property_types={"p": "string"})


@given(
    systems(),
    st.sampled_from(["concept", "p"]),
    st.sampled_from([*OPS, "generalizes"]),
    st.sampled_from([*CODES, "x", "x,y"]),
)
def test_a_concept_passes_where_it_is_among_those_chosen(
    system: MemoryCodeSystem, prop: str, op: str, value: str
) -> None:
    item = Filter(prop, op, value)
    try:
        found = set(selected(item, system))
    except FilterInvalid:
        return
    for at in range(len(system)):
        assert passes(item, system, Located(system.concept(at), at)) is (at in found)
