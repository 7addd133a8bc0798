"""`ValueSet/$expand` over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fhir_cpt.settings import Settings
from terminology.importers.source import Batch
from terminology.model import CANONICAL, CPT, Concept, Edition, Property
from terminology.release.compiler import compile_release
from terminology.release.manifest import Licence

from .client import TODAY, Client, Reply, served

EXPAND = "ValueSet/$expand"
THO = "http://terminology.hl7.org/ValueSet"
OWN = f"{CANONICAL}ValueSet"
UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"


def told(reply: Reply) -> dict[str, Any]:
    """The expansion's parameters."""
    return {
        item["name"]: next(value for key, value in item.items() if key != "name")
        for item in reply.resource["expansion"]["parameter"]
    }


def is_unclosed(reply: Reply) -> bool:
    return {"url": UNCLOSED, "valueBoolean": True} in reply.resource["expansion"].get("extension", ())


def test_all_codes_are_listed_in_code_order_without_paging(client: Client) -> None:
    found = client.get(EXPAND, url=f"{OWN}/hcpcs-a")
    assert found.status == 200
    assert found.codes == sorted(found.codes)
    assert "A0425" in found.codes
    assert found.resource["expansion"]["total"] == len(found.codes)
    assert all(code.startswith("A") and len(code) == 5 for code in found.codes)


def test_pages_put_together_are_the_whole(client: Client) -> None:
    whole = client.get(EXPAND, url=f"{OWN}/icd10cm").codes
    pages: list[str] = []
    while len(pages) < len(whole):
        page = client.get(EXPAND, url=f"{OWN}/icd10cm", count=40, offset=len(pages))
        assert page.resource["expansion"]["total"] == len(whole)
        assert page.resource["expansion"]["offset"] == len(pages)
        assert 0 < len(page.codes) <= 40
        pages += page.codes
    assert pages == whole


@pytest.mark.parametrize(("count", "offset"), [(0, 0), (10, 100_000), (0, 5)])
def test_a_page_may_be_empty_and_still_tells_the_total(client: Client, count: int, offset: int) -> None:
    found = client.get(EXPAND, url=f"{OWN}/icd10cm", count=count, offset=offset)
    assert found.codes == []
    assert found.resource["expansion"]["total"] > 100


@pytest.mark.parametrize(
    ("value_set", "text", "first"),
    [
        ("icd10cm", "E11.6", "E11.6"),
        ("icd10cm", "e116", "E11.6"),
        ("icd10cm", "diab high", "E11.65"),
        ("icd10cm", "HIGH diab sug", "E11.65"),
        ("hcpcs", "J99", "J9990"),
        ("hcpcs", "ambulance mil", "A0425"),
        ("cpt-section-surgery", "2061", "20610"),
    ],
)
def test_typed_text_finds_codes_by_their_start_and_texts_by_the_starts_of_words(
    client: Client, value_set: str, text: str, first: str
) -> None:
    found = client.get(f"ValueSet/{value_set}/$expand", filter=text)
    assert found.codes[0] == first
    assert told(found)["filter"] == text


def test_typed_text_that_means_nothing_finds_nothing(client: Client) -> None:
    found = client.get(EXPAND, url=f"{OWN}/hcpcs", filter="xyzzy")
    assert (found.codes, found.resource["expansion"]["total"]) == ([], 0)


@pytest.mark.parametrize(
    ("day", "listed", "active"),
    [("2026-03-31", {"C9990", "J9990"}, {"C9990"}), ("2026-04-01", {"C9990", "J9990"}, {"J9990"})],
)
def test_codes_not_in_force_are_marked_and_left_out_on_request(
    client: Client, day: str, listed: set[str], active: set[str]
) -> None:
    invented = {"C9990", "J9990"}
    every = client.get(EXPAND, url=f"{OWN}/hcpcs", date=day)
    assert invented.intersection(every.codes) == listed
    inactive = {item["code"] for item in every.resource["expansion"]["contains"] if item.get("inactive")}
    assert invented - inactive == active
    only = client.get(EXPAND, url=f"{OWN}/hcpcs", date=day, activeOnly="true")
    assert invented.intersection(only.codes) == active
    assert told(only)["activeOnly"] is True
    assert only.resource["expansion"]["total"] == len(only.codes) < len(every.codes)


