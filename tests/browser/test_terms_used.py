"""Links that know the learner: what a lesson takes for granted, and how its text marks it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.looking import overflow, picture, violations

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning/lessons/what-deep-learning-is/"
LINE = "link => getComputedStyle(link).textDecorationStyle"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_new_terms_come_first_and_look_unlike_known_ones(
    enter: Enter, width: int, scheme: Any
) -> None:
    page = enter("learner", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(LESSON)
    terms = page.get_by_role("region", name="Terms this lesson takes for granted")
    expect(terms).to_be_visible()
    looks = [str(link.get_attribute("class")) for link in terms.locator("a.term").all()]
    assert looks == sorted(looks, reverse=True)
    assert set(looks) == {"term term--new", "term term--known"}
    text = page.locator("article .prose")
    assert text.locator("a.term--new").first.evaluate(LINE) == "solid"
    assert text.locator("a.term--known").first.evaluate(LINE) == "dotted"
    assert overflow(page) == 0
    assert violations(page) == []
    picture(page, f"terms-used-{width}-{scheme}")


def test_the_rest_of_a_long_list_unfolds_by_keyboard_without_javascript(enter: Enter) -> None:
    page = enter("learner", java_script_enabled=False)
    page.goto(LESSON)
    terms = page.get_by_role("region", name="Terms this lesson takes for granted")
    last = terms.locator("a.term").last
    expect(last).to_be_hidden()
    terms.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()


def test_where_colours_are_forced_the_lines_still_differ(enter: Enter) -> None:
    page = enter("learner", forced_colors="active")
    page.goto(LESSON)
    text = page.locator("article .prose")
    assert text.locator("a.term--new").first.evaluate(LINE) == "solid"
    assert text.locator("a.term--known").first.evaluate(LINE) == "dotted"
    picture(page, "terms-used-forced")


def test_practising_leads_to_the_course_whose_lesson_it_is(enter: Enter) -> None:
    page = enter("learner")
    page.goto(LESSON)
    page.get_by_role("link", name="Practise them").click()
    expect(page.locator("#question")).to_be_visible()


def test_a_visitor_finds_the_terms_and_no_marks(enter: Enter) -> None:
    page = enter()
    page.goto(LESSON)
    expect(page.get_by_role("region", name="Terms this lesson takes for granted")).to_be_visible()
    expect(page.locator(".term--new, .term--known")).to_have_count(0)
    picture(page, "terms-used-visitor")
