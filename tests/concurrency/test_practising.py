"""One card answered, and one answer taken back, from several tabs at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from glossary import editing, saving
from glossary.models import Memory, Review, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.carrying import carry_over
from glossary.practice.keeping import Answer, Gone
from glossary.practice.scheduling import Rating
from glossary.practice.visits import SessionMemories
from tests.bench.starting import run_together
from tests.concurrency.meeting import both, unlocked
from tests.glossary.writing import a_glossary, a_term

TABS = 4
TIMES = 6


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create_user("ada@example.org", name="Ada Learner")


@pytest.fixture
def keel(transactional_db: None) -> Term:
    return a_term(a_glossary(), "Keel", "The beam along the bottom.")


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journeys as they are, but for the locks on rows."""
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)


def answer_at_once(learner: User, term: Term) -> list[str]:
    """What each of some tabs was told that sent an answer to the card as it stands."""
    kept = AccountMemories(learner).all().get(term.pk)
    answer = Answer(term.pk, kept.reviews if kept else 0, Rating.GOOD, "meaning")
    return run_together([partial(to_rate, learner, answer) for _ in range(TABS)]).answers


def to_rate(learner: User, answer: Answer) -> list[Callable[[], str]]:
    return [partial(rate, learner, answer)]


def rate(learner: User, answer: Answer) -> str:
    try:
        counted = AccountMemories(learner).rate(answer, at=timezone.now() + timedelta(hours=1))
    except DatabaseError as error:
        return f"failed: {type(error).__name__}"
    return "counted" if counted else "answered already"


def test_a_card_answered_in_several_tabs_at_once_counts_once(ada: User, keel: Term) -> None:
    for number in range(1, TIMES + 1):
        assert sorted(answer_at_once(ada, keel)) == ["answered already"] * (TABS - 1) + ["counted"]
        assert Memory.objects.get().reviews == number
    assert list(Review.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, TIMES + 1)
    )


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_the_tabs_run_into_the_constraint(ada: User, keel: Term) -> None:
    """What the lock is for: the numbers would still be right, but people would see an error."""
    told = [answer for _ in range(TIMES) for answer in answer_at_once(ada, keel)]
    assert "failed: IntegrityError" in told
    memory = Memory.objects.get()
    assert memory.history.count() == memory.reviews


def test_one_answer_taken_back_in_several_tabs_at_once_goes_once(ada: User, keel: Term) -> None:
    memories = AccountMemories(ada)
    for number in range(TIMES):
        memories.rate(Answer(keel.pk, number, Rating.GOOD, "meaning"), at=timezone.now())
    for number in range(TIMES, 0, -1):
        last = memories.last()
        assert last is not None
        told = run_together([partial(to_undo, ada, last.token) for _ in range(TABS)]).answers
        assert sorted(told) == ["nothing"] * (TABS - 1) + ["undone"]
        kept = memories.all().get(keel.pk)
        assert (kept.reviews if kept else 0) == number - 1


def to_undo(learner: User, token: str) -> list[Callable[[], str]]:
    return [partial(undo, learner, token)]


def undo(learner: User, token: str) -> str:
    try:
        return "undone" if AccountMemories(learner).undo(token) else "nothing"
    except DatabaseError as error:
        return f"failed: {type(error).__name__}"


# A term that is deleted meanwhile -----------------------------------------------------------------


def answer_to(learner: User, term: Term) -> Callable[[], str]:
    kept = AccountMemories(learner).one(term.pk)
    answer = Answer(term.pk, kept.reviews if kept else 0, Rating.GOOD, "meaning")

    def sent() -> str:
        try:
            return rate(learner, answer)
        except Gone:
            return "gone"

    return sent


def sign_in(learner: User, term: Term) -> Callable[[], str]:
    """With practice of the term in the session."""
    session = SessionStore()
    SessionMemories(session).rate(Answer(term.pk, 0, Rating.EASY, "meaning"), at=timezone.now())

    def carried() -> str:
        carry_over(session, learner)
        return "gone" if not Memory.objects.filter(term=term.pk).exists() else "counted"

    return carried


def delete_one(term: Term) -> None:
    editing.delete_term(Term.objects.get(pk=term.pk), at=timezone.now())


def delete_some(term: Term) -> None:
    with transaction.atomic():
        glossary = editing.lock(term.glossary)
        saving.delete_terms(glossary, [Term.objects.get(pk=term.pk)], at=timezone.now())


def delete_all(term: Term) -> None:
    editing.delete_glossary(term.glossary)


@pytest.mark.parametrize("times", [0, 1], ids=["new", "known"])
@pytest.mark.parametrize("person", [answer_to, sign_in])
@pytest.mark.parametrize("deletion", [delete_one, delete_some, delete_all])
def test_a_term_is_deleted_and_practised_at_once_and_nobody_sees_an_error(
    ada: User,
    keel: Term,
    person: Callable[[User, Term], Callable[[], str]],
    deletion: Callable[[Term], None],
    times: int,
) -> None:
    for number in range(times):
        AccountMemories(ada).rate(
            Answer(keel.pk, number, Rating.AGAIN, "meaning"), at=timezone.now() - timedelta(hours=1)
        )
    assert both(lambda: deletion(keel), person(ada, keel)) == "gone"
    again = a_term(a_glossary("Rowing"), "Keel")
    assert both(person(ada, again), lambda: deletion(again)) is None
    assert not Memory.objects.exists()


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_whoever_deletes_a_term_runs_into_its_answer(
    ada: User, keel: Term
) -> None:
    AccountMemories(ada).rate(Answer(keel.pk, 0, Rating.GOOD, "meaning"), at=timezone.now())
    with pytest.raises(IntegrityError, match="glossary_review"):
        both(answer_to(ada, keel), lambda: delete_one(keel))
