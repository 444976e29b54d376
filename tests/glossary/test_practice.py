"""Practising a glossary: what is asked, what counts, what is taken back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from glossary.models import Glossary, Memory, Review, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer, Kept, Memories
from glossary.practice.knowing import is_known_to
from glossary.practice.queue import EARLY, NEW_A_DAY, queue_of
from glossary.practice.scheduling import Rating, rated
from glossary.practice.visits import MOST_ANSWERS, MOST_TERMS, SessionMemories
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.org", name="Ada Learner")


@pytest.fixture
def sailing() -> Glossary:
    glossary = a_glossary()
    a_term(glossary, "Keel", "The beam along the bottom. Without a keel no boat points up.")
    a_term(glossary, "Leech", "The edge of a sail that is furthest from the wind.")
    a_term(glossary, "Tack", "To turn the bow through the wind, so that the leech changes sides.")
    return glossary


@pytest.fixture(params=["account", "session"])
def memories(request: pytest.FixtureRequest, ada: User) -> Memories:
    """The two places where practice is kept, which must not differ."""
    return AccountMemories(ada) if request.param == "account" else SessionMemories(SessionStore())


def say(memories: Memories, term: Term, rating: Rating, at: datetime = NOON) -> bool:
    """Answer the card of ``term`` as it stands now."""
    kept = memories.all().get(term.pk)
    answer = Answer(term.pk, kept.reviews if kept else 0, rating, Review.Kind.MEANING)
    return memories.rate(answer, at=at)


def waiting(memories: Memories, at: datetime = NOON) -> tuple[list[str], list[str]]:
    """The names of what is due, and of what is new."""
    queue = queue_of(Term.objects.public(), memories, at=at)
    names = dict(Term.objects.values_list("pk", "name"))
    return [names[term] for term in queue.due], [names[term] for term in queue.new]


# Queue ---------------------------------------------------------------------------------------


def test_what_is_due_comes_before_what_is_new(sailing: Glossary, memories: Memories) -> None:
    keel, leech, _ = sailing.terms.order_by("pk")
    say(memories, leech, Rating.GOOD)
    say(memories, keel, Rating.AGAIN)
    assert waiting(memories) == ([], ["Tack"])
    assert waiting(memories, NOON + 10 * MINUTE) == (["Keel", "Leech"], ["Tack"])


def test_a_term_that_comes_back_in_minutes_is_asked_early_when_nothing_else_is_left(
    sailing: Glossary, memories: Memories
) -> None:
    for term in sailing.terms.all():
        say(memories, term, Rating.EASY)
    keel = sailing.terms.get(name="Keel")
    at = memories.all()[keel.pk].state.due
    say(memories, keel, Rating.AGAIN, at)
    for term in sailing.terms.exclude(pk=keel.pk):
        say(memories, term, Rating.EASY, at)
    queue = queue_of(Term.objects.public(), memories, at=at)
    assert (queue.due, queue.new, queue.early) == ([], [], [keel.pk])
    assert queue.next_at is not None
    assert at < queue.next_at <= at + EARLY


def test_only_so_many_new_terms_are_begun_a_day(memories: Memories) -> None:
    glossary = a_glossary()
    for number in range(NEW_A_DAY + 3):
        a_term(glossary, f"Term {number}")
    for term in glossary.terms.order_by("pk")[:NEW_A_DAY]:
        say(memories, term, Rating.EASY)
    today = queue_of(glossary.terms.all(), memories, at=NOON)
    assert (today.new, today.has_more, today.is_full) == ([], True, False)
    # London's midnight, and no day of 24 hours.
    assert len(queue_of(glossary.terms.all(), memories, at=NOON + DAY / 2).new) == 3


def test_what_is_not_public_is_not_asked(sailing: Glossary, memories: Memories) -> None:
    for term in sailing.terms.all():
        say(memories, term, Rating.AGAIN)
    sailing.terms.filter(name="Keel").update(is_published=False)
    assert waiting(memories, NOON + DAY) == (["Leech", "Tack"], [])
    Glossary.objects.update(is_published=False)
    assert waiting(memories, NOON + DAY) == ([], [])


def test_more_terms_take_no_more_queries(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    memories = AccountMemories(ada)
    glossary = a_glossary()
    for number in range(12):
        say(memories, a_term(glossary, f"Begun {number}"), Rating.AGAIN)
        a_term(glossary, f"New {number}")
        if number in {2, 11}:
            with django_assert_num_queries(4):
                queue_of(Term.objects.public(), memories, at=NOON + DAY)


# Answers and undoing ------------------------------------------------------------------------


def test_an_answer_to_a_card_that_was_answered_meanwhile_does_not_count(
    sailing: Glossary, memories: Memories
) -> None:
    keel = sailing.terms.get(name="Keel")
    answer = Answer(keel.pk, 0, Rating.GOOD, "meaning")
    assert memories.rate(answer, at=NOON)
    assert not memories.rate(answer, at=NOON)
    assert not memories.rate(Answer(keel.pk, 7, Rating.GOOD, "meaning"), at=NOON)
    assert memories.all()[keel.pk].reviews == 1


def test_undoing_twice_takes_back_one_answer(sailing: Glossary, memories: Memories) -> None:
    keel, leech, _ = sailing.terms.order_by("pk")
    say(memories, keel, Rating.GOOD)
    say(memories, leech, Rating.GOOD, NOON + MINUTE)
    last = memories.last()
    assert last is not None
    assert memories.undo(last.token) == leech.pk
    assert memories.undo(last.token) is None
    assert memories.undo("not a token") is None
    assert set(memories.all()) == {keel.pk}


Step = tuple[int, Rating | None, int]
steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        # None takes the last answer back.
        st.one_of(st.none(), st.sampled_from(list(Rating)), st.sampled_from(list(Rating))),
        st.integers(0, 60 * 24 * 9),
    ),
    max_size=14,
)


def exactly(memories: Memories) -> tuple[dict[int, Kept], list[Any]]:
    """All that is kept, to the last digit."""
    return memories.all(), list(memories.answers_since(datetime.min.replace(tzinfo=UTC)))


@given(steps)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("where", ["account", "session"])
def test_answers_and_undoings_come_to_the_answers_that_were_not_undone(
    where: str, ada: User, sailing: Glossary, steps: list[Step]
) -> None:
    terms = list(sailing.terms.order_by("pk"))
    eve = User.objects.get_or_create(email="eve@example.org")[0]
    Memory.objects.all().delete()
    one, other = (
        (AccountMemories(ada), AccountMemories(eve))
        if where == "account"
        else (SessionMemories(SessionStore()), SessionMemories(SessionStore()))
    )
    at, stands = NOON, []
    for place, rating, minutes in steps:
        at += minutes * MINUTE
        last = one.last()
        if rating is not None:
            say(one, terms[place], rating, at)
            stands.append((terms[place], rating, at))
        elif last is not None:
            assert one.undo(last.token) == stands.pop()[0].pk
    for term, rating, then in stands:
        say(other, term, rating, then)
    assert exactly(one) == exactly(other)


# Sessions ------------------------------------------------------------------------------------


def test_a_session_holds_so_much_and_no_more() -> None:
    session = SessionStore()
    memories = SessionMemories(session)
    at = NOON
    for number in range(10_000):
        at += MINUTE
        memories.rate(Answer(10**9 + number, 0, Rating.GOOD, "meaning"), at=at)
    assert len(memories.all()) == MOST_TERMS
    for _ in range(3):
        for term in list(memories.all()):
            at += MINUTE
            kept = memories.all()[term]
            assert memories.rate(Answer(term, kept.reviews, Rating.AGAIN, "meaning"), at=at)
    assert len(memories.answers()) == MOST_ANSWERS
    assert len(session.encode(session._session)) < 40_000


def test_whoever_practises_as_much_as_a_session_holds_is_told(client: Client) -> None:
    glossary = a_glossary()
    a_term(glossary)
    session = client.session
    memories = SessionMemories(session)
    for number in range(MOST_TERMS):
        memories.rate(Answer(10**9 + number, 0, Rating.GOOD, "meaning"), at=NOON)
    session.save()
    page = client.get("/practice/glossary/sailing/").text
    assert "That is as many as we can keep for a visitor" in page


# What is known -----------------------------------------------------------------------------


def test_a_term_is_known_from_its_days_until_it_is_due(ada: User, sailing: Glossary) -> None:
    keel, leech, _ = sailing.terms.order_by("pk")
    memories = AccountMemories(ada)
    say(memories, keel, Rating.EASY)
    say(memories, leech, Rating.GOOD)

    def known(learner: User, at: datetime) -> list[Term]:
        return list(sailing.terms.filter(is_known_to(learner, at=at)))

    due = rated(None, Rating.EASY, at=NOON).due
    assert known(ada, NOON) == known(ada, due - timedelta(seconds=1)) == [keel]
    assert known(ada, due) == []
    assert known(User.objects.create_user("bob@example.org"), NOON) == []


# Pages --------------------------------------------------------------------------------------

PAGE = "/practice/glossary/sailing/"


def fields(page: str) -> dict[str, str]:
    """What the card's form would send, without a rating."""
    return dict(re.findall(r'<input type="hidden" name="(term|number|kind)" value="([^"]*)"', page))


