"""Practising with keys, with fingers, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.looking import overflow, violations

pytestmark = pytest.mark.browser
PAGE = "/practice/glossary/deep-learning/"
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


def question(page: Page) -> str:
    return page.locator("#question").inner_text()


def test_a_card_is_turned_rated_and_taken_back_by_keys_alone(enter: Enter) -> None:
    page = enter()
    page.goto(PAGE)
    first = question(page)
    expect(page.get_by_text("Show answer")).to_be_visible()
    page.keyboard.press("3")  # nothing to rate yet
    page.keyboard.press("Space")
    well = page.get_by_role("button", name=re.compile("^Well"))
    expect(well).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator("#question")).not_to_have_text(first)
    expect(page.locator("summary")).to_be_focused()
    expect(well).to_be_hidden()
    page.keyboard.press("u")
    expect(page.locator("#question")).to_have_text(re.compile(re.escape(first.strip())))
    assert violations(page) == []


def test_keys_outside_the_card_do_nothing(enter: Enter) -> None:
    page = enter()
    page.goto(PAGE)
    page.keyboard.press("Space")
    page.get_by_role("link", name="Courses").first.focus()
    before = question(page)
    for key in ("1", "3", "u"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name=re.compile("^Well"))).to_be_visible()
    assert question(page) == before
    assert page.get_by_text("Undo the last answer").count() == 0


def test_a_phone_has_buttons_that_a_finger_hits_and_nothing_to_scroll_sideways(
    enter: Enter,
) -> None:
    page = enter(**PHONE, color_scheme="dark")
    page.goto(PAGE)
    page.get_by_text("Show answer").tap()
    buttons = page.locator(".rating")
    expect(buttons).to_have_count(4)
    for button in buttons.all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        # No hints at keys that a phone has not.
        expect(button.locator("kbd")).to_be_hidden()
    first = question(page)
    buttons.nth(3).tap()
    expect(page.locator("#question")).not_to_have_text(first)
    assert overflow(page) == 0
    assert violations(page) == []


def test_who_answers_where_there_is_nothing_any_more_is_told_so(
    chromium: Browser, site: LiveSite
) -> None:
    with chromium.new_context(base_url=site.url) as context:
        page = context.new_page()
        page.goto(PAGE)
        page.get_by_text("Show answer").click()
        # As where the glossary is deleted after its card was shown.
        page.evaluate(
            """() => {
              history.replaceState({}, "", "/practice/glossary/gone/");
              const form = document.querySelector(".flashcard form");
              form.setAttribute("hx-post", location.pathname);
              htmx.process(form);
            }"""
        )
        page.get_by_role("button", name=re.compile("^Well")).click()
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_all_of_it_works_without_javascript(enter: Enter) -> None:
    page = enter(java_script_enabled=False)
    page.goto(PAGE)
    first = question(page)
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name=re.compile("^Easily")).click()
    expect(page).to_have_url(re.compile(f"{PAGE}$"))
    assert question(page) != first
    page.get_by_role("button", name="Undo the last answer").click()
    assert question(page) == first


def test_a_learner_finds_what_is_due_and_sees_what_they_know(enter: Enter) -> None:
    page = enter("learner")
    page.goto("/account/enrolments/")
    due = page.get_by_role("region", name="Due today")
    expect(due.get_by_text(re.compile(r"\d+ terms? to practise"))).to_be_visible()
    due.get_by_role("link", name="Practise").click()
    expect(page.get_by_text("Show answer")).to_be_visible()
    page.goto("/practice/knowledge/")
    expect(page.get_by_role("img", name=re.compile("week by week"))).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(13)
    assert violations(page) == []
