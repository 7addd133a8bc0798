"""A server on the sample's release, asked by a browser; and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from fhir_cpt.settings import Settings
from terminology import Release

from ..http.client import TODAY, served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""What browsers send in Accept."""


@pytest.fixture(scope="session")
def site(sample_release: Release) -> Iterator[httpx.Client]:
    """An HTTP client that asks as a browser does, and follows no redirect by itself."""
    with served(Settings(release=sample_release.folder, today=TODAY)) as client:
        client.headers["accept"] = BROWSER
        yield client


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless Chromium; skips where it or its driver is not installed."""
    found, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if found is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed (apt-get install chromium chromium-driver)")
    yield from _started(Path(found), Path(driver), tmp_path_factory.mktemp("chromium"))


def _started(binary: Path, driver: Path, profile: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(binary)
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(str(driver)))
    try:
        yield browser
    finally:
        browser.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser, with scripts, a wide window and a light scheme; its console must stay silent."""
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    chromium.set_window_size(1280, 900)
    _scheme(chromium, "light")
    chromium.get_log("browser")
    yield chromium
    assert chromium.get_log("browser") == []


def _scheme(browser: webdriver.Chrome, name: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": name}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, browser: webdriver.Chrome) -> str:
    """The colour scheme that the browser asks for: each in turn."""
    name: str = request.param
    _scheme(browser, name)
    return name
