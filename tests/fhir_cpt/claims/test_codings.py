"""What a concept of one plain coding says, found out once, is what the general reading says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims.codings import codings, procedure, sole
from fhir_cpt.claims.lines import place_of_service
from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.systems import PREFERRED

SYSTEMS = [
    CPT,
    HCPCS,
    ICD10CM,
    PLACE_OF_SERVICE,
    "urn:oid:2.16.840.1.113883.6.12",
    "http://other.example",
    "",
    "s" * 300,
]
TEXTS = st.sampled_from(["99213", " 99213 ", "99213:25", ":25", "11", "", " ", "x" * 65]) | st.text(max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS
ODD = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coding", "code"]), inner, max_size=2),
    max_leaves=6,
)
CODINGS = st.fixed_dictionaries(
    {}, optional={"system": st.sampled_from(SYSTEMS) | ODD, "code": TEXTS | ODD, "display": TEXTS}
)
CONCEPTS = (
    st.fixed_dictionaries({}, optional={"coding": st.lists(CODINGS | ODD, max_size=3) | ODD, "text": TEXTS}) | ODD
)


@given(concept=CONCEPTS)
def test_the_short_way_says_what_the_long_way_does(concept: Any) -> None:
    for _ in range(2):  # met first, and remembered
        plain = sole(concept)
        if plain is None:
            continue
        again = {"coding": [{**concept["coding"][0], "extension": []}]}  # the same, but not plain
        assert sole(again) is None
        ((system, code, display),) = codings(again)
        assert list(plain.codings) == [(system, code, display)]
        assert (plain.preferred, plain.code) == (PREFERRED.get(system or "", system), code)
        assert plain.procedure == procedure(system, code)
        assert plain.place == place_of_service(again)


@pytest.mark.parametrize(
    ("coding", "plain"),
    [
        ({"system": CPT, "code": " 99213 "}, True),
        ({"system": CPT, "code": "99213", "display": "x"}, False),
        ({"code": "99213"}, False),
        ({"system": CPT, "code": " "}, False),
        ({"system": CPT, "code": ["99213"]}, False),
        ({"system": CPT, "code": "9" * 65}, False),
        ("99213", False),
    ],
)
def test_only_a_system_and_a_code_are_plain(coding: Any, plain: bool) -> None:
    for _ in range(2):
        assert (sole({"coding": [coding]}) is not None) is plain
