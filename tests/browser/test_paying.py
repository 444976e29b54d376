"""What can happen between the button and the money, as the person who pays sees it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.steps import BANK_ASKS, DECLINED, fill_in_and_enrol, is_enrolled, newcomer, pay

pytestmark = pytest.mark.browser


def test_a_card_that_is_declined_is_followed_by_one_that_works(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    fill_in_and_enrol(page)
    pay(page, DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    pay(page)
    is_enrolled(page)


def test_a_bank_that_asks_for_a_confirmation_gets_it(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    fill_in_and_enrol(page)
    pay(page, BANK_ASKS)
    page.get_by_role("button", name=re.compile("complete", re.IGNORECASE)).click()
    is_enrolled(page)


def test_going_back_without_paying_leaves_a_way_to_the_payment(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    fill_in_and_enrol(page)
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for your payment")
    # Whoever starts once more is led to the place that is held already.
    page.goto(site.places["next_intake"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for your payment")
    page.get_by_role("link", name="Continue to payment").click()
    pay(page)
    is_enrolled(page)


def test_a_webhook_that_is_lost_keeps_nobody_out(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    fill_in_and_enrol(page)
    expect(page.get_by_role("heading", name="Payment details")).to_be_visible()
    session = page.url.rpartition("/")[2]
    site.sandbox.control("webhooks", action="drop", count="all")
    try:
        pay(page)
        is_enrolled(page)
    finally:
        site.sandbox.control("webhooks/clear")
    told = [one for one in site.sandbox.see("deliveries") if session in str(one)]
    assert {one["state"] for one in told} <= {"dropped"}


def look_until_enrolled(page: Page) -> None:
    """Without scripts the page stands still, and leads to itself as it is now."""
    for _ in range(500):
        if page.get_by_role("heading", name="You are enrolled").is_visible():
            return
        page.get_by_role("link", name="See how it stands now").click()


@pytest.mark.parametrize(
    "javascript",
    [
        pytest.param(True, id="with-scripts"),
        pytest.param(False, id="without-scripts", marks=pytest.mark.proof),
    ],
)
def test_a_page_that_waits_for_the_payment_shows_it_when_the_webhook_comes(
    enter: Enter, site: LiveSite, address: str, javascript: bool
) -> None:
    page = enter(java_script_enabled=javascript)
    newcomer(page, site, email=address)
    fill_in_and_enrol(page, consents=False)
    expect(page.get_by_role("heading", name="Payment details")).to_be_visible()
    session = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for your payment")
    # Paid elsewhere, say on the phone: nobody comes back to the return page.
    site.sandbox.control(f"sessions/{session}/pay", outcome="success")
    if not javascript:
        look_until_enrolled(page)
    is_enrolled(page)
    # Without the consents the place is the same, and the lessons open on day 15.
    expect(page.get_by_text(re.compile(r"Your lessons open on \d+ \w+ \d{4}\."))).to_be_visible()


def test_a_place_that_costs_nothing_needs_no_payment(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    page.goto("/courses/statistics-refresher/")
    page.get_by_role("link", name="Enrol", exact=True).first.click()
    page.get_by_role("button", name="Enrol", exact=True).click()
    is_enrolled(page)
    page.get_by_role("link", name="Start reading").click()
    page.get_by_role("link", name=re.compile("^Probability, likelihood")).first.click()
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
