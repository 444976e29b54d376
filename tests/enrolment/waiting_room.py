"""A full intake, people who wait for it, and places that come free."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from courses.models import Course, Intake
from enrolment import freeing, waiting
from enrolment.models import Enrolment, Offer, WaitingListEntry
from tests.courses.making import a_price, an_intake, enrol, london

# Noon on 1 March 2126, two months before the intake.
MARCH = london("2126-03-01 12:00")


def a_full_intake(course: Course, month: str = "2126-05", **fields: Any) -> Intake:
    """£90, one place, and somebody in it."""
    intake = an_intake(course, month, **{"capacity": 1, **fields})
    price = a_price(intake, available_from=london("2026-01-01 00:00"))
    someone, _ = User.objects.get_or_create(email=f"in-{month}@example.org")
    enrol(someone, intake, price=price)
    Intake.objects.filter(pk=intake.pk).update(places_taken=1)
    intake.prices.update(places_booked=1)
    intake.refresh_from_db()
    return intake


def wait(student: User, intake: Intake, *also: Intake, at: datetime = MARCH) -> WaitingListEntry:
    """Join the list; a minute later for each who has joined before."""
    later = at + timedelta(minutes=WaitingListEntry.objects.count())
    return waiting.join(student=student, intake=intake, also=also, at=later)


def free_a_place(intake: Intake, *, at: datetime = MARCH + timedelta(days=1)) -> None:
    """Somebody who was enrolled gives the place up."""
    enrolment = Enrolment.objects.filter(intake=intake, status="enrolled").latest("created_at")
    with transaction.atomic():
        enrolment.cancel(at=at)
        freeing.free_taken(enrolment, at=at)


def open_offers(intake: Intake) -> list[str]:
    """Whom places are kept for, by the first name."""
    offers = Offer.objects.filter(intake=intake, status=Offer.Status.OPEN)
    names = offers.order_by("created_at", "pk").values_list("entry__student__name", flat=True)
    return sorted(name.split()[0] for name in names)


def statuses() -> dict[str, str]:
    """Each entry's status, by its student's first name."""
    entries = WaitingListEntry.objects.select_related("student")
    return {entry.student.name.split()[0]: entry.status for entry in entries}
