"""Offering free places to those who wait: who is next, at which price, and for how long."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from courses.models import Intake, Price
from courses.models.intake import MINIMUM_OFFER_HOURS
from enrolment import jobs, places
from enrolment.models import Enrolment, Offer, WaitingListEntry


def pass_on(intake_id: int, *, at: datetime) -> list[Offer]:
    """Offer every free place of an intake to whoever has waited longest; inside a transaction.

    Nothing happens where nobody waits, the intake no longer sells, it has no price that anyone
    can book, or too little time is left for an offer.
    """
    if not _waiting_for(intake_id).exists():
        return []
    intake = locked_intake(intake_id)
    made: list[Offer] = []
    while offer := _offer_next(intake, at=at):
        made.append(offer)
    return made


def locked_intake(intake_id: int) -> Intake:
    """The intake, locked against everyone else who wants a place in it."""
    rows = Intake.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("course").get(pk=intake_id)


def expires_at(intake: Intake, *, at: datetime) -> datetime | None:
    """When an offer made at ``at`` ends; None where the intake closes too soon to make one."""
    ends = at + timedelta(hours=intake.offer_hours)
    if intake.closes_at is None:
        return ends
    soonest = at + timedelta(hours=MINIMUM_OFFER_HOURS)
    return min(ends, intake.closes_at) if intake.closes_at >= soonest else None


def price_for_anyone(intake: Intake, *, at: datetime) -> Price | None:
    """The cheapest price that anyone can book now: what an offer names."""
    prices = intake.prices.exclude(kind=Price.Kind.CONCESSION).order_by("amount", "pk")
    return next((price for price in prices if price.is_bookable(at=at)), None)


def _waiting_for(intake_id: int) -> QuerySet[WaitingListEntry]:
    """Those who would take a place in this intake and have none, the longest waiting first."""
    has_one = Enrolment.objects.live().filter(intake_id=intake_id).values("student_id")
    return (
        WaitingListEntry.objects.filter(
            Q(intake_id=intake_id)
            | Q(pk__in=WaitingListEntry.also.through.objects.filter(
                intake_id=intake_id).values("waitinglistentry_id")),
            status=WaitingListEntry.Status.WAITING,
        )
        .exclude(student_id__in=has_one)
        .order_by("joined_at", "pk")
    )  # fmt: skip


def _offer_next(intake: Intake, *, at: datetime) -> Offer | None:
    """Offer one free place to the next in line; None where there is no more to offer."""
    if not intake.is_selling(at=at) or intake.places_left == 0:
        return None
    price, ends = price_for_anyone(intake, at=at), expires_at(intake, at=at)
    if price is None or ends is None:
        return None
    # The intake's lock comes before an entry's; whoever leaves the list keeps to that as well.
    # An entry that is locked is being offered a place in another intake at this moment.
    entry = _waiting_for(intake.pk).select_for_update(of=("self",), skip_locked=True).first()
    if entry is None or not places.book_price(price.pk) or not places.hold(intake.pk, at=at):
        return None
    intake.places_held += 1
    entry.status = WaitingListEntry.Status.OFFERED
    entry.save(update_fields=["status"])
    offer = Offer.objects.create(
        entry=entry,
        intake=intake,
        price=price,
        price_name=price.name,
        amount=price.amount,
        created_at=at,
        expires_at=ends,
    )
    jobs.send_mail.defer(kind="offer", key=str(offer.pk))
    return offer
