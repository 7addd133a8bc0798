"""What the pages hold, under which headers; that every link leads somewhere; that what is typed stays text."""

from __future__ import annotations

import logging
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_cpt.pages.asked import LONGEST
from fhir_cpt.pages.home import TITLES
from fhir_cpt.settings import Settings
from terminology import Release
from terminology.importers.source import Batch
from terminology.model import CPT, Concept, Edition
from terminology.release.compiler import compile_release
from terminology.release.manifest import Licence
from terminology.release.tables import KEYED, PTP

from ..http.client import TODAY, served
from .conftest import BROWSER
from .markup import Page

PAGES = [
    "/",
    "/codes",
    "/codes/hcpcs",
    "/codes/hcpcs-2026-07",
    "/codes/hcpcs/J0129",
    "/codes/hcpcs/LT",
    "/codes/cpt/99213",
    "/codes/cpt/99213:25",
    "/codes/cpt/17003",
    "/codes/icd10cm/C61",
    "/codes/icd10cm/E11",
    "/codes/pos/11",
    "/codes/cpt/99213/ptp?column=2",
    "/value-sets",
    "/value-sets/cpt-all",
    "/search",
    "/search?q=wound",
    "/search?q=zzzzz",
    "/codes/cpt/00000",
    "/?date=soon",
]


def read(site: httpx.Client, path: str, status: int = 200) -> Page:
    found = site.get(path)
    assert found.status_code == status, found.text
    page = Page(found.text)
    assert page.faults == []
    return page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_well_formed_and_can_be_found_ones_way_around(site: httpx.Client, path: str) -> None:
    page = Page(site.get(path).text)
    assert page.faults == []
    tags = [tag for tag, _ in page.elements]
    assert {tag: tags.count(tag) for tag in ("h1", "main", "header", "footer")} == dict.fromkeys(
        ("h1", "main", "header", "footer"), 1
    )
    assert ("html", {"lang": "en"}) in page.elements
    assert page.title.endswith("· fhir-cpt")
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {link[1:] for link in page.links if link.startswith("#")} <= ids
    labelled = {attributes["for"] for tag, attributes in page.elements if tag == "label"}
    fields = [a for tag, a in page.elements if tag == "input" and a.get("type") != "hidden"]
    assert {field["id"] for field in fields} == labelled
    for _, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("path", [*PAGES, "/search.json?q=9", "/static/search.js", "/static/style.css"])
def test_every_answer_lets_the_browser_run_our_own_files_alone(site: httpx.Client, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_every_link_of_every_page_leads_somewhere(site: httpx.Client) -> None:
    """Follows links from the first page; of codes and of the lists' pages, those of the first few hundred pages."""
    waiting, seen = ["/"], {"/"}
    followed = 0
    while waiting and followed < 400:
        path = waiting.pop(0)
        followed += 1
        found = site.get(path, follow_redirects=True)
        tabled = re.fullmatch(r"/codes/(cpt|hcpcs|icd10cm)/[^/?]+(\?.*)?", path)  # tables may name codes not held
        assert found.status_code == 200 or (tabled and found.status_code == 404), (path, found.status_code)
        if found.headers["content-type"].startswith("text/html"):
            for link in Page(found.text).links:
                target = link.split("#")[0]
                if target.startswith("/") and target not in seen:
                    seen.add(target)
                    waiting.append(target)
    assert followed > 200


def test_the_first_page_tells_what_is_held(site: httpx.Client, sample_release: Release) -> None:
    page = read(site, "/")
    for expected in ("HCPCS", "ICD-10-CM", "Place of service", "CPT", sample_release.id, "2026q4", "Sample data"):
        assert expected in page.text


def test_every_table_has_a_name_for_people() -> None:
    assert {table.name for table in (*KEYED, *PTP)} == set(TITLES)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/codes/hcpcs/J0129?date=2026-10-15", ["In force on 2026-10-15", "since 2007-01-01", "Short description"]),
        ("/codes/hcpcs/J0129?date=2006-12-31", ["Not in force on 2006-12-31"]),
        ("/codes/hcpcs/J0129", ["2026-10 2026-07", "pricing indicator 51", "100", "MAI 3", "2026q3"]),
        ("/codes/hcpcs/j0129", ["You asked for", "j0129"]),
        ("/codes/cpt/99213", ["May be in force", "99212", "a modifier may lift it", "2026q4", "Work RVU"]),
        ("/codes/cpt/99213", ["99213 in column 1", "99213 in column 2", "Outpatient hospital", "Practitioner"]),
        ("/codes/cpt/17003", ["An add-on code of type 1", "17000"]),
        ("/codes/cpt/17000", ["A primary code of 1 add-on code", "17003"]),
        ("/codes/cpt/44955", ["An add-on code of type 2", "The contractor decides"]),
        ("/codes/cpt/93306", ["A99999, group 1", "I25.10", "Z00.00"]),
        ("/codes/icd10cm/C61", ["sex", "for male patients", "44"]),
        ("/codes/icd10cm/F02.80", ["a manifestation"]),
        ("/codes/icd10cm/E11.9", ["E11", "Use an additional code for on E11"]),
        ("/codes/icd10cm/E11", ["E11.9", "Hierarchy"]),
        ("/codes/icd10cm/E119", ["the code is written E11.9"]),
        ("/codes/icd10cm-2026/E11.9", ["Edition 2026"]),
        ("/codes/cpt/99213:25", ["99213:25", "99212"]),
        ("/codes/hcpcs", ["2026-07", "2026-10", "184", "185", "pricing-indicator"]),
        ("/codes/hcpcs?date=2028-01-01", ["ends before 2028-01-01"]),
        ("/codes/icd10cm?date=2020-01-01", ["starts after 2020-01-01"]),
        ("/codes/cpt/99213?date=2020-01-01", ["so it is not known whether there is a limit: practitioner"]),
        ("/codes/cpt/99213?date=2028-01-01", ["out of date"]),
        ("/value-sets/hcpcs-modifiers", ["HCPCS codes where modifier = true", "1 to", "KX"]),
        ("/value-sets/cpt-usable", ["too many to list"]),
        ("/value-sets/hcpcs-codes?filter=zzz", ["No codes that start like this"]),
        ("/search?q=zzzzz", ["No code starts like this"]),
        ("/search?q=J01", ["HCPCS 1 code", "J0129"]),
        ("/codes/cpt/99213/ptp?setting=hospital&column=1", ["0591T", "Outpatient hospital: 99213 in column 1"]),
        ("/codes/cpt/99213/ptp?partner=9921", ["99211", "99212"]),
        ("/codes/cpt/99213/ptp?partner=0000", ["None that starts like this"]),
    ],
)
def test_a_page_holds_what_it_should(site: httpx.Client, path: str, expected: list[str]) -> None:
    text = read(site, path).text
    for part in expected:
        assert part in text, text


