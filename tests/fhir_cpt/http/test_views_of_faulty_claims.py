"""The views of `Claim/$validate` over HTTP, of claims whose values are not of their types."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.claims.shorthand import claim

from .client import Client, Json, Reply
from .test_claims import WRONG_TYPES
from .views import GOOD, INJECTION_AND_VISIT, VALIDATE, flattened, responded


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=lambda wrong: ",".join(wrong))
@pytest.mark.parametrize("base", [{}, GOOD], ids=["bare", "good"])
def test_values_of_the_wrong_type_make_neither_view_invalid(client: Client, wrong: Json, base: Json) -> None:
    resource = {**(claim(base) if base else {"resourceType": "Claim"}), **wrong}
    assert responded(client, resource)["outcome"] == "error"
    assert flattened(client, resource)["result"] == "fail"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.just("http://x y"),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["reference", "display", "coding"]), inner)
    ),
    max_leaves=4,
)


@given(
    whole=st.dictionaries(
        st.sampled_from(["type", "patient", "insurer", "insurance", "identifier", "id", "item", "subject"]), _ANY
    ),
    item=st.dictionaries(st.sampled_from(["sequence", "net", "detail", "quantity"]), _ANY),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_copied_from_the_claim_never_makes_an_answer_invalid(client: Client, whole: Json, item: Json) -> None:
    resource = claim(INJECTION_AND_VISIT)
    resource["item"][0].update(item)
    resource.update(whole)
    found: Reply = client.post(f"{VALIDATE}?_view=claim-response", resource)
    assert found.status == 200, found.resource
    flattened(client, resource)
