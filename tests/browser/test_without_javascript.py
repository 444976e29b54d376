"""Without any script: what the path from glossary to lesson (test_the_path.py) leaves out."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser


def test_a_search_is_sent_and_kept_in_its_address(enter: Enter) -> None:
    page = enter(java_script_enabled=False)
    page.goto("/search/")
    page.get_by_role("searchbox").fill("gradient descent")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=gradient\+descent"))
    expect(page.get_by_role("status").filter(has_text="found for")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Gradient descent").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradient descent")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("gradient descent")


def test_a_lesson_is_marked_as_done_and_not_done_after_all(enter: Enter) -> None:
    page = enter("learner", java_script_enabled=False)
    address = "/courses/statistics-refresher/lessons/averages-and-spread/"
    page.goto(address)
    page.get_by_role("button", name="Mark as done").click()
    page.goto(address)
    page.get_by_role("button", name="Not done after all").click()
    page.goto(address)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()


def test_what_is_wrong_in_a_form_is_said_and_nothing_typed_is_lost(enter: Enter) -> None:
    page = enter(java_script_enabled=False)
    page.goto("/account/signup/")
    page.get_by_label("Full name").fill("Ada Student")
    page.get_by_label("Email").first.fill("ada@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Full name")).to_have_value("Ada Student")
    page.get_by_role("alert").first.get_by_role("link").first.click()
    expect(page.get_by_label("Password")).to_be_focused()
