"""Pages kept for visitors: never another page than the one that would be made now."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course, Intake, Lesson, Price, Provider
from courses.writing import save_course
from glossary import editing
from glossary.kept import KEPT
from glossary.models import Glossary, Takeaway, Term
from glossary.passages import write_passage
from tests.courses.making import APRIL, a_course, a_lesson, a_price, a_provider, an_intake
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite, run_jobs

pytestmark = pytest.mark.django_db

LESSON = "/courses/sailing/lessons/first-day/"
LOCKED = "/courses/sailing/lessons/second-day/"
GLOSSARY = "/glossary/sailing/"
ADDRESSES = (LESSON, LOCKED, GLOSSARY, f"{GLOSSARY}?page=1")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


@pytest.fixture(autouse=True)
def house() -> None:
    """A course with a free lesson and another, its glossary, and an intake that is sold."""
    a_provider()
    sailing = a_glossary()
    editing.save_glossary(sailing, at=MOMENT, introduction="Read *this*.")
    gybe = a_term(sailing, "Gybe", "To turn the stern.")
    tack = a_term(sailing, "Tack", "To turn the bow; not to gybe.")
    tack.see_also.add(gybe)
    course = a_course("sailing", glossaries=[sailing])
    text = write_passage(None, source="Tack, then gybe.", glossaries=[sailing])
    a_lesson(course, "first-day", passage=text, is_free=True)
    a_lesson(course, "second-day")
    a_price(an_intake(course, "2026-05", capacity=3))


def visited(address: str, client: Client | None = None) -> str:
    """The page as a visitor gets it, without the token that is theirs alone."""
    with time_machine.travel(APRIL, tick=False):
        response = (client or Client()).get(address)
    assert response.status_code == 200
    return TOKEN.sub("token", response.content.decode())


def made_anew(address: str) -> str:
    """The page as it is made for somebody with a session, for whom nothing is kept."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "gone"
    KEPT.clear()
    return visited(address, client)


def _rename_term() -> None:
    rewrite(Term.objects.get(slug="gybe"), name="Wear")


def _hide_term() -> None:
    term = Term.objects.get(slug="gybe")
    term.is_published = False
    rewrite(term)


def _delete_term() -> None:
    editing.delete_term(Term.objects.get(slug="gybe"), at=MOMENT)


def _move_glossary() -> None:
    glossary = Glossary.objects.get()
    glossary.title = "Sea words"
    editing.save_glossary(glossary, at=MOMENT, introduction="Or *that*.")


def _set_takeaway() -> None:
    glossary = Glossary.objects.get()
    Takeaway.objects.create(glossary=glossary, position=1, text="Duck.")
    editing.save_glossary(glossary, at=MOMENT)


def _rename_course() -> None:
    course = Course.objects.get()
    course.title = "Sailing at night"
    save_course(course, glossaries=course.glossaries_in_order())


def _withdraw_course() -> None:
    Course.objects.exclude(slug="other").update(slug="elsewhere")
    a_lesson(a_course("sailing"), "first-day", is_free=True)
    a_lesson(Course.objects.get(slug="sailing"), "second-day")


def _rename_next_lesson() -> None:
    Lesson.objects.filter(slug="second-day").update(title="The second day")


def _summarise() -> None:
    Lesson.objects.filter(slug="first-day").update(summary="The ropes.")
    glossary = Glossary.objects.get()
    glossary.summary = "The words of the sea."
    editing.save_glossary(glossary, at=MOMENT)


def _rewrite_lesson() -> None:
    lesson = Lesson.objects.get(slug="first-day")
    write_passage(lesson.passage, source="Gybe only.", glossaries=[Glossary.objects.get()])


def _rename_provider() -> None:
    provider = Provider.objects.get()
    provider.name = "Harbour College"
    provider.save()


def _sell_a_place() -> None:
    Intake.objects.update(places_taken=1)


def _sell_out() -> None:
    Intake.objects.update(places_taken=3)


def _change_price() -> None:
    Price.objects.update(amount=12000)


def _call_off() -> None:
    Intake.objects.update(cancelled_at=APRIL - timedelta(days=1))


def _nothing() -> None:
    pass


CHANGES = [
    _rename_term,
    _hide_term,
    _delete_term,
    _move_glossary,
    _set_takeaway,
    _rename_course,
    _withdraw_course,
    _rename_next_lesson,
    _summarise,
    _rewrite_lesson,
    _rename_provider,
    _sell_a_place,
    _sell_out,
    _change_price,
    _call_off,
    _nothing,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_kept_page_is_the_page_that_would_be_made_now(change: Callable[[], None]) -> None:
    before = [visited(address) for address in ADDRESSES]
    change()
    at_once = [visited(address) for address in ADDRESSES]
    assert at_once == [made_anew(address) for address in ADDRESSES]
    assert (at_once == before) == (change is _nothing)
    run_jobs()
    after = [visited(address) for address in ADDRESSES]
    assert after == [made_anew(address) for address in ADDRESSES]


def test_the_panel_of_a_kept_page_is_that_of_the_moment() -> None:
    assert "May 2026 intake · open enrolment" in visited(LESSON)
    with time_machine.travel("2026-06-01T00:00:00+01:00", tick=False):
        shown = Client().get(LESSON).content.decode()
    assert "May 2026" not in shown
    assert "No intake is open just now." in shown


@pytest.mark.parametrize("address", [LESSON, LOCKED, GLOSSARY])
def test_a_visitor_costs_one_short_query(address: str) -> None:
    Intake.objects.update(cancelled_at=APRIL)
    visited(address)
    with CaptureQueriesContext(connection) as captured:
        visited(address)
    assert len(captured) == 1


def test_what_is_kept_is_for_visitors_alone(ada: User) -> None:
    kept = visited(LESSON)
    client = Client()
    client.force_login(ada)
    own = visited(LESSON, client)
    assert ("My learning" in kept, "My learning" in own) == (False, True)
    assert visited(LESSON) == kept


def test_each_visitor_gets_a_token_of_their_own() -> None:
    Intake.objects.update(cancelled_at=APRIL)
    visited(GLOSSARY)
    tokens = []
    for _ in range(2):
        client = Client(enforce_csrf_checks=True)
        page = client.get(GLOSSARY)
        token = TOKEN.search(page.content.decode())
        assert token is not None
        sent = {"csrfmiddlewaretoken": token[1], "email": "ada@example.org"}
        assert client.post("/courses/sailing/alerts/", sent).status_code != 403
        tokens.append(client.cookies[settings.CSRF_COOKIE_NAME].value)
        assert "Cookie" in page["Vary"]
    assert tokens[0] != tokens[1]


def test_a_page_that_is_asked_for_in_another_way_is_not_the_kept_one() -> None:
    visited(LESSON)
    assert Client().get(f"{LESSON}?x=1").status_code == 200
    assert Client().head(LESSON).content == b""
    assert Client().post(LESSON).status_code == 405
    assert "no-store" in Client().get(LESSON)["Cache-Control"]
    Lesson.objects.update(is_published=False)
    assert Client().get(LESSON).status_code == 404
    Glossary.objects.update(is_published=False)
    assert Client().get(GLOSSARY).status_code == 404


def test_what_has_no_room_is_not_kept_and_the_oldest_goes_first() -> None:
    kept = type(KEPT)(room=10)
    kept.put("large", "x", size=11)
    kept.put("one", "1", size=6)
    kept.put("two", "2", size=6)
    assert [kept.get(key) for key in ("large", "one", "two")] == [None, None, "2"]
