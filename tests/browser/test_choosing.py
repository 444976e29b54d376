"""Choosing a course: the catalogue's filters with and without scripts, and a question answered."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite

pytestmark = pytest.mark.browser

DEEP = "Deep learning"


def listed(page: Page, name: str) -> int:
    return page.get_by_role("main").get_by_role("link", name=name, exact=True).count()


def test_the_list_follows_each_choice_and_going_back_undoes_it(enter: Enter) -> None:
    page = enter()
    page.goto("/courses/")
    price = page.get_by_label("Price")
    every = page.get_by_role("status").filter(has_text="courses")
    expect(every).to_be_visible()
    price.focus()
    page.wait_for_function("window.htmx")  # comes when somebody first comes near
    price.select_option("0")
    expect(page).to_have_url(re.compile(r"/courses/\?price=0$"))
    expect(page.get_by_role("status").filter(has_text="1 course")).to_be_visible()
    assert listed(page, DEEP) == 0
    expect(price).to_be_focused()

    page.get_by_label("Places left").select_option("10")
    expect(page).to_have_url(re.compile(r"/courses/\?price=0&places=10$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/courses/\?price=0$"))
    expect(page.get_by_label("Places left")).to_have_value("")
    expect(page.get_by_label("Price")).to_have_value("0")
    page.go_back()
    expect(page.get_by_label("Price")).to_have_value("")
    expect(page.get_by_role("link", name=DEEP, exact=True).first).to_be_visible()

    page.goto("/courses/?price=0")
    page.reload()
    expect(page.get_by_label("Price")).to_have_value("0")


def test_without_scripts_the_filters_are_a_form(site: LiveSite, chromium: Browser) -> None:
    context = chromium.new_context(
        base_url=site.url, java_script_enabled=False, viewport={"width": 360, "height": 700}
    )
    page = context.new_page()
    page.goto("/courses/")
    page.get_by_label("Price").select_option("0")
    page.get_by_label("Subject").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="No course is like that")).to_be_visible()
    page.get_by_role("link", name="Without the filter Free").click()
    expect(page.get_by_role("link", name=DEEP, exact=True)).to_be_visible()
    context.close()


def test_a_question_opens_its_answer_by_the_keyboard(enter: Enter) -> None:
    page = enter()
    page.goto("/courses/deep-learning/")
    answer = page.get_by_text("on a page of Stripe")
    expect(answer).to_be_hidden()
    page.get_by_text("How do I pay?").focus()
    page.keyboard.press("Enter")
    expect(answer).to_be_visible()


def test_the_next_intake_stays_in_sight_beside_the_lessons(enter: Enter) -> None:
    page = enter(viewport={"width": 1280, "height": 800})
    page.goto("/courses/deep-learning/")
    page.get_by_role("heading", name="Intakes and prices").scroll_into_view_if_needed()
    enrolling = page.get_by_role("link", name="Enrol", exact=True)
    expect(enrolling).to_be_in_viewport()
