"""The counters of an intake's places. Every change of them is one of these statements.

Each is a conditional update: it takes the row's lock, sees what the transactions before it did,
and changes one row or none. The check constraint ``intake_never_oversold`` stands behind them.
Callers update last in their transaction, since everyone who wants this intake waits for the row.
"""

from datetime import datetime

from django.db.models import F, Q

from courses.models import Intake
from courses.states import IntakeQuerySet


def _with_a_place(intake_id: int) -> IntakeQuerySet:
    free = Q(capacity=None) | Q(capacity__gt=F("places_taken") + F("places_held"))
    return Intake.objects.filter(free, pk=intake_id)


def _selling(intakes: IntakeQuerySet, *, at: datetime) -> IntakeQuerySet:
    still_open = Q(closes_at=None) | Q(closes_at__gt=at)
    return _not_cancelled(intakes.filter(still_open, is_published=True), at=at)


def hold(intake_id: int, *, at: datetime) -> bool:
    """Keep a place for someone who is paying; False where there is none, or it no longer sells."""
    return bool(_selling(_with_a_place(intake_id), at=at).update(places_held=F("places_held") + 1))


def take(intake_id: int, *, at: datetime) -> bool:
    """Take a free place at once; False where there is none, or the intake no longer sells."""
    return bool(
        _selling(_with_a_place(intake_id), at=at).update(places_taken=F("places_taken") + 1)
    )


def _not_cancelled(intakes: IntakeQuerySet, *, at: datetime) -> IntakeQuerySet:
    return intakes.filter(Q(cancelled_at=None) | Q(cancelled_at__gt=at))


def take_late(intake_id: int, *, at: datetime) -> bool:
    """Take a place for money that came after its hold ended; False where none is left."""
    free = _not_cancelled(_with_a_place(intake_id), at=at)
    return bool(free.update(places_taken=F("places_taken") + 1))


def take_held(intake_id: int, *, at: datetime) -> bool:
    """The held place is paid for; False where the intake was cancelled meanwhile."""
    takes_place = _not_cancelled(Intake.objects.filter(pk=intake_id), at=at)
    return bool(
        takes_place.update(places_held=F("places_held") - 1, places_taken=F("places_taken") + 1)
    )


def release_held(intake_id: int) -> None:
    """The held place is free again."""
    Intake.objects.filter(pk=intake_id).update(places_held=F("places_held") - 1)
