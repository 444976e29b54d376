"""Looking a word up in a glossary, and reading on from there."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite

pytestmark = pytest.mark.browser

GLOSSARY = "/glossary/deep-learning/"
LESSON = "/courses/deep-learning/lessons/what-deep-learning-is/"


def entries(page: Page) -> list[str]:
    return page.locator("#terms .entry__head").all_inner_texts()


def test_entries_come_as_one_types_and_go_as_one_clears(enter: Enter) -> None:
    page = enter()
    page.goto(GLOSSARY)
    everything = entries(page)
    field = page.get_by_label("Look up a word")
    field.press_sequentially("gradiant")
    said = page.get_by_role("status").filter(has_text="No entry here for “gradiant”. The nearest:")
    expect(said).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=gradiant$"))
    expect(field).to_be_focused()
    assert "Gradient descent" in entries(page)
    field.fill("")
    expect(page.locator("#terms .entry")).to_have_count(len(everything))
    expect(page).to_have_url(re.compile(f"{GLOSSARY}$"))
    expect(said).to_have_count(0)


def test_one_goes_back_to_what_one_looked_up(enter: Enter) -> None:
    page = enter()
    page.goto(GLOSSARY)
    page.get_by_label("Look up a word").press_sequentially("dropout")
    found = page.get_by_role("region", name="Entries found")
    found.get_by_role("link", name="Dropout", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dropout")
    page.go_back()
    expect(page.get_by_label("Look up a word")).to_have_value("dropout")
    expect(found.get_by_role("link", name="Dropout", exact=True)).to_be_visible()


def test_without_scripts_the_form_finds_the_same(site: LiveSite, chromium: Browser) -> None:
    context = chromium.new_context(
        base_url=site.url, java_script_enabled=False, viewport={"width": 360, "height": 700}
    )
    page = context.new_page()
    page.goto(GLOSSARY)
    page.get_by_label("Look up a word").fill("zyzzyva")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Not in this glossary")).to_be_visible()
    page.get_by_role("link", name="All terms from A to Z").click()
    expect(page).to_have_url(re.compile(f"{GLOSSARY}$"))
    context.close()


def test_an_entry_that_an_address_leads_to_is_marked_as_a_whole(enter: Enter) -> None:
    page = enter()
    page.goto(f"{GLOSSARY}?term=dropout")
    mark = page.locator("#term-dropout").evaluate(
        "entry => { const mark = getComputedStyle(entry, '::before');"
        " return [parseFloat(mark.height) >= entry.clientHeight,"
        " parseFloat(mark.width) >= entry.clientWidth, mark.content] }"
    )
    assert mark == [True, True, '""']


@pytest.mark.parametrize("width", [360, 1280])
def test_the_sections_of_a_lesson_lead_to_its_headings(
    site: LiveSite, chromium: Browser, width: int
) -> None:
    context = chromium.new_context(base_url=site.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(LESSON)
    if width < 1000:
        page.locator("summary").filter(has_text="In this lesson").click()
    sections = page.get_by_role("navigation", name="In this lesson")
    link = sections.get_by_role("link").nth(2)
    words = link.inner_text()
    link.click()
    heading = page.get_by_role("heading", level=2, name=words)
    expect(heading).to_be_in_viewport()
    heading.get_by_role("link").click()
    address = heading.evaluate("heading => heading.id")
    expect(page).to_have_url(re.compile(f"#{address}$"))
    context.close()
