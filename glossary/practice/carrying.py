"""What a visitor practised comes into the account when they sign up or sign in.

Nothing is lost, and nothing better is overwritten: of a term that was practised in both places,
the better state stays. Carrying over twice changes nothing the second time.
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest

from glossary.models import Memory, Review
from glossary.practice.accounts import hold_terms
from glossary.practice.keeping import Answer, Kept
from glossary.practice.scheduling import MemoryState, Phase
from glossary.practice.visits import SessionMemories

Given = tuple[Answer, datetime, MemoryState | None]


def on_login(request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Called by Django when somebody signs in; the session is theirs from then on."""
    session = getattr(request, "session", None)
    if session is not None:
        carry_over(session, user)


def carry_over(session: SessionBase, learner: Any) -> None:
    """Move the session's practice into the account of ``learner``.

    As many queries for one term as for a session full of them.
    """
    visit = SessionMemories(session)
    kept = visit.all()
    if not kept:
        return
    answers: dict[int, list[Given]] = {}
    for given in visit.answers():
        answers.setdefault(given[0].term_id, []).append(given)
    with transaction.atomic():
        present = hold_terms(kept)
        there = {memory.term_id: memory for memory in _locked(learner, kept)}
        _begin(learner, {term: kept[term] for term in present if term not in there}, answers)
        _improve(list(there.values()), kept, answers)
    visit.forget()


def is_better(one: MemoryState, other: MemoryState) -> bool:
    """Whether ``one`` shows more knowledge: days rather than minutes, and then more of them."""
    return (one.phase == Phase.REVIEW, one.stability) > (
        other.phase == Phase.REVIEW,
        other.stability,
    )


def _locked(learner: Any, terms: dict[int, Kept]) -> list[Memory]:
    rows = Memory.objects.select_for_update(of=("self",)).filter(learner=learner)
    return list(rows.filter(term__in=list(terms)).order_by("pk"))


def _begin(learner: Any, kept: dict[int, Kept], answers: dict[int, list[Given]]) -> None:
    """Rows for terms that the account had not begun."""
    rows = []
    for term, one in kept.items():
        row = Memory(learner=learner, term_id=term, reviews=one.reviews, begun_at=one.begun_at)
        row.state = one.state
        rows.append(row)
    # Where another tab begins one at this moment, that tab has it.
    Memory.objects.bulk_create(rows, ignore_conflicts=True)
    begun = [row for row in _locked(learner, kept) if row.begun_at == kept[row.term_id].begun_at]
    Review.objects.bulk_create(
        [
            _review(memory, answer.number + 1, given)
            for memory in begun
            for given in answers.get(memory.term_id, [])
            for answer in [given[0]]
        ],
        # Two browsers' windows that sign in at once carry the same answers.
        ignore_conflicts=True,
    )


def _improve(
    memories: list[Memory], kept: dict[int, Kept], answers: dict[int, list[Given]]
) -> None:
    """Go on from the account's state where the visitor's is better; undoing leads back to it."""
    reviews, better = [], []
    for memory in memories:
        state = kept[memory.term_id].state
        if not is_better(state, memory.state):
            continue
        before: MemoryState | None = memory.state
        for given in answers.get(memory.term_id, []):
            memory.reviews += 1
            reviews.append(
                _review(memory, memory.reviews, (given[0], given[1], before or given[2]))
            )
            before = None
        memory.state = state
        better.append(memory)
    Review.objects.bulk_create(reviews)
    Memory.objects.bulk_update(
        better, ["phase", "step", "stability", "difficulty", "due", "reviewed_at", "reviews"]
    )


def _review(memory: Memory, number: int, given: Given) -> Review:
    answer, at, before = given
    return Review(
        memory=memory,
        number=number,
        rating=answer.rating,
        kind=answer.kind,
        at=at,
        before=before.as_json() if before else None,
    )
