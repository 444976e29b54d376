"""A learner who changes plans, without scripts: moving to another intake, and cancelling."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.steps import fill_in_and_enrol, is_enrolled, letter, newcomer, pay

pytestmark = pytest.mark.browser


def enrolled(enter: Enter, site: LiveSite, address: str) -> Page:
    """Somebody new who has just paid £90, at the page of the enrolment; scripts are off."""
    page = enter(java_script_enabled=False)
    newcomer(page, site, email=address)
    fill_in_and_enrol(page, consents=False)
    pay(page)
    is_enrolled(page)
    return page


def choose(page: Page, intake: str) -> None:
    """On the page for moving, from the enrolment's: this intake, and move."""
    page.get_by_role("link", name="Move to another intake").click()
    page.get_by_role("main").locator("label").filter(has_text=intake).click()
    page.get_by_role("button", name="Move", exact=True).click()


def test_a_learner_moves_and_then_cancels_and_gets_everything_back(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enrolled(enter, site, address)
    page.get_by_role("link", name="Move to another intake").click()
    option = page.get_by_role("radio", name=re.compile("nothing more to pay")).last
    name = re.match(r".+? intake", option.locator("xpath=following-sibling::label").inner_text())
    assert name
    page.get_by_role("link", name="Stay where I am").click()
    choose(page, name[0])
    expect(page.get_by_text(f"You have moved to the {name[0]}.")).to_be_visible()
    assert "Your place there is booked" in letter(page, site, to=address, about=name[0])

    page.get_by_role("link", name="Cancel your place").click()
    expect(page.get_by_role("region", name="What you get back")).to_contain_text(
        "Everything that you paid goes back."
    )
    page.get_by_role("link", name="Keep my place").click()
    is_enrolled(page)
    page.get_by_role("link", name="Cancel your place").click()
    page.get_by_role("button", name="Cancel and get £90 back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This enrolment is cancelled")
    expect(page.get_by_role("main")).to_contain_text("£90")
    assert "£90 goes back to you" in letter(page, site, to=address, about="is cancelled")
    page.goto("/account/payments/")
    page.get_by_role("link", name=re.compile("^Credit note")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Credit note")


def test_a_dearer_intake_is_moved_to_once_the_difference_is_paid(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enrolled(enter, site, address)
    choose(page, "June 2032 intake")
    page.get_by_role("link", name="Back").click()
    # Not paid: the learner is in as before, and the way to the payment is there.
    is_enrolled(page)
    page.get_by_role("link", name="Pay the difference, or stay where you are").click()
    page.get_by_role("button", name="Continue to payment").click()
    pay(page)
    expect(page.get_by_text("Your move waits for its payment")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("June 2032")
    assert "£30 of it for the move" in letter(page, site, to=address, about="June 2032 intake")


def test_a_move_that_is_not_paid_for_can_be_given_up(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enrolled(enter, site, address)
    choose(page, "June 2032 intake")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Pay the difference, or stay where you are").click()
    page.get_by_role("button", name="Stay where you are").click()
    is_enrolled(page)
    expect(page.get_by_text("Your move waits for its payment")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_contain_text("June 2032")
