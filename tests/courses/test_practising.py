"""Practice from lessons: the terms met in what a learner has read."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses import practising, reading
from courses.models import Course, Lesson
from courses.practising import Standing
from glossary.models import Glossary, Memory, Term
from glossary.passages import write_passage
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating
from tests.courses.conftest import signed_in
from tests.courses.making import APRIL, a_course, a_lesson, an_intake, enrol
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db
PAGE = "/practice/courses/deep-learning/"


@pytest.fixture
def sailing() -> Glossary:
    glossary = a_glossary()
    a_term(glossary, "Keel", "The beam along the bottom.")
    a_term(glossary, "Leech", "The edge of a sail that is furthest from the wind.")
    a_term(glossary, "Tack", "To turn the bow through the wind.")
    return glossary


@pytest.fixture
def course(sailing: Glossary) -> Course:
    course = a_course(glossaries=[sailing])
    a_text_of(a_lesson(course, "one"), "A boat without a keel drifts away from the wind at once.")
    a_text_of(a_lesson(course, "two"), "The leech flutters when the sheet is led too far forward.")
    return course


def a_text_of(lesson: Lesson, source: str) -> None:
    write_passage(lesson.passage, source=source, glossaries=lesson.course.glossaries_in_order())


def met(learner: User, course: Course | None = None) -> list[str]:
    return [term.name for term in practising.terms_met(learner, course=course).order_by("name")]


def test_terms_are_met_in_lessons_that_were_read(ada: User, bob: User, course: Course) -> None:
    assert met(ada, course) == []
    reading.read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    assert met(ada, course) == ["Keel"]
    reading.read(learner=ada, lesson=course.lessons.get(slug="two"), at=APRIL)
    assert met(ada) == ["Keel", "Leech"]
    assert met(ada, a_course("other")) == met(bob, course) == []
    course.lessons.filter(slug="one").update(is_published=False)
    assert met(ada, course) == ["Leech"]
    Term.objects.filter(name="Leech").update(is_published=False)
    assert met(ada, course) == []


def test_a_course_is_practised_by_what_was_read_of_it(
    ada: User, as_ada: Client, course: Course
) -> None:
    assert "Read a lesson" in as_ada.get(PAGE).text
    reading.read(learner=ada, lesson=course.lessons.get(slug="two"), at=APRIL)
    assert "Leech" in as_ada.get(PAGE).text
    keel = Term.objects.get(name="Keel")
    answer = {"term": keel.pk, "number": 0, "kind": "meaning", "rating": "3"}
    assert "Your answer was not counted" in as_ada.post(PAGE, answer, follow=True).text


def test_a_course_that_is_withdrawn_is_named_to_those_alone_who_keep_it(
    ada: User, as_ada: Client, course: Course
) -> None:
    reading.read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    assert PAGE in as_ada.get("/practice/").text
    Course.objects.update(is_published=False)
    assert as_ada.get(PAGE).status_code == 404
    assert PAGE not in as_ada.get("/practice/").text
    enrol(ada, an_intake(course, "2026-01"))
    assert as_ada.get(PAGE).status_code == 200
    assert PAGE in as_ada.get("/practice/").text


def test_a_gap_comes_from_a_lesson_while_the_learner_may_read_it(
    ada: User, as_ada: Client, course: Course
) -> None:
    reading.read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    keel = Term.objects.get(name="Keel")
    now = datetime.now(tz=UTC)
    memories = AccountMemories(ada)
    memories.rate(Answer(keel.pk, 0, Rating.EASY, "meaning"), at=now - timedelta(days=40))
    # The fourth answer is asked for with a gap.
    Memory.objects.update(reviews=4)

    def question() -> str:
        found = re.search(r'id="question">(.*?)<details', as_ada.get(PAGE).text, re.DOTALL)
        assert found
        return re.sub(r"<[^>]*>", "", found[1])

    assert "drifts away" not in question()
    enrol(ada, an_intake(course, "2026-01"))
    assert "A boat without a gap drifts away" in " ".join(question().split())


def test_everything_due_is_practised_in_one_place(
    ada: User, as_ada: Client, course: Course
) -> None:
    reading.read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    other = a_term(a_glossary("Rowing"), "Oar", "It moves a boat.")
    now = datetime.now(tz=UTC)
    AccountMemories(ada).rate(
        Answer(other.pk, 0, Rating.AGAIN, "meaning"), at=now - timedelta(hours=1)
    )
    page = as_ada.get("/practice/").text
    assert "<dt>term due</dt><dd>1</dd>" in page
    assert "<dt>new term</dt><dd>1</dd>" in page
    assert "Oar" in as_ada.get("/practice/due/").text
    assert "1 term to practise" in as_ada.get("/account/enrolments/").text


def test_a_visitor_is_offered_the_glossaries(client: Client, course: Course) -> None:
    page = client.get("/practice/").text
    assert "/practice/glossary/sailing/" in page
    assert "/practice/courses/" not in page
    assert "0 of 3 known" in page


def test_more_terms_courses_and_glossaries_take_no_more_queries(ada: User, course: Course) -> None:
    browser = signed_in(ada)
    pages = ("/practice/", "/practice/due/", PAGE, "/practice/knowledge/", "/account/enrolments/")
    reading.read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    one_more(ada, 0)
    before = {page: queries(browser, page) for page in pages}
    for number in range(1, 5):
        one_more(ada, number)
    assert {page: queries(browser, page) for page in pages} == before


def one_more(learner: User, number: int) -> None:
    """A glossary, a course that was read, and an answer that is due."""
    glossary = a_glossary(f"Glossary {number}", slug=f"glossary-{number}")
    course = a_course(f"course-{number}", glossaries=[glossary])
    enrol(learner, an_intake(course, "2026-01"))
    term = a_term(glossary, f"Word{number}", "What is said.")
    lesson = a_lesson(course)
    a_text_of(lesson, f"A sentence in which word{number} is used by somebody who knows it.")
    reading.read(learner=learner, lesson=lesson, at=APRIL)
    AccountMemories(learner).rate(
        Answer(term.pk, 0, Rating.AGAIN, "meaning"), at=datetime.now(tz=UTC) - timedelta(days=1)
    )


def queries(browser: Client, page: str) -> int:
    browser.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(page).status_code == 200
    return len(captured)


def test_thousands_of_terms_are_told_with_a_comma() -> None:
    standing = Standing("Rigging", Glossary(), total=5000, due=0, known=1200, begun=1300)
    assert standing.line == "1,200 of 5,000 known"
