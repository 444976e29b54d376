"""Every page that people outside the office see, in the states that it can be in."""

from playwright.sync_api import Page

from tests.browser.stops import Stop


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
