"""Read and search of CodeSystem and ValueSet over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from terminology.model import CPT, HCPCS, ICD10CM

from .client import Client, check


def ids(client: Client, path: str, **parameters: Any) -> list[str]:
    """The ids that a search finds; each resource in the Bundle is checked by itself too."""
    found = client.get(path, **parameters)
    assert found.status == 200, found.texts
    assert found.resource["type"] == "searchset"
    entries = found.resource.get("entry", [])
    for entry in entries:
        assert entry["fullUrl"].endswith(f"/{entry['resource']['resourceType']}/{entry['resource']['id']}")
        check(entry["resource"], client.version)
    return [entry["resource"]["id"] for entry in entries]


@pytest.mark.parametrize("kind", ["CodeSystem", "ValueSet"])
def test_everything_that_a_search_lists_can_be_read(client: Client, kind: str) -> None:
    names = ids(client, kind, _count=1000)
    assert len(names) == len(set(names)) > 9
    for name in names:
        assert client.get(f"{kind}/{name}").resource["id"] == name


def test_a_code_system_says_how_much_of_it_is_held(client: Client) -> None:
    cpt = client.get("CodeSystem/cpt").resource
    assert (cpt["content"], cpt["version"], cpt["compositional"], "concept" in cpt) == ("fragment", "2026", True, False)
    assert "American Medical Association" in cpt["copyright"]
    icd = client.get("CodeSystem/icd10cm-2026").resource
    assert (icd["content"], icd["version"], icd["hierarchyMeaning"]) == ("complete", "2026", "is-a")
    assert icd["experimental"] is True
    assert "copyright" not in icd


def test_filters_have_operators_that_r4_knows_too(client: Client) -> None:
    known = {"=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists"}
    for name in ids(client, "CodeSystem"):
        for item in client.get(f"CodeSystem/{name}").resource.get("filter", ()):
            assert known.issuperset(item["operator"])


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"_id": "cpt"}, ["cpt"]),
        ({"_id": "cpt,pos"}, ["pos", "cpt"]),
        ({"url": ICD10CM}, ["icd10cm", "icd10cm-2027", "icd10cm-2026"]),
        ({"url": f"{ICD10CM}|2026"}, ["icd10cm-2026"]),
        ({"url": ICD10CM, "version": "2026"}, ["icd10cm-2026"]),
        ({"url": "urn:oid:2.16.840.1.113883.6.12"}, ["cpt", "cpt-2026"]),
        ({"title": "current proc"}, ["cpt", "cpt-2026"]),
        ({"title:contains": "CLINICAL modif"}, ["icd10cm", "icd10cm-2027", "icd10cm-2026"]),
        ({"title:exact": "current proc"}, []),
        ({"name": "hcpcs", "version": "2026-07"}, ["hcpcs-2026-07"]),
        ({"status": "retired"}, []),
        ({"url": "http://loinc.org"}, []),
        ({"_id": "cpt", "_format": "json", "_pretty": "true"}, ["cpt"]),
    ],
)
def test_a_search_narrows_by_its_parameters(client: Client, parameters: dict[str, str], found: list[str]) -> None:
    assert ids(client, "CodeSystem", **parameters) == found
    posted = client.request("POST", "CodeSystem/_search", data=parameters)
    assert [entry["resource"]["id"] for entry in posted.resource.get("entry", ())] == found


def test_value_sets_are_found_by_url_and_by_another_name_of_it(client: Client) -> None:
    assert ids(client, "ValueSet", url="http://terminology.hl7.org/ValueSet/cpt-all") == ["cpt-all"]
    assert ids(client, "ValueSet", name="cptsection")[0] == "cpt-section-evaluation-and-management"


def test_the_edition_of_the_servers_day_goes_under_the_systems_own_id(client: Client) -> None:
    assert client.get("CodeSystem/icd10cm").resource["version"] == "2027"


def test_pages_follow_one_another_by_the_link_to_the_next(client: Client) -> None:
    names, path = [], "ValueSet?name=hcpcs&_count=4"
    for _ in range(20):
        page = client.request("GET", path)
        names += [entry["resource"]["id"] for entry in page.resource["entry"]]
        links = {link["relation"]: link["url"] for link in page.resource["link"]}
        if "next" not in links:
            break
        path = links["next"].split(f"/{client.version}/", 1)[1]
    assert names == ids(client, "ValueSet", name="hcpcs", _count=1000)
    assert page.resource["total"] == len(names) > 12


def test_a_count_of_nothing_tells_the_total_alone(client: Client) -> None:
    found = client.get("CodeSystem", _count=0).resource
    assert found["total"] == 11
    assert "entry" not in found
    assert [link["relation"] for link in found["link"]] == ["self"]


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"publisher": "AMA"}, "publisher"),
        ({"url:below": HCPCS}, "url:below"),
        ({"title:missing": "true"}, "title:missing"),
        ({"_count": "-1"}, "_count"),
        ({"_count": "ten"}, "_count"),
        ({"_offset": "1.5"}, "_offset"),
        ({"_sort": "url"}, "_sort"),
    ],
)
def test_a_search_that_cannot_be_carried_out_names_the_parameter(
    client: Client, parameters: dict[str, str], named: str
) -> None:
    found = client.get("CodeSystem", **parameters)
    assert found.status == 400
    assert named in found.texts
    assert found.issues[0]["expression"] == [named]


@pytest.mark.parametrize("path", ["CodeSystem/nope", "ValueSet/nope", "ValueSet/cpt", "CodeSystem/cpt/_history/1"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_a_value_set_read_is_its_definition(client: Client) -> None:
    found = client.get("ValueSet/cpt-usable").resource
    assert [include["system"] for include in found["compose"]["include"]] == [CPT, CPT]
    assert "expansion" not in found
    assert found["experimental"] is True
