"""Code systems, value sets and concept maps that clients send along, over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from terminology.model import CPT, HCPCS

from .client import Client, Reply, parameters_of

TREES = "http://example.org/trees"
VS = "http://example.org/vs"
PROPERTIES = "http://hl7.org/fhir/concept-properties#"
CODE_SYSTEM: dict[str, Any] = {
    "resourceType": "CodeSystem",
    "url": TREES,
    "version": "1.0.0",
    "name": "Trees",
    "language": "en",
    "status": "active",
    "content": "complete",
    "caseSensitive": True,
    "hierarchyMeaning": "is-a",
    "property": [{"code": "gone", "uri": f"{PROPERTIES}inactive", "type": "boolean"}, {"code": "leaf", "type": "code"}],
    "concept": [
        {
            "code": "tree",
            "display": "Tree",
            "definition": "A tall plant",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {
                    "code": "oak",
                    "display": "Oak",
                    "designation": [{"language": "de", "value": "Eiche"}],
                    "property": [{"code": "leaf", "valueCode": "broad"}],
                },
                {"code": "elm", "display": "Elm", "property": [{"code": "gone", "valueBoolean": True}]},
            ],
        }
    ],
}
VALUE_SET: dict[str, Any] = {
    "resourceType": "ValueSet",
    "url": VS,
    "version": "1",
    "name": "AllTrees",
    "status": "active",
    "compose": {"include": [{"system": TREES}]},
}
SENT = (("tx-resource", "resource", CODE_SYSTEM), ("tx-resource", "resource", VALUE_SET))


def changed(resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**resource, **more}


def send(client: Client, path: str, *parameters: tuple[str, str, Any]) -> Reply:
    return client.call(path, *parameters)


def test_a_code_system_that_is_sent_along_answers_lookups(client: Client) -> None:
    found = send(client, "CodeSystem/$lookup", ("system", "uri", TREES), ("code", "code", "oak"), *SENT)
    assert (found.named("display"), found.named("name"), found.named("version")) == ("Oak", "Trees", "1.0.0")
    assert found.properties["parent"] == ["tree"]
    german = ("displayLanguage", "string", "de")
    found = send(client, "CodeSystem/$lookup", ("system", "uri", TREES), ("code", "code", "oak"), german, *SENT)
    assert found.named("display") == "Eiche"


def test_it_is_gone_with_the_request(client: Client) -> None:
    send(client, "CodeSystem/$lookup", ("system", "uri", TREES), ("code", "code", "oak"), *SENT)
    assert client.get("CodeSystem/$lookup", system=TREES, code="oak").status == 404


def test_what_is_left_under_a_cache_id_is_there_again(client: Client) -> None:
    name = ("cache-id", "string", f"test-{client.version}")
    first = send(
        client,
        "ValueSet/$validate-code",
        ("url", "uri", VS),
        ("system", "uri", TREES),
        ("code", "code", "oak"),
        name,
        *SENT,
    )
    again = send(
        client, "ValueSet/$validate-code", ("url", "uri", VS), ("system", "uri", TREES), ("code", "code", "oak"), name
    )
    assert first.resource == again.resource
    assert again.named("result") is True
    other = client.get("ValueSet/$validate-code", url=VS, system=TREES, code="oak", cache__id="nobody")
    assert other.status == 404


def test_an_expansion_nests_concepts_below_their_parents_unless_it_may_not(client: Client) -> None:
    nested = send(client, "ValueSet/$expand", ("url", "uri", VS), *SENT).resource["expansion"]
    assert [item["code"] for item in nested["contains"]] == ["tree"]
    assert [item["code"] for item in nested["contains"][0]["contains"]] == ["oak", "elm"]
    assert nested["contains"][0]["abstract"] is True
    assert nested["total"] == 3
    flat = send(client, "ValueSet/$expand", ("url", "uri", VS), ("excludeNested", "boolean", True), *SENT)
    assert [item["code"] for item in flat.resource["expansion"]["contains"]] == ["tree", "oak", "elm"]
    paged = send(client, "ValueSet/$expand", ("url", "uri", VS), ("count", "integer", 2), *SENT)
    assert [item["code"] for item in paged.resource["expansion"]["contains"]] == ["tree", "oak"]


def test_properties_of_an_expansion_are_told_as_the_version_of_fhir_has_them(client: Client) -> None:
    asked = (("url", "uri", VS), ("property", "string", "leaf"), ("excludeNested", "boolean", True))
    expansion = send(client, "ValueSet/$expand", *asked, *SENT).resource["expansion"]
    (oak,) = (item for item in expansion["contains"] if item["code"] == "oak")
    if client.version == "r5":
        assert oak["property"] == [{"code": "leaf", "valueCode": "broad"}]
        assert expansion["property"] == [{"code": "leaf"}]
    else:
        (extension,) = oak["extension"]
        assert extension["extension"] == [{"url": "code", "valueCode": "leaf"}, {"url": "value", "valueCode": "broad"}]


def test_a_value_set_may_mix_what_is_sent_with_what_is_held(client: Client) -> None:
    mixed = changed(
        VALUE_SET, compose={"include": [{"system": TREES}, {"system": HCPCS, "concept": [{"code": "A0425"}]}]}
    )
    found = send(client, "ValueSet/$expand", ("valueSet", "resource", mixed), SENT[0])
    assert found.codes == ["tree", "oak", "elm", "A0425"]
    assert any(item["name"] == "date" for item in found.resource["expansion"]["parameter"])


def test_a_supplement_speaks_of_a_code_system_that_is_held(client: Client) -> None:
    supplement = {
        "resourceType": "CodeSystem",
        "url": "http://example.org/more",
        "status": "active",
        "content": "supplement",
        "supplements": CPT,
        "concept": [{"code": "99213", "designation": [{"language": "de", "value": "Ein Besuch"}]}],
    }
    asked = (("system", "uri", CPT), ("code", "code", "99213"), ("displayLanguage", "string", "de"))
    use = ("useSupplement", "canonical", "http://example.org/more")
    found = send(client, "CodeSystem/$lookup", *asked, use, ("tx-resource", "resource", supplement))
    assert (found.named("display"), found.named("used-supplement")) == ("Ein Besuch", "http://example.org/more")
    assert send(client, "CodeSystem/$lookup", *asked, use).status == 404


def test_codes_of_a_code_system_that_is_sent_subsume_one_another(client: Client) -> None:
    asked = (("system", "uri", TREES), ("codeA", "code", "tree"), ("codeB", "code", "oak"))
    assert send(client, "CodeSystem/$subsumes", *asked, *SENT).named("outcome") == "subsumes"


def test_several_validations_are_answered_each_by_itself(client: Client) -> None:
    def one(**coding: str) -> tuple[str, str, Any]:
        parameter = [{"name": "coding", "valueCoding": coding}]
        return "validation", "resource", {"resourceType": "Parameters", "parameter": parameter}

    asked = (one(system=TREES, code="oak"), one(system=TREES, code="palm"), one(system=CPT, code="99213"))
    empty = ("validation", "resource", {"resourceType": "Parameters"})
    found = send(client, "ValueSet/$batch-validate-code", ("url", "uri", VS), *asked, empty, *SENT)
    answers = [item["resource"] for item in found.resource["parameter"]]
    results = [
        [one["valueBoolean"] for one in answer.get("parameter", ()) if one["name"] == "result"] for answer in answers
    ]
    assert results == [[True], [False], [False], []]
    assert "Unable to find code" in answers[3]["issue"][0]["details"]["text"]


@pytest.mark.parametrize("names", [("sourceCode", "sourceSystem", "targetSystem"), ("code", "system", "targetsystem")])
def test_a_code_is_translated_by_a_map_that_is_sent(client: Client, names: tuple[str, str, str]) -> None:
    how = {"equivalence": "wider"} if client.version == "r4" else {"relationship": "source-is-narrower-than-target"}
    element = {"code": "oak", "target": [{"code": "A0425", **how}]}
    mapping = {
        "resourceType": "ConceptMap",
        "url": "http://example.org/map",
        "status": "active",
        "group": [{"source": TREES, "target": HCPCS, "element": [element]}],
    }
    code, system, target = names
    asked = ((code, "code", "oak"), (system, "uri", TREES), (target, "uri", HCPCS))
    found = send(client, "ConceptMap/$translate", *asked, ("tx-resource", "resource", mapping))
    assert found.named("result") is True
    (match,) = found.all("match")
    assert (match["concept"]["code"], match["equivalence"]) == ("A0425", "wider")
    none = send(client, "ConceptMap/$translate", *asked)
    assert none.named("result") is False
    assert none.named("message")


def test_the_versions_of_fhir_are_told(client: Client) -> None:
    assert client.get("$versions").named("version") == {"r4": "4.0", "r5": "5.0"}[client.version]


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"resourceType": "Patient"}, "Patient"),
        (changed(CODE_SYSTEM, url=7), "CodeSystem.url"),
        (changed(CODE_SYSTEM, url=None), "CodeSystem"),
        (changed(CODE_SYSTEM, concept={"code": "a"}), "CodeSystem.concept"),
        (changed(CODE_SYSTEM, concept=[{"display": "a"}]), "CodeSystem.concept[0]"),
        (changed(CODE_SYSTEM, concept=[{"code": "a"}, {"code": "a"}]), "'a'"),
        (
            changed(CODE_SYSTEM, concept=[{"code": "a", "property": [{"code": "p"}]}]),
            "CodeSystem.concept[0].property[0]",
        ),
        (changed(CODE_SYSTEM, content="most"), "CodeSystem.content"),
        (changed(CODE_SYSTEM, content="supplement"), "supplements"),
        (changed(CODE_SYSTEM, caseSensitive="yes"), "CodeSystem.caseSensitive"),
        (changed(VALUE_SET, compose=[]), "ValueSet.compose"),
        (changed(VALUE_SET, compose={"include": [{}]}), "ValueSet.compose.include[0]"),
        (changed(VALUE_SET, compose={"include": [{"system": TREES, "filter": [{"property": "x"}]}]}), "filter[0]"),
        (changed(VALUE_SET, compose={"include": [{"valueSet": [1]}]}), "ValueSet.compose.include[0].valueSet"),
        (
            {"resourceType": "ConceptMap", "group": [{"element": [{"code": "a", "target": [{"equivalence": "x"}]}]}]},
            "target[0]",
        ),
    ],
)
def test_a_resource_that_cannot_be_read_is_refused_with_the_place(client: Client, resource: Any, place: str) -> None:
    found = send(
        client,
        "CodeSystem/$lookup",
        ("system", "uri", TREES),
        ("code", "code", "a"),
        ("tx-resource", "resource", resource),
    )
    assert found.status == 400
    assert place in found.texts


def test_a_value_set_with_nothing_but_an_expansion_holds_what_that_lists(client: Client) -> None:
    listed = {"contains": [{"system": TREES, "code": "tree", "contains": [{"system": TREES, "code": "oak"}]}]}
    value_set = {**VALUE_SET, "expansion": {"timestamp": "2026-01-01", **listed}}
    del value_set["compose"]
    asked = (("valueSet", "resource", value_set), SENT[0])
    assert send(client, "ValueSet/$expand", *asked).codes == ["tree", "oak"]
    coding = ("coding", "coding", {"system": TREES, "code": "elm"})
    assert send(client, "ValueSet/$validate-code", coding, *asked).named("result") is False


def test_hostile_definitions_end_with_an_issue(client: Client) -> None:
    circle = changed(VALUE_SET, compose={"include": [{"valueSet": [VS]}]})
    found = send(client, "ValueSet/$expand", ("url", "uri", VS), ("tx-resource", "resource", circle))
    assert (found.status, found.resource["issue"][0]["code"]) == (422, "processing")
    many = changed(CODE_SYSTEM, concept=[{"code": f"c{number}"} for number in range(50_000)])
    sent = (("tx-resource", "resource", many), SENT[1])
    assert send(client, "ValueSet/$expand", ("url", "uri", VS), *sent).resource["issue"][0]["code"] == "too-costly"
    evil = {"system": TREES, "filter": [{"property": "code", "op": "regex", "value": "(([a-z])+.)+[A-Z]([a-z])+$"}]}
    long = changed(CODE_SYSTEM, concept=[{"code": "a" * 20_000}])
    value_set = changed(VALUE_SET, compose={"include": [evil]})
    sent = (("tx-resource", "resource", long), ("tx-resource", "resource", value_set))
    assert send(client, "ValueSet/$expand", ("url", "uri", VS), *sent).resource["expansion"]["total"] == 0


@pytest.mark.parametrize(("levels", "nested"), [(50, True), (300, False)])
def test_a_hierarchy_too_deep_to_nest_is_listed_side_by_side(client: Client, levels: int, nested: bool) -> None:
    opening = "".join(f'[{{"code":"c{number}","concept":' for number in range(levels))
    concepts = f'{opening}[{{"code":"last"}}]{"}]" * levels}'.encode()
    sent = orjson.dumps(parameters_of(("url", "uri", VS), ("cache-id", "string", "deep"), *SENT))
    body = sent.replace(orjson.dumps(CODE_SYSTEM["concept"]), concepts)
    found = client.post("ValueSet/$expand", body)
    assert found.status == 200, found.texts
    contains = found.resource["expansion"]["contains"]
    assert found.resource["expansion"]["total"] == levels + 1
    assert len(contains) == (1 if nested else levels + 1)


def test_a_definition_too_deep_to_be_told_is_refused(client: Client) -> None:
    value_set = orjson.dumps(changed(VALUE_SET, extension=[{"url": "http://example.org/deep", "extension": "HERE"}]))
    deep = ('[{"url":"x","extension":' * 200 + "[]" + "}]" * 200).encode()
    asked = (("url", "uri", VS), ("includeDefinition", "boolean", True), SENT[0])
    sent = orjson.dumps(parameters_of(*asked, ("tx-resource", "resource", "SET")))
    body = sent.replace(b'"SET"', value_set.replace(b'"HERE"', deep))
    found = client.post("ValueSet/$expand", body)
    assert (found.status, found.resource["issue"][0]["code"]) == (400, "too-costly")


@pytest.mark.parametrize("value", [TREES, f"{TREES}|", "|1"])
def test_a_version_rule_without_system_or_version_is_refused(client: Client, value: str) -> None:
    found = send(client, "ValueSet/$expand", ("url", "uri", VS), ("system-version", "canonical", value), *SENT)
    assert found.status == 400
    assert "system-version" in found.texts