def test_the_edition_of_the_day_is_listed_and_named(client: Client) -> None:
    before = client.get(EXPAND, url=f"{OWN}/icd10cm", date="2026-09-30")
    after = client.get(EXPAND, url=f"{OWN}/icd10cm", date="2026-10-01")
    assert told(before)["used-codesystem"].endswith("|2026")
    assert told(after)["used-codesystem"].endswith("|2027")
    assert ("U99.9" in before.codes, "U99.9" in after.codes) == (True, False)
    assert told(after)["date"] == "2026-10-01"


def test_an_edition_that_is_out_of_date_is_said_to_be(client: Client) -> None:
    late = client.get(EXPAND, url=f"{OWN}/icd10cm", date="2031-01-01", count=1)
    assert told(late)["warning-stale"].endswith("|2027")
    assert "warning-stale" not in told(client.get(EXPAND, url=f"{OWN}/icd10cm", count=1))


def test_a_fragment_is_named_and_its_copyright_told(client: Client) -> None:
    found = client.get(EXPAND, url=f"{THO}/cpt-base")
    assert told(found)["used-fragment"] == f"{CPT}|2026"
    assert "American Medical Association" in found.resource["copyright"]
    hcpcs = client.get(EXPAND, url=f"{OWN}/hcpcs")
    assert "used-fragment" not in told(hcpcs)
    assert "copyright" not in hcpcs.resource


@pytest.mark.parametrize(
    ("name", "unclosed"), [("cpt-all", True), ("cpt-usable", True), ("cpt-base", False), ("cpt-modifiers", False)]
)
def test_value_sets_that_hold_expressions_cannot_be_listed_in_full(
    client: Client, uncapped: Client, name: str, unclosed: bool
) -> None:
    found = client.get(EXPAND, url=f"{THO}/{name}")
    assert is_unclosed(found)  # a fragment is never closed
    assert is_unclosed(uncapped.get(EXPAND, url=f"{THO}/{name}")) is unclosed
    assert ("25" in found.codes) is (name in ("cpt-all", "cpt-modifiers"))
    assert ("99213" in found.codes) is (name != "cpt-modifiers")


def test_designations_are_told_on_request(client: Client) -> None:
    def of(reply: Reply) -> list[str]:
        item = next(item for item in reply.resource["expansion"]["contains"] if item["code"] == "J9990")
        return [designation["value"] for designation in item.get("designation", ())]

    assert of(client.get(EXPAND, url=f"{OWN}/hcpcs-j")) == []
    assert of(client.get(EXPAND, url=f"{OWN}/hcpcs-j", includeDesignations="true")) == ["Sample drug 1 mg"]


def test_every_listed_value_set_expands_by_id_by_url_and_by_post(client: Client) -> None:
    listed = client.get("ValueSet", _count=1000).resource["entry"]
    assert len(listed) > 30
    for entry in listed:
        value_set = entry["resource"]
        by_id = client.get(f"ValueSet/{value_set['id']}/$expand", count=3)
        by_url = client.get(EXPAND, url=value_set["url"], count=3)
        by_post = client.call(EXPAND, ("url", "uri", value_set["url"]), ("count", "integer", 3))
        assert by_id.codes == by_url.codes == by_post.codes
        assert by_id.status == 200
        assert by_id.resource["experimental"] is value_set["experimental"] is True


def test_no_value_set_of_a_letter_is_empty(client: Client) -> None:
    listed = client.get("ValueSet", _count=1000).resource["entry"]
    letters = [entry["resource"]["id"] for entry in listed if len(entry["resource"]["id"]) == len("hcpcs-a")]
    assert all(client.get(f"ValueSet/{name}/$expand").codes for name in letters if name.startswith("hcpcs-"))