def test_a_card_is_answered_without_javascript_and_the_next_one_comes(
    client: Client, sailing: Glossary
) -> None:
    page = client.get(PAGE).text
    assert "What does this term mean?" in page
    sent = client.post(PAGE, {**fields(page), "rating": "4"})
    assert (sent.status_code, sent["Location"]) == (303, PAGE)
    after = client.get(PAGE).text
    assert fields(after)["term"] != fields(page)["term"]
    token = re.search(r'name="undo" value="([^"]+)"', after)
    assert token
    undone = client.post(PAGE, {"undo": token[1]}, follow=True)
    assert fields(undone.text) == fields(page)


def test_htmx_is_sent_the_next_card_alone(client: Client, sailing: Glossary) -> None:
    page = client.get(PAGE).text
    sent = client.post(PAGE, {**fields(page), "rating": "4"}, headers={"HX-Request": "true"})
    assert sent.status_code == 200
    assert sent.text.count('id="practice"') == 1
    assert "<html" not in sent.text


def test_the_same_card_sent_from_two_tabs_counts_once(client: Client, sailing: Glossary) -> None:
    card = {**fields(client.get(PAGE).text), "rating": "1"}
    client.post(PAGE, card)
    second = client.post(PAGE, card, follow=True)
    assert "That card was answered already" in second.text
    assert [kept.reviews for kept in SessionMemories(client.session).all().values()] == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"rating": "5"},
        {"rating": ""},
        {"rating": "x\x00"},
        {"term": "9" * 40},
        {"term": "-1"},
        {"term": "١"},
        {"number": "99999999999"},
        {"number": ""},
        {"kind": "<script>"},
    ],
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    client: Client, sailing: Glossary, change: dict[str, str]
) -> None:
    card = {**fields(client.get(PAGE).text), "rating": "3", **change}
    refused = client.post(PAGE, card)
    assert refused.status_code in {303, 422}
    assert SessionMemories(client.session).all() == {}


