"""The OpenAPI description is the registry's: nothing that is offered is missing, and it is served as it is made."""

from __future__ import annotations

import re

import httpx
import pytest

from fhir_cpt import openapi
from fhir_cpt.operations.call import Operation
from fhir_cpt.operations.registry import OPERATIONS

DESCRIPTION = openapi.description()
PATHS = DESCRIPTION["paths"]
PLACES = [
    (operation, place)
    for operation in OPERATIONS
    for place in (
        *operation.types,
        *(f"{kind}/{{id}}" for kind in operation.types if operation.instance),
        *([""] if operation.system else []),
    )
]


def test_it_is_served(http: httpx.Client) -> None:
    found = http.get("/openapi.json")
    assert found.headers["content-type"] == "application/json"
    assert found.json() == DESCRIPTION
    assert http.head("/openapi.json").status_code == 200


@pytest.mark.parametrize("base", ["/r4", "/r5"])
@pytest.mark.parametrize(("operation", "place"), PLACES, ids=lambda item: getattr(item, "name", item))
def test_it_has_each_operation_wherever_it_is_offered(base: str, operation: Operation, place: str) -> None:
    methods = PATHS["/".join(filter(None, (base, place, f"${operation.name}")))]
    wanted = [{"$ref": f"#/components/schemas/{kind}"} for kind in (operation.returns, *operation.views)]
    for method in methods.values():
        content = method["responses"]["200"]["content"]
        schema = content["application/fhir+json"]["schema"]
        assert schema == ({"oneOf": wanted} if operation.views else wanted[0])
        assert ("application/json" in content) is bool(operation.views)
    assert "post" in methods
    only_bodies = any(one.least and one.type == "Resource" for one in operation.parameters)
    assert ("get" in methods) is (operation.safe and not only_bodies)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.name)
def test_it_names_the_parameters_that_have_an_effect(operation: Operation) -> None:
    place = "".join(f"/{kind}" for kind in operation.types[:1])
    schema = PATHS[f"/r4{place}/${operation.name}"]["post"]["requestBody"]["content"]["application/fhir+json"]["schema"]
    said = set(re.findall(r"'name': \{'const': '([^']+)'\}", str(schema)))
    assert said == {one.name for one in operation.parameters if not one.ignored}


def test_every_reference_leads_somewhere() -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", str(DESCRIPTION)))
    assert named == set(DESCRIPTION["components"]["schemas"])