@pytest.mark.parametrize(
    ("parameters", "status", "named"),
    [
        ({}, 400, "url"),
        ({"url": "http://nowhere.example/vs"}, 404, "nowhere"),
        ({"url": f"{THO}/cpt-all|7"}, 404, "cpt-all"),
        ({"url": f"{THO}/cpt-all", "count": "-1"}, 400, "count"),
        ({"url": f"{THO}/cpt-all", "count": "ten"}, 400, "count"),
        ({"url": f"{THO}/cpt-all", "offset": "1e3"}, 400, "offset"),
        ({"url": f"{THO}/cpt-all", "activeOnly": "yes"}, 400, "activeOnly"),
        ({"url": f"{THO}/cpt-all", "count": ["1", "2"]}, 400, "count"),
        ({"url": f"{THO}/cpt-all", "displayLanguage": "en", "colour": "red"}, 400, "colour"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: Client, parameters: dict[str, Any], status: int, named: str
) -> None:
    found = client.get(EXPAND, **parameters)
    assert found.status == status
    assert named in found.texts


@pytest.mark.parametrize(("name", "value"), [("count", -1), ("offset", -5), ("count", 10**12), ("count", 1.5)])
def test_numbers_in_parameters_are_checked_as_those_in_the_query_are(client: Client, name: str, value: float) -> None:
    found = client.call(EXPAND, ("url", "uri", f"{THO}/cpt-all"), (name, "integer", value))
    assert found.status == 400
    assert name in found.texts


@pytest.fixture(scope="module")
def uncapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server of licensed CPT content (invented texts) whose licence does not cap expansions."""
    modifier = Property("modifier", False, "boolean")
    concepts = [Concept("99213", "Invented visit", properties=(modifier,))]
    batch = Batch(Edition("cpt", "2026", 20260101, 20261231), concepts, len(concepts))
    licence = Licence(CPT, "A notice of the owner", None, True)
    folder, _ = compile_release([batch], [], tmp_path_factory.mktemp("uncapped"), licences=[licence])
    with served(Settings(release=folder, today=TODAY)) as http:
        yield Client(http, "r4")


@pytest.fixture(scope="module")
def capped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server of licensed CPT content (invented texts) under a licence that caps expansions at three concepts."""
    concepts = [Concept(f"9921{at}", f"Invented visit {at}") for at in range(1, 6)]
    batch = Batch(Edition("cpt", "2026", 20260101, 20261231), concepts, len(concepts))
    folder, _ = compile_release(
        [batch], [], tmp_path_factory.mktemp("capped"), licences=[Licence(CPT, "A notice of the owner", 3, True)]
    )
    with served(Settings(release=folder, today=TODAY)) as http:
        yield Client(http, "r4")


@pytest.mark.parametrize(
    ("page", "codes"),
    [
        ({}, ["99211", "99212", "99213"]),
        ({"count": 2}, ["99211", "99212"]),
        ({"count": 2, "offset": 2}, ["99213"]),
        ({"count": 2, "offset": 3}, []),
        ({"count": 1000}, ["99211", "99212", "99213"]),
    ],
)
def test_a_licence_caps_what_all_pages_together_may_list(
    capped: Client, page: dict[str, int], codes: list[str]
) -> None:
    found = capped.get(EXPAND, url=f"{THO}/cpt-base", **page)
    assert found.codes == codes
    assert told(found)["limitedExpansion"] is True
    assert is_unclosed(found)
    assert found.resource["copyright"] == "A notice of the owner"


def test_an_expansion_below_the_cap_is_not_limited(capped: Client) -> None:
    found = capped.get(EXPAND, url=f"{THO}/cpt-all", filter="99214")
    assert found.codes == ["99214"]
    assert "limitedExpansion" not in told(found)


def test_licensed_text_is_served_with_the_owners_notice(capped: Client) -> None:
    found = capped.get("CodeSystem/$lookup", system=CPT, code="99213")
    assert found.named("display") == "Invented visit 3"
    assert found.named("copyright") == "A notice of the owner"
    assert capped.get("ValueSet/cpt-all").resource["copyright"] == "A notice of the owner"
