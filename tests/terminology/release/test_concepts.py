from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.model import Coding, Concept, Designation, Edition, Property
from terminology.release import concepts
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.postings import words
from terminology.release.tables import CODE_SYSTEMS

TABLES = {table.name: table for table in CODE_SYSTEMS}


def compiled(path, records, table="hcpcs"):
    assert concepts.write(path / f"{table}.table", records) == len(records)
    return CompiledCodeSystem(path / f"{table}.table", TABLES[table], Edition(table, "2024"), "complete")


PROPERTIES = st.one_of(
    st.builds(Property, st.sampled_from(["kind", "status"]), st.sampled_from(["a", "b"]), st.just("code")),
    st.builds(Property, st.just("flag"), st.booleans(), st.just("boolean")),
    st.builds(Property, st.just("count"), st.integers(0, 3), st.just("integer")),
    st.builds(Property, st.just("like"), st.builds(Coding, st.just("http://x"), st.just("a")), st.just("Coding")),
)
TEXTS = st.text("ab ö-1", max_size=12)
CONCEPTS = st.lists(
    st.builds(
        Concept,
        st.text("AB1", min_size=1, max_size=5),
        st.one_of(st.none(), TEXTS),
        designations=st.lists(st.builds(Designation, TEXTS), max_size=2).map(tuple),
        properties=st.lists(PROPERTIES, max_size=3).map(tuple),
        parents=st.lists(st.text("AB1", min_size=1, max_size=2), max_size=2, unique=True).map(tuple),
    ),
    max_size=15,
    unique_by=lambda concept: concept.code,
)


@given(CONCEPTS, st.text("AB1", max_size=3), st.text("AB1", max_size=3), st.text("abAB1 o", max_size=5))
def test_a_compiled_system_answers_as_a_list_of_its_concepts_does(tmp_path_factory, records, low, high, typed):
    system = compiled(tmp_path_factory.mktemp("concepts"), records)
    naive = sorted(records, key=lambda concept: concept.code)
    every = range(len(naive))
    assert [system.concept(at) for at in every] == naive
    assert [system.code(at) for at in every] == [concept.code for concept in naive]
    for at, concept in enumerate(naive):
        assert concept.code in system
        assert [*system.children(at)] == [to for to in every if concept.code in naive[to].parents]
        assert {system.code(to) for to in system.parents(at)} == {
            code for code in concept.parents if code in {item.code for item in naive}
        }
    for code, value, told in (
        ("kind", "a", "a"),
        ("flag", "true", True),
        ("count", "2", 2),
        ("like", "a", Coding("http://x", "a")),
        ("none", "a", "a"),
    ):
        assert [*system.having(code, value)] == [
            at for at in every if any((item.code, item.value) == (code, told) for item in naive[at].properties)
        ]
    assert [*system.between(low, high)] == [at for at in every if low and high and low <= naive[at].code <= high]

    def texts(concept):
        return [concept.display or "", *(item.value for item in concept.designations)]

    def has(concept, word):
        return any(own.startswith(word) for text in texts(concept) for own in words(text))

    by_code = [at for at in every if naive[at].code.startswith(typed.strip().upper())]
    by_word = [at for at in every if words(typed) and all(has(naive[at], word) for word in words(typed))]
    assert [*system.matching(typed)] == [*by_code, *(at for at in by_word if at not in by_code)]


@pytest.mark.parametrize(
    ("code", "found", "given_as"),
    [
        ("A1001", "A1001", None),
        ("a1001", "A1001", "case"),
        ("A100", None, None),
        ("A1001 ", None, None),
        ("A1001\0", None, None),
        ("", None, None),
        ("A10010000", None, None),
        ("É1001", None, None),
        ("ß", None, None),
    ],
)
def test_a_code_is_located_in_any_case(tmp_path, code, found, given_as):
    located = compiled(tmp_path, [Concept("A1001"), Concept("SS")]).locate(code)
    assert (located and located.concept.code) == found
    assert (located and located.given_as) == given_as


@pytest.mark.parametrize(
    ("code", "found", "given_as"),
    [
        ("E11.9", "E11.9", None),
        ("e11.9", "E11.9", "case"),
        ("E119", "E11.9", "form"),
        ("e119", "E11.9", "form"),
        ("I10", "I10", None),
        ("i10", "I10", "case"),
        ("S72001A", "S72.001A", "form"),
        ("E11.", None, None),
        ("E1.19", None, None),
        ("E118", None, None),
    ],
)
def test_a_diagnosis_is_located_with_or_without_its_dot(tmp_path, code, found, given_as):
    system = compiled(tmp_path, [Concept("E11.9"), Concept("I10"), Concept("S72.001A")], "icd10cm")
    located = system.locate(code)
    assert (located and located.concept.code) == found
    assert (located and located.given_as) == given_as


def test_no_other_system_takes_codes_without_their_dot(tmp_path):
    assert compiled(tmp_path, [Concept("A10.1")]).locate("A101") is None


def test_a_diagnosis_typed_without_its_dot_is_matched(tmp_path):
    system = compiled(tmp_path, [Concept("E11"), Concept("E11.9"), Concept("E11.65")], "icd10cm")
    assert [system.code(at) for at in system.matching("e119")] == ["E11.9"]
    assert [system.code(at) for at in system.matching("e11")] == ["E11", "E11.65", "E11.9"]


def test_a_code_that_stands_there_twice_is_refused(tmp_path):
    with pytest.raises(ValueError, match="A1001 is there twice"):
        concepts.write(tmp_path / "x", [Concept("A1001", "a"), Concept("A1002"), Concept("A1001", "b")])


def test_the_types_of_properties_are_known(tmp_path):
    record = Concept("A1", properties=(Property("flag", True, "boolean"), Property("kind", "a", "code")))
    assert compiled(tmp_path, [record]).property_types == {"flag": "boolean", "kind": "code"}


def test_a_system_says_what_it_is(tmp_path):
    system = compiled(tmp_path, [Concept("A1")])
    assert (system.url, system.version, system.title) == (TABLES["hcpcs"].url, "2024", TABLES["hcpcs"].title)
    assert (len(system), system.content, system.case_sensitive) == (1, "complete", False)
    assert system.period.holds(20240101)
