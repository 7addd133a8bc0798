"""What value sets hold: includes, excludes, imports, versions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology import Release
from terminology.compose import Used, members
from terminology.errors import ExpansionTooCostly, ImportsCircular, ValueSetUnknown
from terminology.holding import holds
from terminology.imports import MOST_IMPORTS, check_imports
from terminology.valueset import Filter, Include, Listed, ValueSet

from .invented import TREES, concept, directory, trees

VS = "http://example.org/vs/"
NEEDLE = Include(TREES, filters=(Filter("leaf", "=", "needle"),))
OAKS = Include(TREES, codes=(Listed("oak"), Listed("palm")))


def codes(release: Release, value_set: ValueSet, *others: ValueSet, text: str | None = None) -> list[str]:
    found = members(value_set, directory(release, trees(), value_sets=others), Used(), text)
    return [segment.provider.code(at) for segment in found.segments for at in segment.members]


def test_an_include_takes_a_whole_code_system_in_its_order(sample_release: Release) -> None:
    found = codes(sample_release, ValueSet(VS, include=(Include(TREES),)))
    assert found == ["tree", "conifer", "pine", "larch", "broadleaf", "oak", "elm"]


def test_all_filters_of_an_include_must_hold(sample_release: Release) -> None:
    both = Include(TREES, filters=(*NEEDLE.filters, Filter("height", "=", "40")))
    assert codes(sample_release, ValueSet(VS, include=(both,))) == ["larch"]


def test_includes_add_up_and_each_concept_is_there_once(sample_release: Release) -> None:
    found = codes(sample_release, ValueSet(VS, include=(NEEDLE, OAKS, NEEDLE)))
    assert found == ["conifer", "pine", "larch", "oak"]


def test_excludes_are_taken_away_from_all_includes(sample_release: Release) -> None:
    value_set = ValueSet(VS, include=(NEEDLE, OAKS), exclude=(Include(TREES, codes=(Listed("pine"),)),))
    assert codes(sample_release, value_set) == ["conifer", "larch", "oak"]


def test_value_sets_of_an_include_must_all_hold_the_concept(sample_release: Release) -> None:
    needle, high = (
        ValueSet(f"{VS}needle", include=(NEEDLE,)),
        ValueSet(f"{VS}high", include=(Include(TREES, filters=(Filter("height", "exists", "true"),)),)),
    )
    both = ValueSet(VS, include=(Include(value_sets=(needle.url, high.url)),))
    assert codes(sample_release, both, needle, high) == ["pine", "larch"]
    narrowed = ValueSet(VS, include=(Include(TREES, codes=(Listed("oak"), Listed("pine")), value_sets=(needle.url,)),))
    assert codes(sample_release, narrowed, needle) == ["pine"]


def test_a_contained_value_set_is_found_by_its_id(sample_release: Release) -> None:
    inner = ValueSet("", id="inner", include=(OAKS,))
    value_set = ValueSet(VS, include=(Include(value_sets=("#inner",)),), contained={"inner": inner})
    assert codes(sample_release, value_set) == ["oak"]


def test_typed_text_narrows_every_include(sample_release: Release) -> None:
    assert codes(sample_release, ValueSet(VS, include=(Include(TREES),)), text="tree bro") == ["broadleaf"]


@pytest.mark.parametrize("exclude", [False, True])
def test_value_sets_that_import_one_another_in_a_circle_are_noticed(sample_release: Release, exclude: bool) -> None:
    back = (Include(value_sets=(f"{VS}one",)),)
    one = ValueSet(f"{VS}one", include=(Include(TREES), Include(value_sets=(f"{VS}two",))))
    two = ValueSet(f"{VS}two", include=(Include(TREES), *(() if exclude else back)), exclude=back if exclude else ())
    with pytest.raises(ImportsCircular, match=f"{VS}one"):
        check_imports(one, directory(sample_release, trees(), value_sets=(one, two)))


def test_value_sets_that_multiply_by_importing_one_another_are_stopped(sample_release: Release) -> None:
    levels = [
        ValueSet(f"{VS}{at}", include=(Include(value_sets=(f"{VS}{at + 1}",)), Include(value_sets=(f"{VS}{at + 1}",))))
        for at in range(20)
    ]
    last = ValueSet(f"{VS}20", include=(OAKS,))
    with pytest.raises(ExpansionTooCostly, match=str(MOST_IMPORTS)):
        check_imports(levels[0], directory(sample_release, trees(), value_sets=(*levels, last)))


def test_a_missing_import_is_named(sample_release: Release) -> None:
    with pytest.raises(ValueSetUnknown, match="nowhere"):
        codes(sample_release, ValueSet(VS, include=(Include(value_sets=("http://nowhere.example",)),)))


def test_work_beyond_the_bound_is_refused() -> None:
    used = Used()
    used.look_at(4_999_999)
    with pytest.raises(ExpansionTooCostly):
        used.look_at(2)


NEW = trees("2.0.0", [concept("palm", "Palm", "tree")])


@pytest.mark.parametrize(
    ("stated", "versions", "count"),
    [(None, ("1.0.0", "2.0.0"), 15), ("true", ("1.0.0", "2.0.0"), 8), ("false", ("1.0.0", "2.0.0"), 15)],
)
def test_versions_of_a_code_are_told_apart_unless_the_value_set_says_that_they_match(
    sample_release: Release, stated: str | None, versions: tuple[str, ...], count: int
) -> None:
    parameters = {} if stated is None else {"versionsMatch": stated}
    value_set = ValueSet(VS, include=tuple(Include(TREES, one) for one in versions), parameters=parameters)
    found = members(value_set, directory(sample_release, trees(), NEW), Used())
    assert sum(len(segment.members) for segment in found.segments) == count


@pytest.mark.parametrize(("stated", "left"), [(None, ["palm"]), ("true", ["palm"]), ("false", 8)])
def test_an_exclude_of_another_version_takes_codes_away_where_versions_match(
    sample_release: Release, stated: str | None, left: list[str] | int
) -> None:
    parameters = {} if stated is None else {"versionsMatch": stated}
    value_set = ValueSet(
        VS, include=(Include(TREES, "2.0.0"),), exclude=(Include(TREES, "1.0.0"),), parameters=parameters
    )
    where = directory(sample_release, trees(), NEW)
    found = [one.provider.code(at) for one in members(value_set, where, Used()).segments for at in one.members]
    assert (found if isinstance(left, list) else len(found)) == left
    oak = NEW.locate("oak")
    assert oak is not None
    assert holds(value_set, NEW, oak, where) is ("oak" in found)


CODES = ["tree", "conifer", "pine", "larch", "broadleaf", "oak", "elm"]
INCLUDES = st.builds(
    Include,
    st.just(TREES),
    st.none(),
    st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(lambda found: tuple(map(Listed, found))),
) | st.builds(
    lambda op, code: Include(TREES, filters=(Filter("concept", op, code),)),
    st.sampled_from(["is-a", "descendent-of", "child-of", "is-not-a", "generalizes"]),
    st.sampled_from(CODES),
)


@settings(deadline=None)
@given(st.lists(INCLUDES, min_size=1, max_size=3), st.lists(INCLUDES, max_size=2), st.booleans())
def test_a_value_set_holds_what_its_expansion_lists(
    sample_release: Release, include: list[Include], exclude: list[Include], indirect: bool
) -> None:
    value_set = ValueSet(f"{VS}any", include=tuple(include), exclude=tuple(exclude))
    asked = ValueSet(VS, include=(Include(value_sets=(value_set.url,)),)) if indirect else value_set
    system = trees()
    where = directory(sample_release, system, value_sets=(value_set,))
    found = members(asked, where, Used())
    listed = [segment.provider.code(at) for segment in found.segments for at in segment.members]
    assert len(listed) == len(set(listed))
    for code in CODES:
        located = system.locate(code)
        assert located is not None
        assert holds(asked, system, located, where) is (code in listed)
