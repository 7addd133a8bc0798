"""The pages in a browser: the suggestions by keyboard, the form without scripts, contrast, narrow windows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PAGES = ["/", "/codes/hcpcs", "/codes/hcpcs/J0129", "/codes/cpt/99213", "/codes/icd10cm/E11.9", "/value-sets/cpt-all"]
PAGES += ["/search?q=wound", "/codes/cpt/99213/ptp?column=2", "/value-sets"]

FAINT = """
const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
canvas.canvas.width = canvas.canvas.height = 1;
// What is painted: the backgrounds from the root down to the element, then the colour of its text.
function painted(element, withText) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
  if (withText) layers.push(getComputedStyle(element).color);
  canvas.fillStyle = 'white';
  canvas.fillRect(0, 0, 1, 1);
  for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
  return luminance([...canvas.getImageData(0, 0, 1, 1).data]);
}
const faint = [];
let checked = 0;
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility()) continue;
  checked += 1;
  const [one, other] = [painted(element, true), painted(element, false)].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < 4.5) faint.push(`${element.outerHTML.slice(0, 90)}: ${ratio.toFixed(2)}`);
}
return [checked, faint];
"""
"""The texts whose contrast with what lies behind is below 4.5 to 1. Source: WCAG 2.2, 1.4.3."""

NAMELESS = """
return [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, [role=region], nav, [tabindex]')]
  .filter(one => one.checkVisibility() && one.id !== 'content')
  .filter(one => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
  .map(one => one.outerHTML.slice(0, 90));
"""


def opened(browser: Chrome, site: httpx.Client, path: str) -> None:
    browser.get(f"{site.base_url}{path}")


def field(browser: Chrome, name: str = "q") -> WebElement:
    return browser.find_element(By.ID, name)


def options(browser: Chrome) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, "#suggestions [role=option]")


def typed(browser: Chrome, text: str) -> WebElement:
    """Type into the search field and wait for the suggestions."""
    search = field(browser)
    search.send_keys(text)
    WebDriverWait(browser, 10).until(lambda _: search.get_attribute("aria-expanded") == "true")
    return search


def test_a_code_is_found_by_keyboard_alone(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/?date=2026-10-15")
    search = typed(browser, "9921")
    assert search.get_attribute("role") == "combobox"
    assert search.get_attribute("aria-controls") == "suggestions"
    found = options(browser)
    assert len(found) > 1
    assert all(one.find_element(By.CLASS_NAME, "code").text.startswith("9921") for one in found)
    assert str(len(found)) in field(browser, "suggestions-status").get_attribute("textContent")
    search.send_keys(Keys.ARROW_DOWN)
    assert search.get_attribute("aria-activedescendant") == found[0].get_attribute("id")
    search.send_keys(Keys.ARROW_DOWN)
    assert search.get_attribute("aria-activedescendant") == found[1].get_attribute("id")
    assert [one.get_attribute("aria-selected") for one in found[:2]] == ["false", "true"]
    search.send_keys(Keys.ARROW_UP, Keys.ARROW_UP)
    assert search.get_attribute("aria-activedescendant") == found[-1].get_attribute("id")
    search.send_keys(Keys.ARROW_DOWN)
    code = found[0].find_element(By.CLASS_NAME, "code").text
    search.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda _: "/codes/" in browser.current_url)
    assert browser.current_url == f"{site.base_url}/codes/cpt/{code}?date=2026-10-15"
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith(code)


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/")
    search = typed(browser, "9921")
    search.send_keys(Keys.ARROW_DOWN, Keys.ESCAPE)
    assert search.get_attribute("aria-expanded") == "false"
    assert search.get_attribute("aria-activedescendant") is None
    assert not field(browser, "suggestions").is_displayed()
    assert search.get_attribute("value") == "9921"
    search.send_keys(Keys.ARROW_DOWN)
    WebDriverWait(browser, 10).until(lambda _: search.get_attribute("aria-expanded") == "true")


def test_that_nothing_is_found_is_said(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/")
    field(browser).send_keys("zzzzz")
    status = field(browser, "suggestions-status")
    assert status.get_attribute("aria-live") == "polite"
    WebDriverWait(browser, 10).until(lambda _: status.get_attribute("textContent") == "No suggestions")


def test_a_suggestion_can_be_clicked_and_enter_without_a_choice_searches(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/")
    typed(browser, "J01")
    options(browser)[0].click()
    WebDriverWait(browser, 10).until(lambda _: "/codes/hcpcs/J0129" in browser.current_url)
    opened(browser, site, "/")
    typed(browser, "wound").send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda _: "/search" in browser.current_url)
    assert "wound" in browser.find_element(By.TAG_NAME, "h1").text


def test_the_form_searches_without_scripts(browser: Chrome, site: httpx.Client) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    opened(browser, site, "/?date=2026-10-15")
    search = field(browser)
    assert search.get_attribute("role") is None
    search.send_keys("J0129", Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda _: "/codes/" in browser.current_url)
    assert browser.current_url == f"{site.base_url}/codes/hcpcs/J0129?date=2026-10-15"
    assert "In force on 2026-10-15" in browser.find_element(By.TAG_NAME, "main").text


def test_a_concepts_page_can_be_seen_on_another_day(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/codes/hcpcs/J0129?date=2006-12-31")
    assert "Not in force on 2006-12-31" in browser.find_element(By.TAG_NAME, "main").text
    day = field(browser, "other-day")
    browser.execute_script("arguments[0].value = '2026-10-15'", day)
    day.submit()
    WebDriverWait(browser, 10).until(lambda _: "2026-10-15" in browser.current_url)
    assert "In force on 2026-10-15" in browser.find_element(By.TAG_NAME, "main").text


def test_the_first_key_skips_to_the_content(browser: Chrome, site: httpx.Client) -> None:
    opened(browser, site, "/codes/hcpcs/J0129")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.tag_name == "main"


@pytest.mark.parametrize("path", PAGES)
def test_every_text_stands_out_from_its_ground(browser: Chrome, site: httpx.Client, scheme: str, path: str) -> None:
    opened(browser, site, path)
    checked, faint = browser.execute_script(FAINT)
    assert checked > 20
    assert faint == []


def test_the_chosen_suggestion_stands_out_from_its_ground(browser: Chrome, site: httpx.Client, scheme: str) -> None:
    opened(browser, site, "/")
    typed(browser, "9").send_keys(Keys.ARROW_DOWN)
    assert browser.execute_script(FAINT)[1] == []


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_can_be_used_has_a_name(browser: Chrome, site: httpx.Client, path: str) -> None:
    opened(browser, site, path)
    assert browser.execute_script(NAMELESS) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_window(browser: Chrome, site: httpx.Client, path: str, width: int) -> None:
    size: dict[str, Any] = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        opened(browser, site, path)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
