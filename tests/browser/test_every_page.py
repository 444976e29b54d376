"""Every page, on a phone and on a wide screen, in light and in dark.

A sample in each run; all of it is a proof. ``TERMTIME_SCREENSHOTS=folder`` keeps pictures.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.stops import Stop, Theme, holds, look

pytestmark = pytest.mark.browser


def send_empty(page: Page) -> None:
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    page.get_by_role("alert").first.wait_for()


def send_main_form(page: Page) -> None:
    """As it comes, with whatever is wrong in it."""
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    page.get_by_role("heading", name="Please put this right").wait_for()


def ask_to_be_told(page: Page) -> None:
    page.get_by_label("Email address").fill("curious@example.org")
    page.get_by_role("button", name="Tell me").click()
    page.get_by_role("heading", name="Look in your mail").wait_for()


def turn_the_card(page: Page) -> None:
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name="Well").wait_for()


def type_a_misspelling(page: Page) -> None:
    """Letter by letter: what is found comes by itself."""
    page.get_by_role("searchbox").press_sequentially("gradiant decent")
    page.get_by_role("status").filter(has_text="The nearest:").wait_for()


def ask_for_a_code(page: Page) -> None:
    page.get_by_label("Email").fill("nobody.at.all@example.org")
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").wait_for()


SAMPLE = [
    Stop("/"),
    Stop("/glossary/deep-learning/"),
    Stop("/glossary/deep-learning/backpropagation/"),
    Stop("/courses/deep-learning/"),
    Stop("/courses/deep-learning/lessons/what-deep-learning-is/", "student"),
    Stop("{next_intake}", "student"),
    Stop("/account/signup/", act=send_empty),
    Stop("/account/enrolments/", "payer"),
    Stop("{receipt}", "payer"),
    Stop("{invoice}", "payer"),
    Stop("{enrolled}cancellation/", "payer", "cancellation"),
    Stop("{enrolled}move/", "payer", "move"),
    Stop("{enrolled}billing/", "payer", "billing"),
    Stop("{waits}", "wanda"),
    Stop("/practice/glossary/deep-learning/", act=turn_the_card),
    Stop("/search/?q=gradient", name="search-gradient"),
    Stop("/maps/deep-learning/"),
    Stop("/practice/knowledge/", "learner"),
    Stop("{offered}offer/", "offered", "offer"),
    Stop("{pay_link}payment/", "later", "pay-again"),
]

REST = [
    Stop("/glossary/"),
    Stop("/glossary/deep-learning/convolutional-neural-network/"),
    Stop("/courses/"),
    Stop("/courses/statistics-refresher/"),
    Stop("/courses/deep-learning/", "payer"),
    Stop("/courses/deep-learning/lessons/backpropagation/"),
    Stop("/courses/deep-learning/lessons/backpropagation/", "payer"),
    Stop("/courses/deep-learning/lessons/generalisation/", "payer"),
    Stop("/courses/deep-learning/lessons/backpropagation/", "waiting"),
    Stop("/courses/deep-learning/alerts/"),
    Stop("/courses/deep-learning/alerts/", act=ask_to_be_told),
    Stop("{cancelled_intake}", "student"),
    Stop("/terms/"),
    Stop("/privacy/"),
    Stop("/cancellation/"),
    Stop("/style-guide/"),
    Stop("/search/"),
    Stop("/search/", act=type_a_misspelling),
    Stop("/search/?q=gradient&in=terms", name="search-terms"),
    Stop("/search/?q=zyzzyva", name="search-in-vain"),
    Stop("/maps/deep-learning/?term=backpropagation", name="map-around"),
    Stop("/maps/deep-learning/?zoom=4&x=300&y=300", name="map-near"),
    Stop("/courses/deep-learning/terms/"),
    Stop("/practice/"),
    Stop("/practice/", "learner"),
    Stop("/practice/due/", "learner"),
    Stop("/practice/due/", "learner", act=turn_the_card),
    Stop("/practice/courses/statistics-refresher/", "learner"),
    Stop("/practice/knowledge/"),
    Stop("/there/is/nothing/here/"),
    Stop("/account/login/"),
    Stop("/account/login/", act=send_empty),
    Stop("/account/login/code/"),
    Stop("/account/login/code/", act=ask_for_a_code),
    Stop("/account/signup/"),
    Stop("/account/password/reset/"),
    Stop("/account/password/reset/key/1-none/"),
    Stop("/account/", "student"),
    Stop("/account/enrolments/", "student"),
    Stop("/account/enrolments/", "learner"),
    Stop("/account/payments/", "student"),
    Stop("/account/payments/", "payer"),
    Stop("{enrolled}", "payer"),
    Stop("{pending}", "waiting"),
    Stop("{pending}payment/", "waiting"),
    Stop("{pay_link}", "later"),
    Stop("{cancelled}", "leaver"),
    Stop("{offered}", "offered"),
    Stop("{full_intake}", "student"),
    Stop("/account/waiting-list/", "wanda"),
    Stop("/account/waiting-list/", "student"),
    Stop("{enrolled}move/", "payer", "move", act=send_main_form),
    Stop("{enrolled}billing/", "payer", "billing", act=send_main_form),
    Stop("/account/email/", "student"),
    Stop("/account/password/change/", "student"),
    Stop("/account/2fa/", "student"),
    Stop("/account/logout/", "student"),
    Stop("/glossary/deep-learning/?at=2026-04-15T12:00", "staff", "glossary-in-april"),
]

ADMIN = [
    Stop("/admin/", "staff"),
    Stop("/admin/glossary/term/", "staff"),
    Stop("/admin/glossary/term/add/", "staff"),
    Stop("/admin/glossary/glossary/add/", "staff"),
    Stop("/admin/glossary/term/1/change/", "staff"),
    Stop("/admin/glossary/term/1/history/", "staff"),
    Stop("/admin/glossary/draft/", "staff"),
    Stop("/admin/glossary/import/", "staff"),
    Stop("/admin/courses/searchinvain/", "staff"),
    Stop("/admin/courses/lesson/1/change/", "staff"),
    Stop("/admin/courses/course/", "staff"),
    Stop("/admin/courses/lesson/add/", "staff"),
    Stop("/admin/courses/intake/", "staff"),
    Stop("/admin/courses/intake/add/", "staff"),
    Stop("/admin/enrolment/enrolment/", "staff"),
    Stop("/admin/enrolment/payment/", "staff"),
    Stop("/admin/enrolment/voucherbatch/add/", "staff"),
    Stop("/admin/accounts/user/", "staff"),
]


@pytest.mark.parametrize("stop", SAMPLE, ids=str)
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_a_page_is_sound_on_a_phone_and_in_the_dark(
    enter: Enter, site: LiveSite, stop: Stop, width: int, theme: Theme
) -> None:
    holds(look(enter, site, stop, width=width, theme=theme))


@pytest.mark.proof
@pytest.mark.parametrize("stop", SAMPLE + REST, ids=str)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_every_page_is_sound_at_every_width_in_light_and_in_dark(
    enter: Enter, site: LiveSite, stop: Stop, width: int, theme: Theme
) -> None:
    holds(look(enter, site, stop, width=width, theme=theme))


@pytest.mark.proof
@pytest.mark.parametrize("stop", ADMIN, ids=str)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_admin_breaks_no_policy_and_asks_for_nothing_that_is_missing(
    enter: Enter, site: LiveSite, stop: Stop, width: int, theme: Theme
) -> None:
    """Its pages are Django's; the fixture complains of errors, policies and failed requests."""
    page = look(enter, site, stop, width=width, theme=theme)
    assert page.get_by_role("heading", level=1).first.is_visible()