@pytest.mark.parametrize("card", ["x", "9" * 50, "-3", "²", "0", ""])
def test_an_address_that_names_no_card_shows_the_first(
    client: Client, sailing: Glossary, card: str
) -> None:
    assert fields(client.get(f"{PAGE}?card={card}").text) == fields(client.get(PAGE).text)


def test_a_term_of_another_glossary_cannot_be_answered_here(
    client: Client, sailing: Glossary
) -> None:
    other = a_term(a_glossary("Rowing"), "Oar")
    hidden = a_term(sailing, "Secret", is_published=False)
    for term in (other, hidden):
        card = {"term": term.pk, "number": 0, "kind": "meaning", "rating": "3"}
        assert "Your answer was not counted" in client.post(PAGE, card, follow=True).text
    assert SessionMemories(client.session).all() == {}


def test_whoever_answers_a_term_that_is_deleted_is_told_and_gets_the_next_card(
    client: Client, sailing: Glossary
) -> None:
    card = {**fields(client.get(PAGE).text), "rating": "3"}
    Term.objects.get(pk=card["term"]).delete()
    sent = client.post(PAGE, card, headers={"HX-Request": "true"})
    assert sent.status_code == 200
    assert "That term was taken away meanwhile. Your answer was not counted." in sent.text
    assert fields(sent.text)["term"] not in {None, card["term"]}
    plain = client.post(PAGE, card, follow=True)
    assert "Your answer was not counted" in plain.text


def test_a_term_deleted_while_its_card_is_made_is_passed_over(
    client: Client, sailing: Glossary
) -> None:
    first, *others = sailing.terms.order_by("pk")
    page = after_the_queue(client, first.delete)
    assert fields(page)["term"] == str(others[0].pk)
    Term.objects.filter(pk=others[1].pk).delete()
    assert "No terms to practise yet" in after_the_queue(client, others[0].delete)


def after_the_queue(client: Client, happens: Callable[[], object]) -> str:
    """The page, where something happens between its reading which term is next, and that term."""
    done: list[object] = []

    def before_the_card(execute: Any, sql: str, *rest: Any) -> Any:
        if "glossary_passage" in sql and not done:
            done.append(True)
            happens()
        return execute(sql, *rest)

    with connection.execute_wrapper(before_the_card):
        page = client.get(PAGE).text
    assert done
    return page


def test_another_persons_answer_cannot_be_undone(ada: User, sailing: Glossary) -> None:
    say(AccountMemories(ada), sailing.terms.get(name="Keel"), Rating.GOOD)
    bob = Client()
    bob.force_login(User.objects.create_user("bob@example.org"))
    for token in (str(Review.objects.get().pk), "x", "9" * 50, "\x00"):
        assert bob.post(PAGE, {"undo": token}).status_code == 303
    assert Memory.objects.get().learner == ada


def test_a_card_that_comes_back_asks_in_turn_and_never_holds_its_answer(
    ada: User, sailing: Glossary
) -> None:
    browser = Client()
    browser.force_login(ada)
    memories = AccountMemories(ada)
    leech = sailing.terms.get(name="Leech")
    asked, at = [], NOON
    for _ in range(4):
        say(memories, leech, Rating.EASY, at)
        at = memories.all()[leech.pk].state.due
        Memory.objects.update(due=datetime.now(tz=UTC) - DAY, reviewed_at=NOON - 9 * DAY)
        page = browser.get(f"{PAGE}?card={leech.pk}").text
        question = re.search(r'id="question">(.*?)<details', page, re.DOTALL)
        kind = fields(page)["kind"]
        asked.append(kind)
        if kind != "meaning":
            assert question
            assert "leech" not in question[1].lower()
    assert set(asked) == {"meaning", "name", "gap"}
