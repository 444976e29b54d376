"""Looking for something, with a keyboard, a phone, and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite

pytestmark = pytest.mark.browser


def test_results_come_as_one_types_and_the_address_follows(enter: Enter) -> None:
    page = enter()
    page.goto("/search/")
    field = page.get_by_role("searchbox")
    field.press_sequentially("gradient des")
    first = page.get_by_role("region", name=re.compile("^Terms")).get_by_role("link").first
    expect(first).to_have_text("Gradient descent")
    expect(page.get_by_role("status").filter(has_text="found for “gradient des”")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search/\?q=gradient(\+|%20)des$"))
    expect(field).to_be_focused()
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradient descent")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("gradient des")
    expect(page.get_by_role("link", name="Gradient descent").first).to_be_visible()


def test_a_key_leads_to_the_search_but_not_while_somebody_types(enter: Enter) -> None:
    page = enter()
    page.goto("/glossary/")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")


def test_the_key_can_be_switched_off(enter: Enter) -> None:
    page = enter()
    page.goto("/search/")
    page.get_by_label("The key / leads to the search").uncheck()
    page.goto("/glossary/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_a_misspelling_leads_to_the_nearest(enter: Enter) -> None:
    page = enter()
    page.goto("/search/?q=gradiant+decent")
    expect(page.get_by_role("status").filter(has_text="The nearest:")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Gradient descent")).to_be_visible()


def test_without_scripts_the_form_does_it(site: LiveSite, chromium: Browser) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/glossary/")
    page.get_by_role("searchbox").fill("overfit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Overfitting").first).to_be_visible()
    context.close()


def test_on_a_phone_a_link_leads_to_the_search(site: LiveSite, chromium: Browser) -> None:
    context = chromium.new_context(base_url=site.url, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto("/glossary/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("neuron")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("region", name=re.compile("^Terms"))).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    context.close()
