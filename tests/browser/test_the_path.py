"""From a glossary page to a lesson read: what the whole site is for."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.steps import fill_in_and_enrol, is_enrolled, letter, pay, sign_up

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_visitor_of_the_glossary_becomes_a_learner(
    enter: Enter, site: LiveSite, address: str, javascript: bool
) -> None:
    page = enter(java_script_enabled=javascript)

    page.goto("/glossary/deep-learning/")
    page.get_by_role("heading", name="Backpropagation").get_by_role("link").click()
    expect(page).to_have_url(f"{site.url}/glossary/deep-learning/backpropagation/")
    panel = page.get_by_role("region", name="Next intake")
    expect(panel).to_contain_text(re.compile(r"[A-Z][a-z]+ \d{4} intake · open enrolment"))
    expect(panel).to_contain_text("from £90 GBP")
    panel.get_by_role("link", name="Enrol", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("link", name="Create an account").click()
    sign_up(page, site, email=address)

    expect(page).to_have_url(f"{site.url}{site.places['next_intake']}")
    fill_in_and_enrol(page)
    expect(page.get_by_role("button", name="Pay £90.00")).to_be_visible()
    pay(page)
    is_enrolled(page)
    expect(page.get_by_text("Your lessons are open.")).to_be_visible()

    confirmation = letter(page, site, to=address, about="enrolled")
    assert "Deep learning" in confirmation
    assert "£90" in confirmation

    page.get_by_role("link", name="Start reading").click()
    lessons = page.get_by_role("region", name="Lessons", exact=True)
    lessons.get_by_role("link", name="Backpropagation").click()
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("You have marked this lesson as done.")).to_be_visible()

    page.get_by_role("link", name="My learning").first.click()
    expect(page.get_by_role("main")).to_contain_text("1 of 9 lessons done")
    page.get_by_role("link", name="Payments").click()
    expect(page.get_by_role("main")).to_contain_text("£90")
    page.get_by_role("link", name=re.compile("^Receipt")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(page.get_by_role("main")).to_contain_text("Ada Student")
    expect(page.get_by_role("main")).to_contain_text("£90")
