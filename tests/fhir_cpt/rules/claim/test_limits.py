"""claim-line-limit, claim-diagnosis-limit: what an 837 has room for."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.rules.claim.limits import limit


@pytest.mark.parametrize(
    ("of", "kind", "day", "expected"),
    [
        ("lines", "professional", 20120101, 50),
        ("lines", "professional", 20111231, None),
        ("lines", "institutional", 20261121, 999),
        ("diagnoses", "professional", 20261121, 12),
        ("diagnoses", "institutional", 20261121, 25),
        ("diagnoses", "institutional", 20111231, None),
        ("lines", "charge", 20261121, None),
    ],
)
def test_a_limit_is_that_of_the_format_in_use_on_the_day_of_sending(of, kind, day, expected):
    assert limit(of, kind, day) == expected


@pytest.mark.parametrize(("count", "findings"), [(999, 0), (1000, 1)])
def test_an_institutional_claim_takes_999_lines(said, count, findings):
    assert len(said("claim-line-limit", kind="institutional", lines=["99213"] * count)) == findings


def test_details_with_a_code_of_their_own_count_as_lines(said):
    resource = shorthand.claim({"lines": ["99213"] * 50})
    assert said("claim-line-limit", resource=resource) == []
    resource["item"][0]["detail"] = [{"sequence": 1, "productOrService": resource["item"][1]["productOrService"]}]
    assert said("claim-line-limit", resource=resource)


CODES = [f"I{at}" for at in range(10, 35)]


@pytest.mark.parametrize("kind", ["admitting", "patientreasonforvisit", "ABJ", "APR"])
def test_a_diagnosis_with_a_place_of_its_own_does_not_count_on_an_institutional_claim(said, kind):
    resource = shorthand.claim({"kind": "institutional", "lines": ["99213"], "dx": [*CODES, "R07.9"]})
    (finding,) = said("claim-diagnosis-limit", resource=resource)
    assert finding.expression == ("Claim.diagnosis[25].diagnosisCodeableConcept",)
    resource["diagnosis"][-1]["type"] = [{"coding": [{"code": kind}]}]
    assert said("claim-diagnosis-limit", resource=resource) == []


def test_every_diagnosis_counts_on_a_professional_claim(said):
    resource = shorthand.claim({"lines": ["99213"], "dx": CODES[:13]})
    resource["diagnosis"][-1]["type"] = [{"coding": [{"code": "admitting"}]}]
    assert said("claim-diagnosis-limit", resource=resource)
