"""What is kept of a person's practice, wherever it is kept.

``accounts`` keeps it in the database, ``visits`` in a visitor's session; pages see only this.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest

from glossary.models import TermQuerySet
from glossary.practice.scheduling import MemoryState, Rating


@dataclass(frozen=True)
class Kept:
    """One term in one head: where FSRS has it, how many answers there were, since when."""

    state: MemoryState
    reviews: int
    begun_at: datetime


@dataclass(frozen=True)
class Answer:
    """What somebody said of a card; ``number`` is how many answers there were when it was shown."""

    term_id: int
    number: int
    rating: Rating
    kind: str


@dataclass(frozen=True)
class LastAnswer:
    """The answer that can be undone, by its ``token``."""

    token: str
    term_id: int
    rating: Rating
    at: datetime


class Gone(Exception):
    """The term was deleted since its card was shown."""


class Memories(Protocol):
    """One person's practice."""

    @property
    def room(self) -> int | None:
        """How many more terms it can hold; None is no limit."""

    def all(self) -> dict[int, Kept]:
        """Every term practised, by its id."""

    def one(self, term_id: int) -> Kept | None:
        """One of them; None where it has not been begun."""

    def begun(self) -> Any:
        """The ids of all of them, as ``pk__in`` takes them."""

    def begun_since(self, since: datetime) -> int:
        """How many have been begun since then."""

    def until(self, terms: TermQuerySet, *, until: datetime) -> list[tuple[int, datetime, int]]:
        """Id, due and phase of those of ``terms`` that are due by then, the first due first."""

    def next_at(self, terms: TermQuerySet, *, after: datetime) -> datetime | None:
        """When the first of ``terms`` that is due later comes back."""

    def rate(self, answer: Answer, *, at: datetime) -> bool:
        """Count the answer; False where the card has been answered since it was shown.

        Raises Gone where the term is not there any more; a session may be asked about it later.
        """

    def last(self) -> LastAnswer | None:
        """The latest answer that has not been undone."""

    def undo(self, token: str) -> int | None:
        """Take the latest answer back; the term's id, or None where ``token`` is not its."""

    def answers_since(self, since: datetime) -> Iterable[tuple[int, datetime, MemoryState | None]]:
        """Term, time and the state before of every answer kept since then, in order."""


def memories_of(request: HttpRequest) -> Memories:
    """The practice of whoever asks: of the account, else of the session."""
    from glossary.practice.accounts import AccountMemories
    from glossary.practice.visits import SessionMemories

    if request.user.is_authenticated:
        return AccountMemories(request.user)
    return SessionMemories(request.session)
