"""The back button, reloading and opening in a new tab do what they do on any page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning/lessons/what-deep-learning-is/"


def found(page: Page, name: str) -> None:
    terms = page.get_by_role("region", name=re.compile("^Terms"))
    expect(terms.get_by_role("link", name=name).first).to_be_visible()


def test_a_search_typed_letter_by_letter_is_one_step_back_and_survives_reloading(
    enter: Enter,
) -> None:
    page = enter()
    page.goto("/glossary/")
    page.goto("/search/")
    page.get_by_role("searchbox").press_sequentially("gradient")
    expect(page).to_have_url(re.compile(r"\?q=gradient$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("gradient")
    found(page, "Gradient descent")
    page.get_by_role("main").get_by_role("link", name="Gradient descent").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradient descent")
    page.go_back()
    found(page, "Gradient descent")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradient descent")


def test_a_term_in_a_lesson_opens_in_a_new_tab_and_the_lesson_stays(enter: Enter) -> None:
    page = enter()
    page.goto(LESSON)
    link = page.locator("article .prose a.term").first
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))
    expect(page).to_have_url(re.compile(LESSON))


def test_the_place_in_a_lesson_is_there_again_after_a_term_was_looked_up(enter: Enter) -> None:
    page = enter()
    page.goto(LESSON)
    link = page.locator("article .prose a.term").last
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    link.click()
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))
    page.go_back()
    expect(page).to_have_url(re.compile(LESSON))
    page.wait_for_function("before => Math.abs(scrollY - before) < 5", arg=before)


def test_reloading_a_page_that_a_form_led_to_sends_nothing_again(enter: Enter) -> None:
    page = enter("learner")
    page.goto("/courses/statistics-refresher/lessons/probability-and-bayes/")
    sent: list[str] = []
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("You have marked this lesson as done.")).to_be_visible()
    page.on("request", lambda one: sent.append(one.method))
    page.reload()
    assert "POST" not in sent
    page.get_by_role("button", name="Not done after all").click()
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
