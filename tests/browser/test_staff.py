"""What staff do in the admin, and what visitors see of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

WRITTEN = (
    "Rewritten by staff: a **soft** target in place of a hard one, "
    "as $y' = (1 - \\alpha) y$, which regularises like dropout does."
)


def open_term(page: Page, name: str) -> None:
    page.goto(f"/admin/glossary/term/?q={name.replace(' ', '+')}")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("textbox", name="Definition:")).to_be_visible()


def test_staff_sign_in_to_the_admin_like_everybody_else(enter: Enter) -> None:
    page = enter()
    page.goto("/admin/")
    page.get_by_label("Email address").fill("staff@termtime.example")
    page.get_by_label("Password").fill("term-time-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Glossaries").first).to_be_visible()


def test_a_definition_previewed_is_the_one_that_every_page_then_shows(enter: Enter) -> None:
    staff = enter("staff")
    open_term(staff, "Label smoothing")
    staff.get_by_role("textbox", name="Definition:").fill(WRITTEN)
    preview = staff.get_by_role("region", name="Preview").first
    expect(preview.locator("strong")).to_have_text("soft")
    expect(preview.locator("math").first).to_be_visible()
    expect(preview.get_by_role("link", name="dropout")).to_be_visible()
    shown = preview.locator(".prose").inner_html().strip()
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()

    visitor = enter()
    visitor.goto("/glossary/deep-learning/label-smoothing/")
    assert visitor.locator(".entry__definition").inner_html().strip() == shown
    visitor.goto("/glossary/deep-learning/")
    entry = visitor.locator("#term-label-smoothing")
    expect(entry).to_contain_text("Rewritten by staff: a soft target")


def test_a_preview_needs_no_scripts(enter: Enter) -> None:
    page = enter("staff", java_script_enabled=False)
    open_term(page, "Early stopping")
    page.get_by_role("textbox", name="Definition:").fill("Stop while it is **good**.")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").first.click()
    expect(opened.value.locator(".prose strong")).to_have_text("good")
    visitor = enter()
    visitor.goto("/glossary/deep-learning/early-stopping/")
    expect(visitor.get_by_text("Stop while it is")).to_have_count(0)


def test_staff_lay_out_a_year_of_intakes_and_the_course_shows_them(enter: Enter) -> None:
    page = enter("staff")
    page.goto("/admin/courses/intake/?q=statistics")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Lay out a year").click()
    page.get_by_label("From").fill("2031-01-01")
    page.get_by_label("How many months").fill("12")
    page.get_by_label("Publish them").check()
    page.get_by_role("button", name="Lay out").click()
    expect(page.get_by_text("12 intakes laid out.")).to_be_visible()
    visitor = enter()
    visitor.goto("/courses/statistics-refresher/")
    intakes = visitor.get_by_role("region", name="Intakes and prices")
    expect(intakes.get_by_role("link", name="Enrol in the January 2031 intake")).to_be_visible()
    intakes.get_by_text("later intakes").click()
    expect(intakes.get_by_role("link", name="Enrol in the December 2031 intake")).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "several"),
    [
        ("enrolment", "Enrolments"),
        ("payment", "Payments"),
        ("refund", "Refunds"),
        ("stripeevent", "Stripe events"),
    ],
)
def test_records_of_money_are_read_and_never_written(enter: Enter, kind: str, several: str) -> None:
    page = enter("staff")
    page.goto(f"/admin/enrolment/{kind}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(several)
    assert page.get_by_role("link", name=re.compile("^Add ")).count() == 0
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("View ")
    assert page.get_by_role("button", name=re.compile("Save|Delete")).count() == 0
    assert page.get_by_role("link", name="Delete", exact=True).count() == 0
    assert page.locator("#content input:not([type=hidden]), #content textarea").count() == 0


def test_staff_ask_a_page_about_april_and_visitors_cannot(enter: Enter) -> None:
    staff = enter("staff")
    staff.goto("/glossary/deep-learning/?at=2026-04-15T12:00")
    panel = staff.get_by_role("region", name="Next intake")
    expect(panel).to_contain_text("May 2026 intake · open enrolment")
    expect(panel).to_contain_text("from £90 GBP")
    expect(panel.get_by_role("link", name="Enrol", exact=True)).to_be_visible()
    expect(staff.get_by_label("Another moment")).to_contain_text("midday BST on 15 April 2026")
    for who in ("visitor", "learner"):
        page = enter(who)
        page.goto("/glossary/deep-learning/?at=2026-04-15T12:00")
        expect(page.get_by_role("region", name="Next intake")).not_to_contain_text("May 2026")
        assert page.get_by_label("Another moment").count() == 0