def test_pages_with_cpt_content_carry_the_notice(site: httpx.Client, sample_release: Release) -> None:
    licence = sample_release.licence(CPT)
    assert licence is not None
    for path in ("/codes/cpt/99213", "/search?q=992", "/value-sets/cpt-all", "/codes/cpt/99213/ptp"):
        assert licence.notice in read(site, path).text
    assert site.get("/search.json?q=992").json()["notices"] == [licence.notice]


def test_a_code_in_the_search_field_leads_to_its_page_on_the_day(site: httpx.Client) -> None:
    found = site.get("/search?q=j0129&date=2026-10-15")
    assert (found.status_code, found.headers["location"]) == (303, "/codes/hcpcs/J0129?date=2026-10-15")
    assert site.get("/search?q=25").status_code == 200  # a CPT modifier and a place of service


def test_suggestions_come_from_every_system_and_codes_come_first(site: httpx.Client) -> None:
    items: list[dict[str, Any]] = site.get("/search.json?q=1&date=2026-10-15").json()["items"]
    assert {item["system"] for item in items} >= {"CPT", "Place of service"}
    assert all(item["code"].startswith("1") for item in items[:4])
    assert all("date=2026-10-15" in item["href"] for item in items)
    assert site.get("/search.json?q=").json()["items"] == []
    assert site.get("/search.json?q=%20%20").json()["items"] == []


def test_a_list_is_turned_over_page_by_page_without_loss(site: httpx.Client) -> None:
    codes: list[str] = []
    path = "/value-sets/cpt-base?date=2026-10-15"
    while path:
        page = read(site, path)
        codes += re.findall(r"/codes/cpt/([^?]+)", " ".join(page.links))
        following = [a["href"] for tag, a in page.elements if tag == "a" and a.get("rel") == "next"]
        path = following[0] if following else ""
        assert not path or "date=2026-10-15" in path
    total = site.get("/r4/ValueSet/cpt-base/$expand", headers={"accept": "*/*"}).json()["expansion"]["total"]
    assert len(codes) == len(set(codes)) == total


def test_the_partners_of_a_code_are_those_of_the_table_in_both_columns(
    site: httpx.Client, sample_release: Release
) -> None:
    held = sample_release.ptp("practitioner").on(TODAY)
    assert held is not None
    for code in ("99213", "36415"):
        first = [edit.column2 for edit in held.table.partners(code, TODAY)]
        second = [other for other in held.table if held.table.edit(other, code, TODAY)]
        for column, wanted in ((1, first), (2, second)):
            page = read(site, f"/codes/cpt/{code}/ptp?column={column}")
            assert f"{len(wanted)} partners" in page.text
            linked = {found for link in page.links for found in re.findall("^/codes/[a-z]+/([^/?]+)$", link)}
            assert linked - {code} == set(wanted[:100]) - {code}


