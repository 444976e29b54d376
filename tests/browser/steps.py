"""What people do on the site, as steps that several tests take."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.live_site import LiveSite
from tests.sandbox.waiting import until

PASSWORD = "a long enough sentence"
CARD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
BANK_ASKS = "4000 0025 0000 3155"


def sign_up(page: Page, site: LiveSite, *, email: str, name: str = "Ada Student") -> None:
    """From the sign-up page to where the person wanted to go."""
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Email", exact=False).first.fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your email address")
    type_code(page, site, email=email, button="Confirm")


def type_code(page: Page, site: LiveSite, *, email: str, button: str) -> None:
    """Read the newest code in the mail to ``email``, and type it in."""
    page.get_by_label("Code").fill(code_for(page, site, email=email))
    page.get_by_role("button", name=button, exact=True).click()


def code_for(page: Page, site: LiveSite, *, email: str) -> str:
    """The newest code in the mail to ``email``."""
    text = letter(page, site, to=email, about=re.compile("code|confirm", re.IGNORECASE))
    found = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", text, re.MULTILINE)
    assert found, text
    return found[1]


def letter(page: Page, site: LiveSite, *, to: str, about: Any) -> str:
    """The text of the newest letter to somebody, read at the stand-in's mail page."""
    reader = page.context.new_page()

    def arrived() -> Locator | None:
        reader.goto(f"{site.sandbox.url}/mail/")
        rows = reader.get_by_role("listitem").filter(has_text=to).filter(has_text=about)
        return rows.first if rows.count() else None

    row = until(arrived, what=f"a letter to {to} about {about}")
    assert row is not None
    row.get_by_role("link").click()
    text = reader.locator("pre.letter-text").inner_text()
    reader.close()
    return text


def pay(page: Page, card: str = CARD) -> None:
    """Fill the stand-in's payment page in and press its button."""
    expect(page.get_by_role("heading", name="Payment details")).to_be_visible()
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry (MM/YY)").fill("12/34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on the card").fill("Ada Student")
    page.get_by_role("button", name=re.compile("^Pay £")).click()


def fill_in_and_enrol(page: Page, *, consents: bool = True) -> None:
    """On an intake's enrol page: agree to everything, or to nothing, and go on to pay."""
    boxes = page.get_by_role("checkbox")
    if consents:
        for number in range(boxes.count()):
            boxes.nth(number).check()
    page.get_by_role("button", name="Enrol and pay").click()


def newcomer(page: Page, site: LiveSite, *, email: str) -> None:
    """Somebody new on the enrol page of the next paid intake, signed up on the way there."""
    page.goto(f"/account/signup/?next={site.places['next_intake']}")
    sign_up(page, site, email=email)
    expect(page).to_have_url(re.compile(r"/courses/deep-learning/intakes/\d{4}-\d{2}/enrol/$"))


def is_enrolled(page: Page) -> None:
    """The page says so, at once or as soon as it hears."""
    expect(page.get_by_role("heading", name="You are enrolled")).to_be_visible()
