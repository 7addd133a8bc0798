"""`CodeSystem/$subsumes` over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from terminology.model import CPT, HCPCS, ICD10CM

from .client import Client

SUBSUMES = "CodeSystem/$subsumes"


@pytest.mark.parametrize(
    ("system", "one", "other", "outcome"),
    [
        (ICD10CM, "E11", "E11.65", "subsumes"),
        (ICD10CM, "E11.65", "E11", "subsumed-by"),
        (ICD10CM, "E11.65", "E11.65", "equivalent"),
        (ICD10CM, "E1165", "E11.65", "equivalent"),
        (ICD10CM, "E10", "E11.65", "not-subsumed"),
        (CPT, "99213", "99213", "equivalent"),
        (CPT, "99213", "99213:25", "not-subsumed"),
        (CPT, "99213:25", "99213:25", "equivalent"),
        (HCPCS, "A0425", "A0428", "not-subsumed"),
    ],
)
def test_two_codes_stand_to_each_other_the_same_in_every_way_of_asking(
    client: Client, system: str, one: str, other: str, outcome: str
) -> None:
    replies = [
        client.get(SUBSUMES, system=system, codeA=one, codeB=other),
        client.call(SUBSUMES, ("system", "uri", system), ("codeA", "code", one), ("codeB", "code", other)),
        client.call(
            SUBSUMES,
            ("codingA", "Coding", {"system": system, "code": one}),
            ("codingB", "Coding", {"system": system, "code": other}),
        ),
    ]
    assert [reply.named("outcome") for reply in replies] == [outcome] * 3


def test_an_instance_knows_its_system(client: Client) -> None:
    assert client.get("CodeSystem/icd10cm/$subsumes", codeA="E11", codeB="E11.65").named("outcome") == "subsumes"


@pytest.mark.parametrize(
    ("parameters", "status", "named"),
    [
        ({"system": ICD10CM, "codeA": "E11"}, 400, "codeB"),
        ({"codeA": "E11", "codeB": "E11"}, 400, "system"),
        ({"system": ICD10CM, "codeA": "E11", "codeB": "nope"}, 404, "nope"),
        ({"system": "http://loinc.org", "codeA": "1", "codeB": "2"}, 404, "loinc"),
        ({"system": ICD10CM, "version": "1999", "codeA": "E11", "codeB": "E11"}, 404, "1999"),
        ({"codingA": f"{CPT}|99213", "codingB": f"{HCPCS}|A0425"}, 400, "one system"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: Client, parameters: dict[str, Any], status: int, named: str
) -> None:
    found = client.get(SUBSUMES, **parameters)
    assert found.status == status
    assert named in found.texts


def test_another_name_of_the_system_may_stand_beside_it(client: Client) -> None:
    coding = "urn:oid:2.16.840.1.113883.6.90|E11"
    assert client.get(SUBSUMES, codingA=coding, codingB=f"{ICD10CM}|E11.65").named("outcome") == "subsumes"