def test_the_licences_cap_ends_the_search(tmp_path: Path) -> None:
    concepts = [Concept(f"9921{at}", f"Invented visit {at}") for at in range(1, 6)]
    batch = Batch(Edition("cpt", "2026", 20260101, 20261231), concepts, len(concepts))
    compile_release([batch], [], tmp_path, licences=[Licence(CPT, "A notice of the owner", 3, True)])
    with served(Settings(release=tmp_path, today=TODAY)) as http:
        text = Page(http.get("/search?q=9921", headers={"accept": BROWSER}).text).text
    assert "CPT 3 codes, as many as the licence lets be listed" in text
    assert "Invented visit 3" in text
    assert "Invented visit 4" not in text
    assert "A notice of the owner" in text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "{{7*7}}{% raw %}",
    "\x00\x01",
    "\u202e\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "../../etc/passwd",
    "%0d%0aset-cookie:a=b",
    "javascript:alert(1)",
    "(a+)+$",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/search", "q"),
        ("/search", "date"),
        ("/search", "system"),
        ("/search", "offset"),
        ("/value-sets/hcpcs-codes", "filter"),
        ("/value-sets/hcpcs-codes", "active"),
        ("/codes/cpt/99213/ptp", "partner"),
        ("/codes/cpt/99213/ptp", "setting"),
    ],
)
def test_what_is_typed_stays_text(site: httpx.Client, path: str, name: str, text: str) -> None:
    found = site.get(path, params={name: text})
    assert found.status_code in (200, 400)
    page = Page(found.text)
    assert page.faults == []
    assert "49" not in page.title
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert not [a for _, a in page.elements for key in a if key.startswith("on") or key == "autofocus"]
    assert all(link.startswith(("/", "#")) for link in page.links)
    assert "set-cookie" not in found.headers


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["/codes/{}", "/codes/cpt/{}", "/value-sets/{}", "/{}", "/static/{}"])
def test_a_strange_address_is_not_found(site: httpx.Client, path: str, text: str) -> None:
    found = site.get(path.format(httpx.QueryParams({"": text}).__str__()[1:].replace("+", "%20")))
    assert found.status_code == 404
    assert "<script>alert" not in found.text
    page = Page(found.text)
    assert page.faults == []
    assert all(link.startswith(("/", "#")) for link in page.links)


@pytest.mark.parametrize("path", ["/r4/CodeSystem/%2F%2Fevil.example", "/r4/CodeSystem/hcpcs?code=//evil.example/"])
def test_nobody_is_led_to_another_site(site: httpx.Client, path: str) -> None:
    found = site.get(path)
    assert found.headers.get("location", "/codes/").startswith("/codes/")


def test_a_long_text_is_refused_and_the_field_named(site: httpx.Client) -> None:
    assert "takes 100 characters" in read(site, "/search?q=" + "a" * (LONGEST + 1), 400).text


@pytest.mark.parametrize("date", ["2026", "2026-13-01", "yesterday", "2026-02-30", "9" * 500])
def test_a_date_that_is_no_day_is_refused(site: httpx.Client, date: str) -> None:
    assert "is not a day" in read(site, f"/codes/hcpcs/J0129?date={date}", 400).text


def test_a_failure_of_our_own_is_a_page_that_tells_no_secrets_and_is_logged(
    site: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def boom(*_: Any) -> None:
        raise RuntimeError("a secret of the server's")

    monkeypatch.setattr("fhir_cpt.pages.site.home_page", boom)
    with caplog.at_level(logging.ERROR):
        page = read(site, "/", 500)
    assert "secret" not in page.text
    assert "a secret of the server's" in caplog.text


def test_our_own_files_may_be_kept_because_their_addresses_change(site: httpx.Client) -> None:
    page = read(site, "/")
    sheets = [a["href"] for tag, a in page.elements if tag == "link" and a["rel"] == "stylesheet"]
    found = site.get(sheets[0])
    assert re.search(r"\?v=[0-9a-f]{8}$", sheets[0])
    assert found.headers["content-type"].startswith("text/css")
    assert "immutable" in found.headers["cache-control"]
    assert site.get("/static/none.css").status_code == 404


def test_pages_are_read_not_written(site: httpx.Client) -> None:
    found = site.post("/codes")
    assert found.status_code == 405
    assert "GET" in found.headers["allow"]
    assert site.head("/codes/hcpcs/J0129").status_code == 200
