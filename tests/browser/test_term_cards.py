"""Cards at the links to terms: by pointer, keyboard and touch, and without any script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter
from tests.browser.looking import overflow, picture, violations

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning/lessons/what-deep-learning-is/"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def a_link(page: Page) -> Locator:
    page.goto(LESSON)
    return page.locator("article .prose a.term").first


def card(page: Page) -> Locator:
    return page.locator(".term-card")


def tab_to(page: Page, link: Locator) -> None:
    """As from the link before it: focus that came from the keyboard."""
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()


def is_inside(page: Page, shown: Locator) -> bool:
    box, window = shown.bounding_box(), page.viewport_size
    assert box
    assert window
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return (
        box["x"] >= 0 and box["y"] >= 0 and right <= window["width"] and bottom <= window["height"]
    )


def test_pointing_at_a_term_opens_its_card_after_a_pause_and_going_away_closes_it(
    enter: Enter,
) -> None:
    page = enter()
    page.clock.install()
    link = a_link(page)
    link.hover()
    page.clock.run_for(200)
    expect(card(page)).to_have_count(0)
    page.clock.run_for(200)
    expect(card(page)).to_be_visible()
    name = card(page).locator(".term-card__name").inner_text()
    expect(card(page)).to_have_attribute("aria-label", f"About {name}")
    assert is_inside(page, card(page))
    card(page).hover()
    page.clock.run_for(10_000)
    expect(card(page)).to_be_visible()
    page.mouse.move(1, 1)
    page.clock.run_for(200)
    expect(card(page)).to_be_visible()
    page.clock.run_for(200)
    expect(card(page)).to_have_count(0)


def test_a_pointer_that_only_passes_over_a_term_opens_nothing(enter: Enter) -> None:
    page = enter()
    page.clock.install()
    a_link(page).hover()
    page.clock.run_for(200)
    page.mouse.move(1, 1)
    page.clock.run_for(10_000)
    expect(card(page)).to_have_count(0)


def test_a_page_with_an_open_card_is_accessible(enter: Enter) -> None:
    page = enter()
    a_link(page).hover()
    expect(card(page)).to_be_visible()
    assert violations(page) == []
    picture(page, "term-card-wide")


def test_the_card_leads_to_the_whole_entry_and_to_what_to_see_also(enter: Enter) -> None:
    page = enter()
    a_link(page).hover()
    entry = card(page).get_by_role("link", name=re.compile("The whole entry"))
    address = str(entry.get_attribute("href"))
    entry.click()
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))


def test_a_card_is_asked_for_once_a_page(enter: Enter) -> None:
    page = enter()
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/card/" in request.url else None
    )
    link = a_link(page)
    for _ in range(3):
        link.hover()
        expect(card(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(card(page)).to_have_count(0)
        page.mouse.move(1, 1)
    assert len(asked) == 1


def test_by_keyboard_the_card_opens_is_announced_and_is_the_next_stop(enter: Enter) -> None:
    page = enter()
    link = a_link(page)
    tab_to(page, link)
    expect(card(page)).to_be_visible()
    expect(link).to_have_attribute("aria-expanded", "true")
    said = page.get_by_role("status").filter(has_text=card(page).locator("p").nth(1).inner_text())
    expect(said).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.term-card') !== null")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(link).to_be_focused()
    expect(link).not_to_have_attribute("aria-expanded", "true")


def test_tabbing_past_the_card_closes_it(enter: Enter) -> None:
    page = enter()
    tab_to(page, a_link(page))
    expect(card(page)).to_be_visible()
    for _ in range(card(page).get_by_role("link").count() + 1):
        page.keyboard.press("Tab")
    expect(page.locator(".term-card:has(:focus)")).to_have_count(0)
    link = page.locator("article .prose a.term").first
    expect(link).not_to_have_attribute("aria-expanded", "true")


def test_return_on_a_focused_term_goes_to_its_page(enter: Enter) -> None:
    page = enter()
    link = a_link(page)
    tab_to(page, link)
    expect(card(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_first_tap_opens_the_card_and_the_second_the_page(
    enter: Enter, scheme: Any
) -> None:
    page = enter(**PHONE, color_scheme=scheme)
    link = a_link(page)
    link.tap()
    expect(card(page)).to_be_visible()
    expect(page).to_have_url(re.compile(LESSON))
    assert is_inside(page, card(page))
    assert overflow(page) == 0
    assert violations(page) == []
    picture(page, f"term-card-{scheme}")
    page.locator("h1").tap()
    expect(card(page)).to_have_count(0)
    link.tap()
    expect(card(page)).to_be_visible()
    link.tap()
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))


@pytest.mark.parametrize("size", [(360, 400), pytest.param((1280, 320), marks=pytest.mark.proof)])
def test_a_card_stays_inside_the_window_wherever_its_link_stands(
    enter: Enter, size: tuple[int, int]
) -> None:
    page = enter(viewport={"width": size[0], "height": size[1]})
    a_link(page)
    links = page.locator("article .prose a.term")
    for number in range(min(8, links.count())):
        link = links.nth(number)
        # At the lower edge of the window, as far as the page goes.
        link.evaluate("link => link.scrollIntoView({block: 'end', behavior: 'instant'})")
        link.hover()
        expect(link).to_have_attribute("aria-expanded", "true")
        assert is_inside(page, card(page)), link.inner_text()
        page.keyboard.press("Escape")
        page.mouse.move(1, 1)


def test_where_the_server_is_away_the_link_simply_leads_there(enter: Enter) -> None:
    page = enter(**PHONE)
    page.route("**/card/", lambda route: route.fulfill(status=304))
    a_link(page).tap()
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))


def test_without_javascript_the_link_simply_leads_there(enter: Enter) -> None:
    page = enter(java_script_enabled=False)
    link = a_link(page)
    link.hover()
    expect(card(page)).to_have_count(0)
    link.click()
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))


def test_who_asks_for_no_motion_gets_none(enter: Enter) -> None:
    for motion, name in (("reduce", "none"), ("no-preference", "term-card-in")):
        page = enter(reduced_motion=motion)
        a_link(page).hover()
        expect(card(page)).to_have_css("animation-name", name)
