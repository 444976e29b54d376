"""What a visitor practised comes into the account."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from glossary.models import Glossary, Memory, Review, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.carrying import carry_over
from glossary.practice.keeping import Answer, Memories
from glossary.practice.scheduling import Rating
from glossary.practice.visits import MOST_ANSWERS, MOST_TERMS, SessionMemories
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
PAGE = "/practice/glossary/sailing/"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.org", PASSWORD, name="Ada Learner")


@pytest.fixture
def keel() -> Term:
    return a_term(a_glossary(), "Keel", "The beam along the bottom.")


def say(memories: Memories, term_id: int, *ratings: Rating, at: datetime = NOON) -> None:
    for number, rating in enumerate(ratings):
        kept = memories.all().get(term_id)
        answer = Answer(term_id, kept.reviews if kept else 0, rating, "meaning")
        assert memories.rate(answer, at=at + number * timedelta(minutes=1))


def test_a_visitor_who_signs_in_finds_what_they_practised(keel: Term, ada: User) -> None:
    browser = Client()
    sent = browser.post(PAGE, {"term": keel.pk, "number": 0, "kind": "meaning", "rating": "4"})
    assert sent.status_code == 303
    visited = SessionMemories(browser.session).all()
    assert browser.login(email="ada@example.org", password=PASSWORD)
    assert AccountMemories(ada).all() == visited
    assert SessionMemories(browser.session).all() == {}
    review = Review.objects.get()
    assert (review.number, review.rating, review.before) == (1, 4, None)
    # And it can still be taken back.
    assert AccountMemories(ada).undo(str(review.pk)) == keel.pk
    assert not Memory.objects.exists()


def test_better_knowledge_is_never_overwritten(keel: Term, ada: User) -> None:
    say(AccountMemories(ada), keel.pk, Rating.EASY, Rating.EASY)
    before = AccountMemories(ada).all()
    session = SessionStore()
    say(SessionMemories(session), keel.pk, Rating.GOOD)
    carry_over(session, ada)
    assert AccountMemories(ada).all() == before
    assert Review.objects.count() == 2


def test_better_knowledge_of_a_visitor_counts_and_undoing_leads_back(keel: Term, ada: User) -> None:
    account = AccountMemories(ada)
    say(account, keel.pk, Rating.AGAIN, at=NOON + timedelta(days=2))
    before = account.all()
    session = SessionStore()
    visit = SessionMemories(session)
    say(visit, keel.pk, Rating.GOOD, Rating.EASY)
    better = visit.all()[keel.pk].state
    carry_over(session, ada)
    assert account.all()[keel.pk].state == better
    assert [review.number for review in Review.objects.order_by("number")] == [1, 2, 3]
    for _ in range(2):
        last = account.last()
        assert last is not None
        assert account.undo(last.token) == keel.pk
    assert account.all() == before


def test_carrying_over_twice_is_carrying_over_once(keel: Term, ada: User) -> None:
    session, again = SessionStore(), SessionStore()
    say(SessionMemories(session), keel.pk, Rating.GOOD, Rating.GOOD)
    again["practice"] = session["practice"]
    carry_over(session, ada)
    kept, reviews = AccountMemories(ada).all(), Review.objects.count()
    carry_over(again, ada)
    assert (AccountMemories(ada).all(), Review.objects.count()) == (kept, reviews)


def test_a_full_session_is_carried_over_in_a_few_queries(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    glossary: Glossary = a_glossary()
    first = a_term(glossary, "First")
    texts = [first.definition.__class__() for _ in range(MOST_TERMS - 1)]
    type(first.definition).objects.bulk_create(texts)
    Term.objects.bulk_create(
        Term(glossary=glossary, name=f"Term {number}", slug=f"term-{number}", definition=text)
        for number, text in enumerate(texts)
    )
    session = SessionStore()
    visit = SessionMemories(session)
    for term in glossary.terms.all():
        say(visit, term.pk, Rating.GOOD, Rating.GOOD)
    gone = glossary.terms.last()
    assert gone is not None
    gone.delete()
    with django_assert_max_num_queries(9):
        carry_over(session, ada)
    assert Memory.objects.count() == MOST_TERMS - 1
    # Of the answers the latest are kept, and they can be undone one after the other.
    account = AccountMemories(ada)
    undone = 0
    while (last := account.last()) is not None and account.undo(last.token):
        undone += 1
    assert 0 < undone <= MOST_ANSWERS
