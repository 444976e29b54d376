"""Offering free places to those who wait: who is next, at which price, and for how long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from courses.calendar import london_date
from courses.models import Intake, Price
from courses.models.intake import MINIMUM_OFFER_HOURS
from courses.templatetags.dates import day
from courses.templatetags.money import money
from enrolment import jobs, places
from enrolment.models import Enrolment, Move, Offer, WaitingListEntry


def pass_on(intake_id: int, *, at: datetime) -> list[Offer]:
    """Offer every free place of an intake to whoever has waited longest; inside a transaction.

    Nothing happens where nobody waits, the intake no longer sells, it has no price that anyone
    can book, or too little time is left for an offer.
    """
    if not waiting_for(intake_id).exists():
        return []
    intake = locked_intake(intake_id)
    ends = expires_at(intake, at=at)
    if ends is None or not is_selling(intake, at=at):
        return []
    waiting = waiting_for(intake_id).count()
    free = waiting if intake.places_left is None else min(intake.places_left, waiting)
    offers = (_offer_one(intake, ends=ends, at=at) for _ in range(free))
    return [offer for offer in offers if offer]


def locked_intake(intake_id: int) -> Intake:
    """The intake, locked against everyone else who wants a place in it."""
    rows = Intake.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("course").get(pk=intake_id)


def lock_intakes(*keys: int) -> None:
    """Lock several intakes, in one order everywhere, so that no two who do can block each other."""
    rows = Intake.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    list(rows.filter(pk__in=keys).values_list("pk", flat=True))


def is_selling(intake: Intake, *, at: datetime) -> bool:
    """Whether someone who has a place in it offered could take it up."""
    return intake.course.is_published and intake.is_selling(at=at)


def is_over(intake: Intake, *, at: datetime) -> bool:
    """Whether it was called off or has closed, so that no offer of it can be taken any more."""
    ends = [moment for moment in (intake.cancelled_at, intake.closes_at) if moment]
    return any(moment <= at for moment in ends)


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


def waiting_for(intake: int | OuterRef) -> QuerySet[WaitingListEntry]:
    """Those who would take a place in this intake and have none, the longest waiting first.

    ``intake`` is its key, or a reference to one where this is part of another query.
    """
    within = OuterRef(intake) if isinstance(intake, OuterRef) else intake
    named = WaitingListEntry.also.through.objects.filter(
        waitinglistentry=OuterRef("pk"), intake_id=within
    )
    theirs = {"intake_id": within, "student_id": OuterRef("student_id")}
    has_place = Enrolment.objects.live().filter(**theirs)
    is_moving = Move.objects.filter(
        to_intake_id=within,
        enrolment__student_id=OuterRef("student_id"),
        status=Move.Status.PENDING,
    )
    has_offer = Offer.objects.filter(
        intake_id=within, entry__student_id=OuterRef("student_id"), status=Offer.Status.OPEN
    )
    return WaitingListEntry.objects.filter(
        Q(intake_id=intake) | Exists(named),
        ~Exists(has_place),
        ~Exists(is_moving),
        ~Exists(has_offer),
        status=WaitingListEntry.Status.WAITING,
        student__is_active=True,
    ).order_by("joined_at", "pk")


def _offer_one(intake: Intake, *, ends: datetime, at: datetime) -> Offer | None:
    """Offer one free place of a locked intake to the next in line, at the price of this moment.

    Prices are booked under their intake's lock, so nobody holds one and waits for an entry.
    """
    price, entry = price_for_anyone(intake, at=at), _next_in_line(intake)
    if price is None or entry is None or not places.book_price(price.pk):
        return None
    if not places.hold(intake.pk, at=at):
        places.release_price(price.pk)
        return None
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


def _next_in_line(intake: Intake) -> WaitingListEntry | None:
    """Whoever has waited longest, locked.

    An entry that somebody else has locked is being offered a place in another intake at this
    moment, or its student is leaving: its own intake is locked by us.
    """
    line = waiting_for(intake.pk)
    return line.select_for_update(no_key=True, of=("self",), skip_locked=True).first()


@transaction.atomic
def withdraw_all(intake: Intake, *, at: datetime) -> list[Offer]:
    """Withdraw every open offer of an intake that is called off or closed; its places are free.

    Those who named another intake that still sells wait on, in their old place in the line; for
    the others it is over. Each is told. Running it again changes nothing.
    """
    locked_intake(intake.pk)
    # Offers of an intake are made and ended under its lock, so these are all there are.
    offers = list(Offer.objects.filter(intake=intake.pk, status=Offer.Status.OPEN))
    for offer in offers:
        places.release_held(intake.pk)
        places.release_price(offer.price_id)
    entries = WaitingListEntry.objects.select_for_update(no_key=True, of=("self",))
    for offer in offers:
        entry = entries.get(pk=offer.entry_id)
        if hopeless(at=at, besides=intake.pk).filter(pk=entry.pk).exists():
            entry.end(WaitingListEntry.Status.CLOSED, at=at)
        else:
            entry.status = WaitingListEntry.Status.WAITING
            entry.save(update_fields=["status"])
        offer.end(Offer.Status.WITHDRAWN, at=at)
        jobs.send_mail.defer(kind="offer_over", key=str(offer.pk))
    return offers


def hopeless(*, at: datetime, besides: int | None = None) -> QuerySet[WaitingListEntry]:
    """Live entries for which no place can come free any more: all their intakes are over.

    An intake taken off the site may be put back, so it is no reason. ``besides`` is the key of
    one that is to count as over.
    """
    hopeful = Intake.objects.filter(
        Q(closes_at=None) | Q(closes_at__gt=at), Q(cancelled_at=None) | Q(cancelled_at__gt=at)
    )
    if besides is not None:
        hopeful = hopeful.exclude(pk=besides)
    named = WaitingListEntry.also.through.objects.filter(
        waitinglistentry=OuterRef("pk"), intake__in=hopeful
    )
    live = WaitingListEntry.objects.filter(status__in=WaitingListEntry.LIVE)
    return live.filter(~Exists(hopeful.filter(pk=OuterRef("intake_id"))), ~Exists(named))


def amount_now(offer: Offer, price: Price, *, at: datetime) -> int:
    """What the offered place costs at ``at``, in pence; ``price`` is the offered one as it is now.

    What the offer says is not raised. Where the price has been lowered meanwhile, and is on sale,
    whoever waited pays no more than anybody else.
    """
    return min(offer.amount, price.amount) if price.is_on_sale(at=at) else offer.amount


def price_in_words(offer: Offer) -> str:
    """The price as it is now, and where it rose while the student waited, from what, and why."""
    said = {"now": _fee(offer.amount)}
    if offer.risen_from is None:
        return _("It is %(now)s.") % said
    entry = offer.entry
    said |= {"then": _fee(offer.risen_from), "price": entry.price_name_then}
    price = offer.intake.prices.filter(name=entry.price_name_then).first()
    if price and price.available_until and price.available_until <= offer.created_at:
        # At midnight a day is over: what ends then was last to be had on the day before.
        last = london_date(price.available_until - timedelta(microseconds=1))
        words = _(
            "It is %(now)s. When you joined the list it was %(then)s (%(price)s), "
            "which ended on %(day)s."
        )
        return words % {**said, "day": day(last)}
    if price and price.places_left == 0:
        words = _(
            "It is %(now)s. When you joined the list it was %(then)s (%(price)s), "
            "of which the last place has been booked."
        )
        return words % said
    return _("It is %(now)s. When you joined the list it was %(then)s (%(price)s).") % said


def _fee(pence: int) -> str:
    return money(pence) if pence else _("free")
