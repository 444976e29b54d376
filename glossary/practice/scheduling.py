"""When a term comes back, by FSRS with its published weights, and without chance.

Days are days of the calendar in London, as in the data that FSRS was fitted to: what was asked
last evening was asked a day ago this morning, and what comes back after days comes back at the
beginning of its day. Steps of minutes are exact.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from typing import Any

from django.utils import timezone
from fsrs import Card, Scheduler, State
from fsrs import Rating as FsrsRating

# Whatever is known is asked once a year.
LONGEST = 365  # days
_SCHEDULER = Scheduler(maximum_interval=LONGEST, enable_fuzzing=False)


class Phase(IntEnum):
    """How far a term has come; FSRS's own numbers."""

    LEARNING = State.Learning
    REVIEW = State.Review
    RELEARNING = State.Relearning


class Rating(IntEnum):
    """How well the answer was known; FSRS's own numbers."""

    AGAIN = FsrsRating.Again
    HARD = FsrsRating.Hard
    GOOD = FsrsRating.Good
    EASY = FsrsRating.Easy


@dataclass(frozen=True)
class MemoryState:
    """What FSRS knows of one term in one head.

    ``stability`` is in days, ``difficulty`` goes from 1 to 10, ``step`` counts the steps of
    minutes from 0 and is None once they are behind.
    """

    phase: int
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    reviewed_at: datetime

    def as_json(self) -> list[Any]:
        """As JSON can hold it."""
        return [
            int(self.phase),
            self.step,
            self.stability,
            self.difficulty,
            self.due.isoformat(),
            self.reviewed_at.isoformat(),
        ]

    @classmethod
    def from_json(cls, stored: list[Any]) -> "MemoryState":
        """What ``as_json`` gave."""
        phase, step, stability, difficulty, due, reviewed_at = stored
        return cls(
            phase,
            step,
            stability,
            difficulty,
            datetime.fromisoformat(due),
            datetime.fromisoformat(reviewed_at),
        )

    def is_due(self, at: datetime) -> bool:
        """Whether it is time to ask again."""
        return self.due <= at

    def is_known(self, at: datetime) -> bool:
        """Whether the learner has shown that they know it, and need not show it again yet."""
        return self.phase == Phase.REVIEW and self.due > at

    def retrievability(self, at: datetime) -> float:
        """How likely it is, from 0 to 1, that the answer would come to mind at ``at``."""
        return float(_SCHEDULER.get_card_retrievability(_card(self, at), at.astimezone(UTC)))


def rated(state: MemoryState | None, rating: Rating, *, at: datetime) -> MemoryState:
    """The state after an answer at the moment ``at``; None is a term never asked before.

    A clock that runs behind the last answer's counts as standing still.
    """
    at = max(at, state.reviewed_at) if state else at
    moment = at.astimezone(UTC)
    card = _card(state, at) if state else Card(card_id=0, due=moment)
    after, _ = _SCHEDULER.review_card(card, FsrsRating(rating), moment)
    if after.stability is None or after.difficulty is None:
        raise TypeError("FSRS left a card that was reviewed without its numbers")
    reviewed = MemoryState(
        int(after.state), after.step, after.stability, after.difficulty, after.due, moment
    )
    is_in_days = after.due - moment >= timedelta(days=1)
    return replace(reviewed, due=day_start(after.due)) if is_in_days else reviewed


def choices(state: MemoryState | None, *, at: datetime) -> dict[Rating, MemoryState]:
    """What each rating would lead to."""
    return {rating: rated(state, rating, at=at) for rating in Rating}


def day_start(at: datetime) -> datetime:
    """Midnight at the beginning of the day that ``at`` is in, London time, given in UTC."""
    midnight = datetime.combine(timezone.localdate(at), time.min)
    return timezone.make_aware(midnight).astimezone(UTC)


def _card(state: MemoryState, at: datetime) -> Card:
    """The state as FSRS takes it, with the days since the last answer as the calendar counts."""
    days = (timezone.localdate(at) - timezone.localdate(state.reviewed_at)).days
    return Card(
        card_id=0,
        state=State(state.phase),
        step=state.step,
        stability=state.stability,
        difficulty=state.difficulty,
        due=state.due,
        last_review=at.astimezone(UTC) - timedelta(days=days),
    )
