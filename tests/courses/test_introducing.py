"""The terms of a course, lesson by lesson."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.introducing import terms_by_lesson
from courses.models import Course
from glossary.models import Term
from tests.courses.making import a_course, a_lesson
from tests.glossary.writing import a_glossary, a_term, a_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def sailing() -> Course:
    glossary = a_glossary()
    for name in ("Tack", "Gybe", "Reef"):
        a_term(glossary, name)
    course = a_course("sailing")
    texts = {"second": ("Tack, gybe.", 2), "first": ("A tack.", 1), "draft": ("Reef first.", 3)}
    for slug, (text, position) in texts.items():
        passage = a_text(glossary, text)
        a_lesson(course, slug, passage=passage, position=position, is_published=slug != "draft")
    return course


def names(course: Course) -> list[tuple[str, list[str]]]:
    return [
        (lesson.slug, [term.name for term in terms]) for lesson, terms in terms_by_lesson(course)
    ]


def test_a_term_stands_at_the_first_published_lesson_that_uses_it(sailing: Course) -> None:
    assert names(sailing) == [("first", ["Tack"]), ("second", ["Gybe"])]


def test_terms_that_are_not_public_are_left_out(sailing: Course, client: Client) -> None:
    Term.objects.filter(name="Gybe").update(is_published=False)
    assert names(sailing) == [("first", ["Tack"])]
    shown = client.get("/courses/sailing/terms/").content.decode()
    assert "Tack" in shown
    assert "Gybe" not in shown


def test_more_lessons_take_no_more_queries(sailing: Course, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/courses/sailing/terms/").status_code == 200
        return len(captured)

    before = queries()
    for number in range(6):
        term = a_term(Term.objects.all()[0].glossary, f"Rope{number}")
        a_lesson(sailing, f"more-{number}", passage=a_text(term.glossary, f"Rope{number}."))
    assert queries() == before
