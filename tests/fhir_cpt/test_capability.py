"""What the server says of itself agrees with what it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_cpt.capability import capability_statement, terminology_capabilities
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.operations.registry import OPERATIONS
from fhir_cpt.operations.resources import RESOURCES
from fhir_cpt.served import Served, Source
from fhir_cpt.settings import Settings
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.models import FhirVersion, resource_model
from terminology import Release

VERSIONS: tuple[FhirVersion, ...] = ("r4", "r5")
BASE = "http://server.example/r4"


@pytest.fixture(scope="module")
def source(sample_release: Release) -> Source:
    return Source(sample_release.folder)


@pytest.fixture
def now(source: Source) -> Served:
    return source.get()


@pytest.fixture(params=VERSIONS)
def ask(request: pytest.FixtureRequest, source: Source, sample_release: Release) -> Callable[[str, str, str], Answer]:
    dispatcher = Dispatcher(request.param, source, Settings(release=sample_release.folder, today=20261120))

    def answer(method: str, path: str, query: str = "") -> Answer:
        return dispatcher.answer(method, path, query.encode(), {}, b"", BASE)

    return answer


@pytest.mark.parametrize("version", VERSIONS)
def test_both_statements_are_resources_of_the_version(now: Served, version: FhirVersion) -> None:
    for made in (capability_statement(now, version, BASE), terminology_capabilities(now, version, 20261120)):
        model = resource_model(version, made["resourceType"])
        assert model is not None
        model.model_validate(made)


def test_r5_asks_how_much_of_each_code_system_is_held(now: Served) -> None:
    systems = terminology_capabilities(now, "r5", 20261120)["codeSystem"]
    assert {system["content"] for system in systems} == {"complete", "fragment"}
    assert all("content" not in system for system in terminology_capabilities(now, "r4", 20261120)["codeSystem"])


def test_every_operation_of_the_registry_is_listed_and_none_besides(now: Served) -> None:
    listed = {
        (resource["type"], operation["name"])
        for resource in capability_statement(now, "r4", BASE)["rest"][0]["resource"]
        for operation in resource["operation"]
    }
    assert listed == {(kind, operation.name) for operation in OPERATIONS for kind in operation.types}


def test_every_operation_that_is_listed_answers(now: Served, ask: Callable[..., Answer]) -> None:
    for resource in capability_statement(now, "r4", BASE)["rest"][0]["resource"]:
        for operation in resource["operation"]:
            answer = ask("POST", f"{resource['type']}/${operation['name']}")
            assert answer.status == 400, operation  # there, and in want of a body
            assert b"The body is empty" in answer.body
        assert ask("POST", f"{resource['type']}/$no-such-operation").status == 404


def test_every_search_parameter_that_is_listed_is_known(now: Served, ask: Callable[..., Answer]) -> None:
    declared = {one["type"]: one for one in capability_statement(now, "r4", BASE)["rest"][0]["resource"]}
    for resource in RESOURCES:
        assert {item["code"] for item in declared[resource.type]["interaction"]} == {"read", "search-type"}
        assert [item["name"] for item in declared[resource.type]["searchParam"]] == list(resource.search)
        for name in resource.search:
            assert ask("GET", resource.type, f"{name}=x").status == 200


def test_every_version_that_is_listed_can_be_asked_about(now: Served, ask: Callable[..., Answer]) -> None:
    for system in terminology_capabilities(now, "r4", 20261120)["codeSystem"]:
        for version in system["version"]:
            held = now.on(20261120).code_system(system["uri"], version["code"])
            code = held.code(0)
            asked = f"system={system['uri']}&version={version['code']}&code={code}"
            assert ask("GET", "CodeSystem/$lookup", asked).status == 200
        assert ask("GET", "CodeSystem/$lookup", f"system={system['uri']}&version=nope&code={code}").status == 404


@pytest.mark.parametrize(("day", "default"), [(20260930, "2026"), (20261001, "2027"), (20310101, "2027")])
def test_the_default_version_is_the_one_of_the_day(now: Served, day: int, default: str) -> None:
    systems = terminology_capabilities(now, "r4", day)["codeSystem"]
    icd = next(system for system in systems if system["uri"].endswith("icd-10-cm"))
    assert [version["code"] for version in icd["version"] if version["isDefault"]] == [default]
    for system in systems:
        assert sum(version["isDefault"] for version in system["version"]) == 1


def test_the_expansion_parameters_that_are_listed_are_taken(now: Served, ask: Callable[..., Answer]) -> None:
    values = {"boolean": "true", "integer": "1", "date": "2026-10-15", "canonical": "http://example.org/cs|1"}
    types = {item.name: item.type for operation in OPERATIONS for item in operation.parameters}
    for parameter in terminology_capabilities(now, "r4", 20261120)["expansion"]["parameter"]:
        name = parameter["name"]
        if name in ("url", "useSupplement") or types[name] == "Resource":
            continue
        answer = ask("GET", "ValueSet/cpt-all/$expand", f"{name}={values.get(types[name], 'x')}")
        assert answer.status == 200, (name, answer.body)


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("", 200, b'"CapabilityStatement"'),
        ("mode=full", 200, b'"CapabilityStatement"'),
        ("mode=normative", 200, b'"CapabilityStatement"'),
        ("mode=terminology", 200, b'"TerminologyCapabilities"'),
        ("mode=nonsense", 400, b'"OperationOutcome"'),
    ],
)
def test_metadata_is_chosen_by_its_mode(ask: Callable[..., Answer], query: str, status: int, kind: bytes) -> None:
    answer = ask("GET", "metadata", query)
    assert (answer.status, kind in answer.body) == (status, True)


def test_a_cache_id_is_offered_only_where_sessions_are_kept(now: Served) -> None:
    def offered(cached: bool) -> set[str]:
        told = terminology_capabilities(now, "r4", 20261120, cached=cached)
        return {parameter["name"] for parameter in told["expansion"]["parameter"]}

    assert offered(True) - offered(False) == {"cache-id"}
    assert "tx-resource" in offered(False)
