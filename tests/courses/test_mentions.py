"""Staff see where a term is used, and which terms a lesson uses."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Lesson
from courses.writing import save_lesson
from glossary.models import Term
from tests.courses.making import a_course
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_sam(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    return client


@pytest.fixture
def tack() -> Term:
    """Mentioned in two lessons, one of which is a draft, and not in a third."""
    sailing = a_glossary()
    tack = a_term(sailing)
    a_term(sailing, "Gybe", "Not to tack.")
    course = a_course("sailing", glossaries=[sailing])
    for title, text in (("Turning", "Tack, gybe."), ("More", "Tack."), ("Resting", "Heave to.")):
        save_lesson(Lesson(course=course, title=title, is_published=title == "More"), text=text)
    return tack


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_term_leads_to_the_lessons_that_mention_it(as_sam: Client, tack: Term) -> None:
    lessons = f'<a href="/admin/courses/lesson/?term={tack.pk}">2</a>'
    assert lessons in shown(as_sam, "/admin/glossary/term/")
    assert lessons in shown(as_sam, f"/admin/glossary/term/{tack.pk}/change/")
    page = shown(as_sam, f"/admin/courses/lesson/?term={tack.pk}")
    assert "Turning" in page
    assert "More" in page
    assert "Resting" not in page
    assert "2 lessons" in page


def test_a_lesson_leads_to_the_terms_that_it_mentions(as_sam: Client, tack: Term) -> None:
    lesson = Lesson.objects.get(title="Turning")
    terms = f'<a href="/admin/glossary/term/?text={lesson.passage_id}">2</a>'
    assert terms in shown(as_sam, "/admin/courses/lesson/")
    assert terms in shown(as_sam, f"/admin/courses/lesson/{lesson.pk}/change/")
    more = Lesson.objects.get(title="More")
    page = shown(as_sam, f"/admin/glossary/term/?text={more.passage_id}")
    assert "Tack" in page
    assert "Gybe" not in page
    assert "1 term" in page


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "9" * 30])
def test_a_key_that_is_none_shows_the_whole_list(as_sam: Client, tack: Term, value: str) -> None:
    assert "Resting" in shown(as_sam, f"/admin/courses/lesson/?term={value}")
    assert "Gybe" in shown(as_sam, f"/admin/glossary/term/?text={value}")


def test_more_mentions_take_no_more_queries(as_sam: Client, tack: Term) -> None:
    lists = ("/admin/glossary/term/", f"/admin/courses/lesson/?term={tack.pk}")

    def cost() -> list[int]:
        found = []
        for address in lists:
            with CaptureQueriesContext(connection) as captured:
                shown(as_sam, address)
            found.append(len(captured))
        return found

    cost()
    before = cost()
    course = Lesson.objects.get(title="More").course
    for number in range(6):
        a_term(tack.glossary, f"Word {number}")
        save_lesson(Lesson(course=course, title=f"No {number}"), text=f"Tack, word {number}.")
    assert cost() == before
