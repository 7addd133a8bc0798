"""The pages of the agencies' real codes: every kind of code renders, and long lists are whole."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from fhir_cpt.settings import Settings
from terminology import Release
from terminology.period import show

from ..http.client import served
from .conftest import BROWSER
from .markup import Page

pytestmark = pytest.mark.realdata
DAY = 20240815
"""A day that the NCCI tables in the shared folder speak for."""


@pytest.fixture(scope="module")
def real_site(real_release: Release) -> Iterator[httpx.Client]:
    with served(Settings(release=real_release.folder, today=DAY)) as client:
        client.headers["accept"] = BROWSER
        yield client


@pytest.mark.parametrize(("system", "step"), [("cpt", 150), ("hcpcs", 100), ("icd10cm", 1000), ("pos", 5)])
def test_the_page_of_a_real_code_is_whole(
    real_site: httpx.Client, real_release: Release, system: str, step: int
) -> None:
    found = next(one for one in real_release.code_systems.values() if one.versions[0].table.name == system)
    table = found.on(DAY).table
    for at in range(0, len(table), step):
        code = table.code(at)
        answer = real_site.get(f"/codes/{system}/{code}")
        page = Page(answer.text)
        assert (answer.status_code, page.faults) == (200, []), code
        assert page.title.startswith(code)
        assert show(DAY) in page.text


@pytest.mark.parametrize("setting", ["practitioner", "hospital"])
@pytest.mark.parametrize("code", ["36591", "99213", "45378", "A4550"])
def test_the_edits_with_a_code_in_column_2_are_those_that_each_other_code_tells(
    real_release: Release, setting: str, code: str
) -> None:
    held = real_release.ptp("practitioner" if setting == "practitioner" else "hospital").on(DAY)
    assert held is not None
    told = [edit for other in held.table if (edit := held.table.edit(other, code, DAY))]
    assert list(held.table.bundlers(code, DAY)) == told
