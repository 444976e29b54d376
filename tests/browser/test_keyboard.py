"""With a keyboard alone: everything is reached, focus is seen wherever it is, nothing traps it."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.steps import PASSWORD, code_for, is_enrolled, pay
from tests.browser.stops import Stop

pytestmark = pytest.mark.browser

FOCUS = Path(__file__).with_name("focusing.js").read_text(encoding="utf-8")
# More stops than this before what somebody looks for is too long a way.
FAR = 150


def tab(page: Page) -> dict[str, Any] | None:
    """Go one on; what has focus, None past the end of the page."""
    page.keyboard.press("Tab")
    found: dict[str, Any] | None = page.evaluate(FOCUS)
    if found:
        assert found["isSeen"], f"focus on {found['name']!r} is not seen: {found['why']}"
    return found


def tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until what is called so has focus."""
    passed = []
    for _ in range(FAR):
        found = tab(page)
        if found and re.search(name, found["name"]):
            return
        passed.append(found and found["name"])
    raise AssertionError(f"no way to {name} within {FAR} stops: {passed}")


def press(page: Page, name: str) -> None:
    """Reach it, and use it as the keyboard does."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def test_the_whole_way_from_the_glossary_to_a_lesson_read(
    enter: Enter, site: LiveSite, address: str
) -> None:
    page = enter(reduced_motion="reduce")
    page.goto("/glossary/deep-learning/backpropagation/")
    press(page, "^Enrol$")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    press(page, "^Create an account$")
    type_into(page, "^Full name", "Kay Board")
    type_into(page, "^Email", address)
    type_into(page, "^Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your email address")
    code = code_for(page, site, email=address)
    page.get_by_label("Code").press("Control+a")  # where the page has put the focus, or not
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/enrol/$"))
    boxes = page.get_by_role("checkbox").count()
    for _ in range(boxes):
        while page.evaluate("document.activeElement.type") != "checkbox" or page.evaluate(
            "document.activeElement.checked"
        ):
            tab(page)
        page.keyboard.press("Space")
    press(page, "^Enrol and pay")
    pay(page)
    is_enrolled(page)
    press(page, "^Start reading$")
    press(page, "Backpropagation")
    press(page, "^Mark as done$")
    expect(page.get_by_text("You have marked this lesson as done.")).to_be_visible()


def test_the_first_stop_leads_past_the_head_of_the_page(enter: Enter) -> None:
    page = enter(reduced_motion="reduce")
    page.goto("/courses/deep-learning/")
    first = tab(page)
    assert first is not None
    assert first["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    assert tab(page) is not None
    assert page.evaluate("document.activeElement.closest('main') !== null")


def goes_through(page: Page) -> None:
    """From the top to the end by Tab, and past it: each stop is seen, and none holds on."""
    seen: list[str] = []
    for _ in range(1_000):
        found = tab(page)
        if found is None:
            break
        if seen and found["key"] == seen[0]:
            break  # around, where the browser's own bar is not part of the way
        assert found["key"] != (seen or [""])[-1], f"focus stays on {found['name']!r}"
        seen.append(found["key"])
    else:
        raise AssertionError("no end")
    assert len(seen) > 3


WALKED = [
    Stop("/"),
    Stop("/courses/deep-learning/"),
    Stop("/courses/deep-learning/lessons/backpropagation/", "payer"),
    Stop("{next_intake}", "student"),
    Stop("/search/?q=gradient", name="search"),
    Stop("/account/enrolments/", "payer"),
    Stop("/account/2fa/", "secured"),
    Stop("/admin/", "staff"),
    Stop("/admin/courses/intake/", "staff"),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("stop", WALKED[:2], ids=str)
def test_every_stop_of_a_page_is_seen(enter: Enter, site: LiveSite, stop: Stop, width: int) -> None:
    page = enter(stop.who, reduced_motion="reduce", viewport={"width": width, "height": 780})
    page.goto(stop.path.format(**site.places))
    goes_through(page)


@pytest.mark.proof
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("stop", WALKED[2:], ids=str)
def test_every_stop_of_any_page_is_seen(
    enter: Enter, site: LiveSite, stop: Stop, width: int
) -> None:
    page = enter(stop.who, reduced_motion="reduce", viewport={"width": width, "height": 780})
    page.goto(stop.path.format(**site.places))
    goes_through(page)


def test_focus_stays_where_somebody_types_while_results_come_and_the_number_is_said(
    enter: Enter,
) -> None:
    page = enter()
    page.goto("/search/")
    page.get_by_role("searchbox").press_sequentially("gradient")
    said = page.get_by_role("status").filter(has_text="found for “gradient”")
    expect(said).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_focus_is_on_the_next_card_after_an_answer(enter: Enter) -> None:
    page = enter()
    page.goto("/practice/glossary/deep-learning/")
    question = page.locator("#question")
    asked = question.inner_text()
    page.keyboard.press("Enter")  # the card has focus when the page comes
    page.get_by_role("button", name="Well").press("Enter")
    expect(question).not_to_have_text(asked)
    page.wait_for_function("document.activeElement.matches('#practice, #practice summary')")
