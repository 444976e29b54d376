"""Ways into an account and out of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.steps import PASSWORD, letter, newcomer, type_code

pytestmark = pytest.mark.browser


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def sign_in(page: Page, *, email: str, password: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_password_lets_in_and_signing_out_lets_out(enter: Enter) -> None:
    page = enter()
    sign_in(page, email="student@termtime.example", password="term-time-demo")
    expect(page.get_by_role("heading", level=1)).to_have_text("My learning")
    sign_out(page)
    page.goto("/account/enrolments/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_wrong_password_keeps_what_was_typed_and_says_so(enter: Enter) -> None:
    page = enter()
    sign_in(page, email="student@termtime.example", password="not this one at all")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value("student@termtime.example")
    expect(page.get_by_role("link", name="My learning")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_code_by_mail_lets_in_without_a_password(
    enter: Enter, site: LiveSite, address: str, javascript: bool
) -> None:
    page = enter(java_script_enabled=javascript)
    newcomer(page, site, email=address)
    sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("link", name="Email me a code instead").click()
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Email me a code").click()
    type_code(page, site, email=address, button="Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("My learning")


def test_a_forgotten_password_is_replaced_through_the_mail(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter()
    newcomer(page, site, email=address)
    sign_out(page)
    page.goto("/account/login/")
    page.goto("/account/password/reset/")
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    text = letter(page, site, to=address, about=re.compile("password", re.IGNORECASE))
    link = re.search(r"https?://\S+/password/reset/key/\S+", text)
    assert link, text
    page.goto(link[0])
    for field in page.locator("input[type=password]").all():
        field.fill("another long sentence")
    page.get_by_role("button", name="Change password").click()
    sign_out(page)
    sign_in(page, email=address, password=PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, email=address, password="another long sentence")
    expect(page.get_by_role("heading", level=1)).to_have_text("My learning")
