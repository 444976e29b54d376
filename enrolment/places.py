"""The counters of places. Every change of them is one of these statements.

Each is a conditional update: it takes the row's lock, sees what the transactions before it did,
and changes one row or none. Check constraints (``intake_never_oversold``,
``price_never_oversold``, ``voucher_never_overused``) stand behind them.
Callers update last in their transaction, voucher, intake, price in this order, since everyone who
wants this intake waits for the row.

A place is held by a pending enrolment, an open offer or a move that waits for its payment; it is
taken by someone enrolled.
"""

from datetime import datetime

from django.db.models import F, Q

from courses.models import Intake, Price
from courses.states import IntakeQuerySet
from enrolment.models import Voucher


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
    """Take a place for money that came after its hold ended; False where none is left.

    Staff who enrol by hand after enrolment has closed take one in the same way.
    """
    free = _not_cancelled(_with_a_place(intake_id), at=at)
    return bool(free.update(places_taken=F("places_taken") + 1))


def hold_late(intake_id: int, *, at: datetime) -> bool:
    """Keep a place though the intake may have closed: staff send a link to pay by."""
    free = _not_cancelled(_with_a_place(intake_id), at=at)
    return bool(free.update(places_held=F("places_held") + 1))


def take_held(intake_id: int, *, at: datetime) -> bool:
    """The held place is paid for; False where the intake was cancelled meanwhile."""
    takes_place = _not_cancelled(Intake.objects.filter(pk=intake_id), at=at)
    return bool(
        takes_place.update(places_held=F("places_held") - 1, places_taken=F("places_taken") + 1)
    )


def release_held(intake_id: int) -> None:
    """The held place is free again."""
    Intake.objects.filter(pk=intake_id).update(places_held=F("places_held") - 1)


def release_taken(intake_id: int) -> None:
    """The place of someone who was enrolled is free again."""
    Intake.objects.filter(pk=intake_id).update(places_taken=F("places_taken") - 1)


def book_price(price_id: int | None) -> bool:
    """Count a place at this price; False where its own limit is reached."""
    if price_id is None:
        return True
    free = Q(places_limit=None) | Q(places_limit__gt=F("places_booked"))
    booked = Price.objects.filter(free, pk=price_id).update(places_booked=F("places_booked") + 1)
    return bool(booked)


def release_price(price_id: int | None) -> None:
    """One place fewer is booked at this price."""
    if price_id is not None:
        Price.objects.filter(pk=price_id).update(places_booked=F("places_booked") - 1)


def use_voucher(voucher_id: int) -> bool:
    """Count a use; False where the voucher is used up or was withdrawn."""
    left = Q(limit=None) | Q(limit__gt=F("times_used"))
    usable = Voucher.objects.filter(left, pk=voucher_id, is_withdrawn=False)
    return bool(usable.update(times_used=F("times_used") + 1))


def give_voucher_back(voucher_id: int | None) -> None:
    """A use that came to nothing counts no more."""
    if voucher_id is not None:
        Voucher.objects.filter(pk=voucher_id).update(times_used=F("times_used") - 1)
