"""Who can read what."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite

pytestmark = pytest.mark.browser

LOCKED = "/courses/deep-learning/lessons/backpropagation/"


def marks(page: Page, course: str) -> list[str]:
    """What stands beside each lesson of a course: Free, Done, For enrolled learners, or nothing."""
    page.goto(course)
    rows = page.get_by_role("region", name="Lessons", exact=True).get_by_role("listitem")
    expect(rows.first).to_be_visible()
    return [
        "locked"
        if row.get_by_role("img", name="For enrolled learners").count()
        else "free"
        if row.get_by_text("Free", exact=True).count()
        else ""
        for row in rows.all()
    ]


def test_a_visitor_sees_which_lessons_are_free_and_which_are_locked(enter: Enter) -> None:
    assert marks(enter(), "/courses/deep-learning/") == ["free"] + ["locked"] * 8


def test_a_learner_of_one_course_finds_its_lessons_open_and_the_others_locked(
    enter: Enter,
) -> None:
    page = enter("learner")
    assert "locked" not in marks(page, "/courses/statistics-refresher/")
    assert marks(page, "/courses/deep-learning/").count("locked") == 8


def test_someone_who_has_paid_finds_every_lesson_open(enter: Enter) -> None:
    page = enter("payer")
    assert "locked" not in marks(page, "/courses/deep-learning/")
    page.goto(LOCKED)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()


def test_a_teaser_says_how_to_enrol_and_gives_away_nothing_of_the_text(enter: Enter) -> None:
    reader = enter("payer")
    reader.goto(LOCKED)
    paragraphs = [p.strip() for p in reader.locator("article .prose p").all_inner_texts()]
    sentences = [s for text in paragraphs for s in re.split(r"[.:;\n]", text) if len(s) > 40]
    assert len(sentences) > 20
    for who in ("visitor", "student", "waiting"):
        page = enter(who)
        page.goto(LOCKED)
        expect(page.get_by_role("heading", level=1)).to_have_text("Backpropagation")
        shown = page.content() + page.get_by_role("main").inner_text()
        assert [sentence for sentence in sentences if sentence.strip() in shown] == []
        assert page.get_by_role("button", name="Mark as done").count() == 0
        assert page.get_by_role("main").get_by_role("link", name=re.compile("Enrol|pay")).count()


def test_a_term_in_a_lesson_leads_to_its_definition(enter: Enter) -> None:
    page = enter()
    page.goto("/courses/deep-learning/lessons/what-deep-learning-is/")
    term = page.locator("article .prose a.term").first
    name = term.inner_text()
    term.click()
    expect(page).to_have_url(re.compile("/glossary/deep-learning/[a-z-]+/$"))
    assert name


def test_a_lesson_marked_as_done_can_be_unmarked(enter: Enter) -> None:
    page = enter("learner")
    page.goto("/courses/statistics-refresher/lessons/averages-and-spread/")
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_role("img", name="Done").first).to_be_visible()
    page.goto("/courses/statistics-refresher/lessons/averages-and-spread/")
    page.get_by_role("button", name="Not done after all").click()
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()


def test_somebody_elses_things_are_not_there(enter: Enter, site: LiveSite) -> None:
    page = enter("student")
    for name in ("receipt", "enrolled", "pending"):
        answer = page.goto(site.places[name])
        assert answer is not None
        assert answer.status == 404
