"""One server of ours asks another over real sockets: the first holds one HCPCS code, the other the sample."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from fhir_cpt.settings import Settings
from terminology.model import CANONICAL, CPT, HCPCS, ICD10CM

from .client import TODAY, Client, served
from .test_release_change import make


@pytest.fixture(scope="module", params=["r4", "r5"])
def pair(
    request: pytest.FixtureRequest, http: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, Client]]:
    """Clients of the server that asks, and of the one that it asks."""
    folder = tmp_path_factory.mktemp("small")
    make(folder, "Small")
    upstream = (f"{http.base_url}/r4", f"r5:{http.base_url}/r5")
    with served(Settings(release=folder, today=TODAY, upstream=upstream)) as asking:
        yield Client(asking, request.param), Client(http, request.param)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("CodeSystem/$lookup", {"system": ICD10CM, "code": "E11.65"}),
        ("CodeSystem/$lookup", {"system": CPT, "code": "99213", "date": "2026-03-01"}),
        ("CodeSystem/$validate-code", {"url": ICD10CM, "code": "E11.65", "display": "wrong"}),
        ("CodeSystem/$validate-code", {"url": "urn:oid:2.16.840.1.113883.6.90", "code": "E11.65"}),
        ("CodeSystem/$subsumes", {"system": ICD10CM, "codeA": "E11", "codeB": "E11.65"}),
        ("ValueSet/$validate-code", {"url": f"{CANONICAL}ValueSet/icd10cm-billable", "code": "E11"}),
    ],
)
def test_the_answer_is_the_upstreams_with_its_name_in_it(
    pair: tuple[Client, Client], path: str, query: dict[str, str]
) -> None:
    asking, asked = pair
    found, expected = asking.get(path, **query), asked.get(path, **query)
    assert found.status == expected.status == 200
    signature = {"name": "x-answered-by", "valueUri": f"{asked.http.base_url}/{asked.version}"}
    assert found.resource["parameter"] == [*expected.resource["parameter"], signature]


def test_expansions_and_refusals_come_through_too(pair: tuple[Client, Client]) -> None:
    asking, asked = pair
    query = {"url": f"{CANONICAL}ValueSet/icd10cm-billable", "filter": "knee"}
    assert asking.get("ValueSet/$expand", **query).codes == asked.get("ValueSet/$expand", **query).codes
    found = asking.get("CodeSystem/$lookup", system=ICD10CM, code="none")
    assert found.status == 404
    assert found.issues[:-1] == asked.get("CodeSystem/$lookup", system=ICD10CM, code="none").issues


def test_what_is_held_here_is_answered_here(pair: tuple[Client, Client]) -> None:
    found = pair[0].get("CodeSystem/$lookup", system=HCPCS, code="A0001")
    assert (found.named("display"), found.named("x-answered-by")) == ("Small", None)


def test_many_at_once_are_all_answered(pair: tuple[Client, Client]) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = [f"E11.{number}" for number in range(40)]
        found = list(pool.map(lambda code: pair[0].get("CodeSystem/$lookup", system=ICD10CM, code=code), codes))
    assert {reply.status for reply in found} <= {200, 404}
    assert all("A0001" not in str(reply.resource) for reply in found)
    assert all(str(pair[1].http.base_url) in str(reply.resource) for reply in found)


def test_two_servers_that_ask_each_other_end_at_once(tmp_path: Path) -> None:
    make(tmp_path, "Small")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    settings = Settings(release=tmp_path, today=TODAY, upstream=(f"http://127.0.0.1:{port}/r4",))
    with served(settings, port=port) as asking:
        found = Client(asking, "r4").get("CodeSystem/$lookup", system=ICD10CM, code="E11")
    assert found.status == 404
    assert f"This is the answer of http://127.0.0.1:{port}/r4" in found.texts
    assert len(found.issues) == 2


def test_a_port_where_nobody_listens_is_said_soon(tmp_path: Path) -> None:
    make(tmp_path, "Small")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}/r4"
        with served(Settings(release=tmp_path, today=TODAY, upstream=(base,))) as asking:
            found = Client(asking, "r4").get("CodeSystem/$lookup", system=ICD10CM, code="E11")
    assert found.status == 404
    assert found.texts.splitlines()[-1] == f"{base} cannot be reached"
