"""Who gets a page, and where: by the headers alone, and from a running server."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.pages.negotiation import page_of, prefers_html

from ..http.client import FHIR
from .conftest import BROWSER


@pytest.mark.parametrize(
    ("accept", "wanted", "html"),
    [
        (BROWSER, None, True),
        ("text/html", None, True),
        ("TEXT/HTML;charset=utf-8", None, True),
        ("text/html, application/fhir+json;q=0.9", None, True),
        ("text/html, application/fhir+json", None, False),
        ("application/fhir+json", None, False),
        ("application/json, text/html;q=0.5", None, False),
        ("text/html;q=0.5, */*", None, False),
        ("text/html;q=0.5, application/*", None, False),
        ("text/html;q=0", None, False),
        ("text/html;q=nonsense", None, False),
        ("*/*", None, False),
        ("text/*", None, False),
        ("", None, False),
        ("application/fhir+json", "html", True),
        ("*/*", "text/html", True),
        (BROWSER, "json", False),
        (BROWSER, "application/fhir+json", False),
    ],
)
def test_html_is_for_those_who_prefer_it(accept: str, wanted: str | None, html: bool) -> None:
    assert prefers_html(accept, wanted) is html


@given(st.text(), st.none() | st.text())
def test_no_header_breaks_the_choice(accept: str, wanted: str | None) -> None:
    assert prefers_html(accept, wanted) in (True, False)


@given(st.text(), st.binary())
def test_no_address_leads_out_of_the_site(path: str, query: bytes) -> None:
    page = page_of(path, query)
    assert page is None or page.split("?")[0].split("/")[0] in ("", "codes", "value-sets")
    assert page is None or not page.startswith("/")


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("", "/"),
        ("/", "/"),
        ("/CodeSystem", "/codes"),
        ("/CodeSystem/hcpcs", "/codes/hcpcs"),
        ("/CodeSystem/hcpcs-2026-07?code=J0129", "/codes/hcpcs-2026-07/J0129"),
        ("/CodeSystem/hcpcs?code=J0129&date=2026-10-15", "/codes/hcpcs/J0129?date=2026-10-15"),
        ("/CodeSystem/cpt?code=99213:25", "/codes/cpt/99213%3A25"),
        ("/ValueSet", "/value-sets"),
        ("/ValueSet/hcpcs-codes?filter=wound", "/value-sets/hcpcs-codes?filter=wound"),
    ],
)
@pytest.mark.parametrize("base", ["/r4", "/r5"])
def test_a_browser_is_led_from_a_fhir_address_to_its_page(site: httpx.Client, base: str, path: str, page: str) -> None:
    found = site.get(base + path)
    assert (found.status_code, found.headers["location"]) == (303, page)
    assert found.headers["vary"] == "Accept"
    assert site.get(page).status_code == 200


@pytest.mark.parametrize("accept", ["*/*", FHIR, "application/json", f"{FHIR}, text/html;q=0.9"])
@pytest.mark.parametrize("path", ["CodeSystem", "CodeSystem/hcpcs", "ValueSet", "ValueSet/hcpcs-codes"])
def test_a_fhir_client_gets_json_where_a_browser_gets_a_page(site: httpx.Client, path: str, accept: str) -> None:
    found = site.get(f"/r4/{path}", headers={"accept": accept})
    assert (found.status_code, found.headers["content-type"]) == (200, FHIR)


def test_the_format_asked_for_in_the_address_wins(site: httpx.Client) -> None:
    assert site.get("/r4/CodeSystem/hcpcs?_format=json").headers["content-type"] == FHIR
    found = site.get("/r4/CodeSystem/hcpcs?_format=html", headers={"accept": FHIR})
    assert found.headers["location"] == "/codes/hcpcs"
    assert "location" not in site.head("/r4/CodeSystem/hcpcs?_format=json").headers


@pytest.mark.parametrize(
    "path",
    [
        "metadata",
        "CodeSystem?url=http://www.ama-assn.org/go/cpt",
        "CodeSystem/$lookup?system=http://www.ama-assn.org/go/cpt&code=99213",
        "ValueSet/hcpcs-codes/$expand?count=1",
    ],
)
def test_what_has_no_page_is_json_for_browsers_too(site: httpx.Client, path: str) -> None:
    found = site.get(f"/r4/{path}")
    assert (found.status_code, found.headers["content-type"]) == (200, FHIR)


def test_the_first_page_is_for_browsers_alone(site: httpx.Client) -> None:
    assert site.get("/").headers["content-type"] == "text/html; charset=utf-8"
    found = site.get("/", headers={"accept": "*/*"})
    assert (found.status_code, found.json()["resourceType"]) == (404, "OperationOutcome")
