"""The practice of visitors, in their session, bounded; and how it comes into an account.

A session is one value that is read and written as a whole: of two tabs that answer *different*
cards in the same instant, one may win. The same card counts once.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from glossary.models import TermQuerySet
from glossary.practice.keeping import Answer, Kept, LastAnswer
from glossary.practice.scheduling import MemoryState, Rating, rated

KEY = "practice"
# Full, that is 33 kB of JSON and 11 kB as it is stored, whatever the size of the glossary.
MOST_TERMS = 150
MOST_ANSWERS = 50


class SessionMemories:
    """One visitor's practice; what ``keeping.Memories`` says of it."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session

    def _stored(self) -> dict[str, Any]:
        stored: dict[str, Any] = self.session.get(KEY) or {"terms": {}, "answers": [], "given": 0}
        return stored

    def all(self) -> dict[int, Kept]:
        """No query of its own; the session is read once a request."""
        return {int(term): _kept(entry) for term, entry in self._stored()["terms"].items()}

    @property
    def room(self) -> int | None:
        """Up to ``MOST_TERMS`` in all."""
        return max(0, MOST_TERMS - len(self._stored()["terms"]))

    def one(self, term_id: int) -> Kept | None:
        """No query."""
        entry = self._stored()["terms"].get(str(term_id))
        return _kept(entry) if entry else None

    def begun(self) -> list[int]:
        """No query."""
        return [int(term) for term in self._stored()["terms"]]

    def begun_since(self, since: datetime) -> int:
        """No query."""
        return sum(one.begun_at >= since for one in self.all().values())

    def until(self, terms: TermQuerySet, *, until: datetime) -> list[tuple[int, datetime, int]]:
        """One query."""
        return [one for one in self._by_due(terms) if one[1] <= until]

    def next_at(self, terms: TermQuerySet, *, after: datetime) -> datetime | None:
        """One query."""
        return next((due for _, due, _ in self._by_due(terms) if due > after), None)

    def _by_due(self, terms: TermQuerySet) -> list[tuple[int, datetime, int]]:
        kept = self.all()
        there = terms.filter(pk__in=list(kept)).values_list("pk", flat=True) if kept else []
        states = [(term, kept[term].state) for term in there]
        return sorted(
            ((term, state.due, state.phase) for term, state in states),
            key=lambda one: (one[1], one[0]),
        )

    def rate(self, answer: Answer, *, at: datetime) -> bool:
        """False also where the session holds as many terms as it may, and this is another."""
        stored = self._stored()
        terms = stored["terms"]
        entry = terms.get(str(answer.term_id))
        kept = _kept(entry) if entry else None
        if (kept.reviews if kept else 0) != answer.number:
            return False
        if kept is None and len(terms) >= MOST_TERMS:
            return False
        state = rated(kept.state if kept else None, answer.rating, at=at)
        begun_at = kept.begun_at if kept else state.reviewed_at
        terms[str(answer.term_id)] = [state.as_json(), answer.number + 1, begun_at.isoformat()]
        stored["given"] += 1
        stored["answers"].append(
            [
                stored["given"],
                answer.term_id,
                answer.number + 1,
                int(answer.rating),
                answer.kind,
                state.reviewed_at.isoformat(),
                kept.state.as_json() if kept else None,
            ]
        )
        del stored["answers"][:-MOST_ANSWERS]
        self.session[KEY] = stored
        return True

    def last(self) -> LastAnswer | None:
        """The latest of the answers that are kept."""
        answers = self._stored()["answers"]
        if not answers:
            return None
        token, term_id, _, rating, _, at, _ = answers[-1]
        return LastAnswer(str(token), term_id, Rating(rating), datetime.fromisoformat(at))

    def undo(self, token: str) -> int | None:
        """Take the latest answer back."""
        stored = self._stored()
        if not stored["answers"] or str(stored["answers"][-1][0]) != token:
            return None
        _, term_id, number, _, _, _, before = stored["answers"].pop()
        if before is None:
            del stored["terms"][str(term_id)]
        else:
            begun_at = stored["terms"][str(term_id)][2]
            stored["terms"][str(term_id)] = [before, number - 1, begun_at]
        self.session[KEY] = stored
        return int(term_id)

    def answers_since(self, since: datetime) -> Iterable[tuple[int, datetime, MemoryState | None]]:
        """Of the last ``MOST_ANSWERS`` alone."""
        return [
            (answer.term_id, at, before) for answer, at, before in self.answers() if at >= since
        ]

    def answers(self) -> list[tuple[Answer, datetime, MemoryState | None]]:
        """The answers that are kept, in order, each with its time and the state before it."""
        return [
            (
                Answer(term_id, number - 1, Rating(rating), kind),
                datetime.fromisoformat(at),
                MemoryState.from_json(before) if before else None,
            )
            for _, term_id, number, rating, kind, at, before in self._stored()["answers"]
        ]

    def forget(self) -> None:
        """Take all of it out of the session."""
        self.session.pop(KEY, None)


def _kept(entry: list[Any]) -> Kept:
    state, reviews, begun_at = entry
    return Kept(MemoryState.from_json(state), reviews, datetime.fromisoformat(begun_at))
