from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.release import postings, sections
from terminology.release.postings import Postings

TERMS = st.one_of(st.text("ab\0", max_size=4), st.text(max_size=4))
INDEX = st.dictionaries(TERMS, st.sets(st.integers(0, 50), min_size=1).map(sorted), max_size=20)


@given(INDEX, TERMS)
def test_an_index_answers_as_a_dict_does(tmp_path_factory, index, term):
    path = tmp_path_factory.mktemp("postings") / "file"
    sections.write(path, postings.sections_of("x", index))
    found = Postings(sections.Sections(path), "x")
    assert {name: list(found.exact(name)) for name in index} == index
    assert list(found.exact(term)) == index.get(term, [])
    assert sorted(found.starting(term)) == sorted(
        number for name, numbers in index.items() if name.startswith(term) for number in numbers
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ménière's disease", ["meniere", "s", "disease"]),
        ("Type 2, 1.5 mg", ["type", "2", "1.5", "mg"]),
        ("E11.9", ["e11.9"]),
        ("  --  ", []),
        ("", []),
    ],
)
def test_words_are_lower_case_without_accents_and_punctuation(text, expected):
    assert postings.words(text) == expected


@given(st.text())
def test_words_of_words_are_the_same_words(text):
    found = postings.words(text)
    assert postings.words(" ".join(found)) == found
