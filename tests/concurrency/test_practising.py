"""One card answered, and one answer taken back, from several tabs at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from glossary.models import Memory, Review, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating
from tests.bench.starting import run_together
from tests.glossary.writing import a_glossary, a_term

TABS = 4
TIMES = 6


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create_user("ada@example.org", name="Ada Learner")


@pytest.fixture
def keel(transactional_db: None) -> Term:
    return a_term(a_glossary(), "Keel", "The beam along the bottom.")


def unlocked(self: QuerySet[Any], **options: Any) -> QuerySet[Any]:
    """The rows, and no lock on them."""
    return self.all()


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
