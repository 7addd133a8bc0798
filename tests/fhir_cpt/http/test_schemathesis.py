"""schemathesis against the OpenAPI description: no fault of the server's, and no answer outside its schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis import HookContext, checks

from fhir_cpt import openapi
from terminology.model import CPT, HCPCS, ICD10CM

from .client import parameters_of

EXAMPLES = 2000
"""In all, at the least."""
EACH = 30
"""Examples of each operation of the description; a few have not as many."""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
KNOWN = {
    "fhir-code": ("99213", "20610", "J1030", "A0425", "E11.65", "11", "25"),
    "fhir-uri": (CPT, HCPCS, ICD10CM, f"{HCPCS}|2026-10", f"{CPT}/vs", f"{HCPCS}/vs", "urn:x|1"),
    "fhir-request": ("CodeSystem/$lookup", f"CodeSystem/$lookup?system={CPT}&code=99213", "ValueSet", "metadata"),
    "fhir-id": ("cpt", "hcpcs", "cpt-all", "hcpcs-codes"),
}
"""What gets past the first refusal; anything else that fits the schema is tried as well."""
FITTING = {
    "fhir-code": r"\A[!-~é]{1,8}\Z",
    "fhir-uri": r"\Aurn:[!-~é]{1,8}\Z",
    "fhir-request": r"\A.{1,20}\Z",
    "fhir-id": r"\A[A-Za-z0-9\-.]{1,64}\Z",
}
for name, known in KNOWN.items():
    schemathesis.openapi.format(name, st.sampled_from(known) | st.from_regex(FITTING[name]))

ASKED: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "CodeSystem/$lookup": (("system", "uri", CPT), ("code", "code", "99213")),
    "CodeSystem/{id}/$lookup": (("code", "code", "99213"),),
    "CodeSystem/$validate-code": (("url", "uri", CPT), ("code", "code", "99213")),
    "CodeSystem/{id}/$validate-code": (("code", "code", "99213"),),
    "ValueSet/$validate-code": (("url", "uri", f"{CPT}/vs"), ("system", "uri", CPT), ("code", "code", "99213")),
    "ValueSet/{id}/$validate-code": (("system", "uri", CPT), ("code", "code", "99213")),
    "ValueSet/$batch-validate-code": (("validation", "resource", parameters_of(("code", "code", "99213"))),),
    "ValueSet/$expand": (("url", "uri", f"{CPT}/vs"),),
    "CodeSystem/$subsumes": (("system", "uri", CPT), ("codeA", "code", "99213"), ("codeB", "code", "99213")),
    "CodeSystem/{id}/$subsumes": (("codeA", "code", "99213"), ("codeB", "code", "99213")),
    "ConceptMap/$translate": (("system", "uri", CPT), ("code", "code", "99213")),
}
"""What each operation cannot do without: put into some of the requests, in place of what was made up."""
INSTEAD = ("coding", "codeableConcept", "codingA", "codingB", "valueSet", "codeSystem", "conceptMap")
"""Other ways to say what is put in."""

config = schemathesis.Config()
config.projects.default.phases.coverage.enabled = False  # 12,000 boundary cases, nearly all refused alike
api = schemathesis.openapi.from_dict(openapi.description(), config=config)
OPERATIONS = len(list(api.get_all_operations()))
tried: Counter[str] = Counter()
answered: Counter[str] = Counter()


def below_base(label: str) -> str:
    """`CodeSystem/$lookup` of `GET /r4/CodeSystem/$lookup`."""
    return "/".join(label.split("/")[2:])


def asked(context: HookContext) -> tuple[tuple[str, str, Any], ...]:
    return ASKED.get(below_base(context.operation.path), ())


@api.hook
def flatmap_path_parameters(context: HookContext, path: Any) -> st.SearchStrategy[Any]:
    known = "cpt" if "/CodeSystem/" in context.operation.path else "cpt-all"
    return st.just(path) | st.just({"id": known} if path else path)


@api.hook
def flatmap_query(context: HookContext, query: Any) -> st.SearchStrategy[Any]:
    needed = {name: value for name, _, value in asked(context)}
    if not needed or context.operation.method.upper() != "GET":
        return st.just(query)
    names = sorted(query.keys() - set(INSTEAD)) if isinstance(query, dict) else []
    few: st.SearchStrategy[list[str]] = st.lists(st.sampled_from(names), max_size=3) if names else st.just([])
    return st.just(query) | few.map(lambda kept: {**{name: query[name] for name in kept}, **needed})


@api.hook
def flatmap_body(context: HookContext, body: Any) -> st.SearchStrategy[Any]:
    given = body.get("parameter", []) if isinstance(body, dict) else None
    needed = parameters_of(*asked(context))
    if not needed["parameter"] or not isinstance(given, list):
        return st.just(body)
    taken = (*INSTEAD, *(item["name"] for item in needed["parameter"]))
    kept = [item for item in given if isinstance(item, dict) and item.get("name") not in taken]
    full = {**needed, "parameter": [*needed["parameter"], *kept[:1]]}
    return st.just(body) | st.just(needed) | st.just(full)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        yield kept


@api.parametrize()
@settings(max_examples=EACH, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_fits_its_schema(case: schemathesis.Case, http: httpx.Client, session: requests.Session) -> None:
    tried[case.operation.label] += 1
    answer = case.call_and_validate(base_url=str(http.base_url), session=session, checks=CHECKS)
    answered[case.operation.label] += answer.status_code == 200


def test_two_thousand_examples_were_tried_and_every_operation_answered() -> None:
    if len(tried) < OPERATIONS:
        pytest.skip(f"only {len(tried)} of {OPERATIONS} operations were selected")
    assert tried.total() >= EXAMPLES, tried
    assert not {below_base(label) for label in tried} - {below_base(label) for label in +answered}
