"""How well terms are known, and how that changed, as a picture and as a table."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import User
from glossary.models import Glossary, Memory, Review
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer, Memories
from glossary.practice.picture import WEEKS, weakest_first, weeks
from glossary.practice.scheduling import Rating
from glossary.practice.visits import SessionMemories
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.org")


@pytest.fixture
def sailing() -> Glossary:
    glossary = a_glossary()
    for name in ("Keel", "Leech", "Tack"):
        a_term(glossary, name)
    return glossary


@pytest.fixture(params=["account", "session"])
def memories(request: pytest.FixtureRequest, ada: User) -> Memories:
    return AccountMemories(ada) if request.param == "account" else SessionMemories(SessionStore())


def say(memories: Memories, term_id: int, rating: Rating, *, weeks_ago: float) -> None:
    kept = memories.all().get(term_id)
    answer = Answer(term_id, kept.reviews if kept else 0, rating, "meaning")
    assert memories.rate(answer, at=NOON - weeks_ago * WEEK)


def test_the_weeks_show_what_was_known_when(sailing: Glossary, memories: Memories) -> None:
    keel, leech, tack = sailing.terms.order_by("name").values_list("pk", flat=True)
    say(memories, keel, Rating.EASY, weeks_ago=20)  # known for eight days, and long due
    say(memories, keel, Rating.EASY, weeks_ago=3.5)  # known again, for months
    say(memories, leech, Rating.GOOD, weeks_ago=2.5)  # begun, never finished
    say(memories, tack, Rating.EASY, weeks_ago=1.5)
    say(memories, tack, Rating.AGAIN, weeks_ago=0.5)  # forgotten
    found = weeks(memories, memories.all(), at=NOON)
    assert [(week.known, week.learning) for week in found] == [
        *[(0, 1)] * (WEEKS - 4),
        (1, 0),
        (1, 1),
        (2, 1),
        (1, 2),
    ]
    assert found[-1].at == NOON


def test_undoing_takes_an_answer_out_of_the_picture(sailing: Glossary, memories: Memories) -> None:
    keel = sailing.terms.get(name="Keel").pk
    say(memories, keel, Rating.EASY, weeks_ago=0.5)
    before = weeks(memories, memories.all(), at=NOON)
    say(memories, keel, Rating.AGAIN, weeks_ago=0.1)
    assert weeks(memories, memories.all(), at=NOON) != before
    last = memories.last()
    assert last is not None
    memories.undo(last.token)
    assert weeks(memories, memories.all(), at=NOON) == before


def test_the_weakest_term_comes_first(sailing: Glossary, memories: Memories) -> None:
    keel, leech, tack = sailing.terms.order_by("name").values_list("pk", flat=True)
    say(memories, keel, Rating.EASY, weeks_ago=1)
    say(memories, leech, Rating.EASY, weeks_ago=30)
    say(memories, tack, Rating.GOOD, weeks_ago=5)
    assert [term for term, _ in weakest_first(memories.all(), at=NOON)] == [leech, tack, keel]


def test_the_page_draws_well_formed_pictures_with_the_numbers_beside_them(
    ada: User, sailing: Glossary
) -> None:
    browser = Client()
    browser.force_login(ada)
    assert "Nothing practised yet" in browser.get("/practice/knowledge/").text
    now = datetime.now(tz=UTC)
    for term, rating in zip(sailing.terms.order_by("name"), (1, 3, 4), strict=True):
        AccountMemories(ada).rate(Answer(term.pk, 0, Rating(rating), "meaning"), at=now)
    page = browser.get("/practice/knowledge/").text
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len([ET.fromstring(one) for one in pictures]) >= 4  # noqa: S314 - of our own making
    assert "<dt>known</dt><dd>1</dd>" in page
    assert len(re.findall(r"<th scope=\"row\">\d+ \w+ \d{4}</th>", page)) == WEEKS
    assert "style=" not in page


def test_heights_stay_within_the_picture(sailing: Glossary, memories: Memories) -> None:
    for term in sailing.terms.all():
        say(memories, term.pk, Rating.EASY, weeks_ago=0.2)
    for week in weeks(memories, memories.all(), at=NOON):
        assert 0 <= week.learning_top <= week.known_top <= 100


def test_a_review_and_its_memory_tell_one_story(ada: User, sailing: Glossary) -> None:
    keel = sailing.terms.get(name="Keel").pk
    for ago in (9, 8, 7):
        say(AccountMemories(ada), keel, Rating.GOOD, weeks_ago=ago)
    memory = Memory.objects.get()
    assert memory.reviews == Review.objects.count() == 3
    assert memory.reviewed_at == Review.objects.get(number=3).at
