"""The practice of those who have an account, in the database."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from glossary.models import Memory, Review, TermQuerySet
from glossary.models.practice import MemoryQuerySet
from glossary.practice.keeping import Answer, Gone, Kept, LastAnswer
from glossary.practice.scheduling import MemoryState, Rating, rated


class AccountMemories:
    """One learner's practice; what ``keeping.Memories`` says of it."""

    # An account has room for every term there is.
    room: int | None = None

    def __init__(self, learner: Any) -> None:
        self.learner = learner

    def _mine(self) -> MemoryQuerySet:
        return Memory.objects.filter(learner=self.learner)

    def all(self) -> dict[int, Kept]:
        """One query."""
        return dict(map(_kept, self._mine().values_list(*_COLUMNS)))

    def one(self, term_id: int) -> Kept | None:
        """One query."""
        row = self._mine().filter(term=term_id).values_list(*_COLUMNS).first()
        return _kept(row)[1] if row else None

    def begun(self) -> Any:
        """A part of the query that asks for it."""
        return self._mine().values("term")

    def begun_since(self, since: datetime) -> int:
        """One query."""
        return self._mine().filter(begun_at__gte=since).count()

    def until(self, terms: TermQuerySet, *, until: datetime) -> list[tuple[int, datetime, int]]:
        """One query."""
        soon = self._mine().filter(due__lte=until, term__in=terms).order_by("due", "term")
        return list(soon.values_list("term", "due", "phase"))

    def next_at(self, terms: TermQuerySet, *, after: datetime) -> datetime | None:
        """One query."""
        later = self._mine().filter(due__gt=after, term__in=terms)
        return later.order_by("due").values_list("due", flat=True).first()

    def rate(self, answer: Answer, *, at: datetime) -> bool:
        """Tabs that answer one card at once wait for each other, and the first one counts."""
        with transaction.atomic():
            if not hold_terms([answer.term_id]):
                raise Gone
            memory = self._locked(term=answer.term_id)
            if (memory.reviews if memory else 0) != answer.number:
                return False
            before = memory.state if memory else None
            state = rated(before, answer.rating, at=at)
            if memory is None:
                memory = self._begun(answer.term_id, state)
                if memory is None:
                    return False
            else:
                memory.state = state
                memory.reviews += 1
                memory.save()
            Review.objects.create(
                memory=memory,
                number=memory.reviews,
                rating=answer.rating,
                kind=answer.kind,
                at=state.reviewed_at,
                before=before.as_json() if before else None,
            )
        return True

    def _locked(self, **which: Any) -> Memory | None:
        rows = Memory.objects.select_for_update(of=("self",))
        return rows.filter(learner=self.learner, **which).first()

    def _begun(self, term_id: int, state: MemoryState) -> Memory | None:
        """A new row; None where another tab has begun the term meanwhile."""
        memory = Memory(
            learner=self.learner, term_id=term_id, begun_at=state.reviewed_at, reviews=1
        )
        memory.state = state
        try:
            with transaction.atomic():
                memory.save()
        except IntegrityError:
            if not self._locked(term=term_id):
                raise
            return None
        return memory

    def last(self) -> LastAnswer | None:
        """One query."""
        review = self._latest()
        if review is None:
            return None
        return LastAnswer(str(review.pk), review.memory.term_id, Rating(review.rating), review.at)

    def _latest(self) -> Review | None:
        mine = Review.objects.filter(
            memory__learner=self.learner, number=F("memory__reviews")
        ).select_related("memory")
        return mine.order_by("-at", "-pk").first()

    def undo(self, token: str) -> int | None:
        """Two tabs that undo at once take back one answer."""
        with transaction.atomic():
            latest = self._latest()
            if latest is None or str(latest.pk) != token:
                return None
            memory = self._locked(pk=latest.memory_id)
            if memory is None or memory.reviews != latest.number:
                return None
            latest.delete()
            if latest.before is None:
                memory.delete()
            else:
                memory.state = MemoryState.from_json(latest.before)
                memory.reviews -= 1
                memory.save()
        return memory.term_id

    def answers_since(self, since: datetime) -> Iterable[tuple[int, datetime, MemoryState | None]]:
        """One query."""
        rows = Review.objects.filter(memory__learner=self.learner, at__gte=since)
        found = rows.order_by("at", "number").values_list("memory__term_id", "at", "before")
        return [
            (term, at, MemoryState.from_json(before) if before else None)
            for term, at, before in found
        ]


def hold_terms(term_ids: Iterable[int]) -> list[int]:
    """Those of them that are there: nobody deletes them before this transaction ends.

    Whoever deletes a term holds it first (``TermQuerySet.hold_to_delete``), so that one of the two
    waits, and neither is left with an answer about a term that is not there. Django has no word
    for the lightest lock of a row, beside which a term may be changed and answered by others.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM glossary_term WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [list(term_ids)],
        )
        return [key for (key,) in cursor.fetchall()]


_COLUMNS = (
    "term",
    "phase",
    "step",
    "stability",
    "difficulty",
    "due",
    "reviewed_at",
    "reviews",
    "begun_at",
)


def _kept(row: tuple[Any, ...]) -> tuple[int, Kept]:
    term_id, *state, reviews, begun_at = row
    return term_id, Kept(MemoryState(*state), reviews, begun_at)
