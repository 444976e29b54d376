"""What is wrong with a form is said first, and leads to where it is put right."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_form_sent_empty_takes_one_to_what_is_missing(enter: Enter, scripts: bool) -> None:
    page = enter(java_script_enabled=scripts)
    page.goto("/account/signup/")
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_title(re.compile("^Error: Create an account"))
    summary = page.get_by_role("group", name="Put this right")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(summary.get_by_role("link", name="Enter your email address.")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email address")).to_be_focused()
