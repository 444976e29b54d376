"""Every minute: offers whose time is over, places that came free unseen, lists that are over.

A place that somebody gives up is offered on where it is freed (``enrolment.freeing``). What is
left for this job is what time does, and what staff change elsewhere: more places, a new price, an
earlier closing.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from courses.models import Intake
from enrolment import freeing, jobs, offering, waiting
from enrolment.models import Enrolment, Offer, WaitingListEntry

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Intake, Offer, WaitingListEntry)


@dataclass(frozen=True)
class Report:
    """What a run did: how many offers and entries."""

    expired: int = 0
    withdrawn: int = 0
    needless: int = 0
    offered: int = 0
    closed: int = 0


def run(*, at: datetime) -> Report:
    """Do all of it; what fails for one row is logged, and done for the others."""
    return Report(
        expired=_each(_due(at=at), lambda one: expire(one, at=at)),
        withdrawn=_each(_over(at=at), lambda one: len(offering.withdraw_all(one, at=at))),
        needless=_each(_enrolled_elsewise(), lambda one: waiting.end_needless(one, at=at)),
        offered=_each(_with_free_places(at=at), lambda one: _pass_on(one, at=at)),
        closed=_each(
            offering.hopeless(at=at).filter(status=WaitingListEntry.Status.WAITING),
            lambda one: close(one, at=at),
        ),
    )


def _each(rows: Iterable[Row], work: Callable[[Row], int]) -> int:
    done = 0
    for row in rows:
        try:
            done += work(row)
        except Exception:
            # One row that nobody foresaw must not keep all others waiting.
            logger.exception("Passing on failed at %s.", row)
    return done


@transaction.atomic
def expire(offer: Offer, *, at: datetime) -> bool:
    """The offer was not used in time: its entry ends, the student is told, the place passes on.

    False where nothing happened, because it was taken, or is over already, or not yet.
    """
    offering.locked_intake(offer.intake_id)
    entry = WaitingListEntry.objects.select_for_update(no_key=True).get(pk=offer.entry_id)
    locked = Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    if locked.status != Offer.Status.OPEN or at < locked.expires_at:
        return False
    entry.end(WaitingListEntry.Status.LAPSED, at=at)
    locked.end(Offer.Status.EXPIRED, at=at)
    jobs.send_mail.defer(kind="offer_over", key=str(locked.pk))
    freeing.free_held(locked.intake_id, locked.price_id, at=at)
    return True


@transaction.atomic
def close(entry: WaitingListEntry, *, at: datetime) -> bool:
    """No place can come free for this entry any more; the student is told."""
    locked = WaitingListEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    if not locked.is_waiting or not offering.hopeless(at=at).filter(pk=entry.pk).exists():
        return False
    locked.end(WaitingListEntry.Status.CLOSED, at=at)
    jobs.send_mail.defer(kind="waiting_over", key=str(locked.pk))
    return True


@transaction.atomic
def _pass_on(intake: Intake, *, at: datetime) -> int:
    return len(offering.pass_on(intake.pk, at=at))


def _over(*, at: datetime) -> QuerySet[Intake]:
    """Intakes that are cancelled or closed, with offers that nobody can take any more."""
    opened = Offer.objects.filter(intake=OuterRef("pk"), status=Offer.Status.OPEN)
    return Intake.objects.filter(Q(cancelled_at__lte=at) | Q(closes_at__lte=at), Exists(opened))


def _due(*, at: datetime) -> QuerySet[Offer]:
    return Offer.objects.filter(status=Offer.Status.OPEN, expires_at__lte=at).order_by("expires_at")


def _enrolled_elsewise() -> QuerySet[WaitingListEntry]:
    """Live entries of those who are in the intake, or in the one they have an offer for."""
    enrolled = Enrolment.objects.filter(
        student=OuterRef("student"), status=Enrolment.Status.ENROLLED
    )
    opened = Offer.objects.filter(entry=OuterRef(OuterRef("pk")), status=Offer.Status.OPEN)
    return WaitingListEntry.objects.filter(
        Exists(enrolled.filter(intake=OuterRef("intake")))
        | Exists(enrolled.filter(intake__in=opened.values("intake"))),
        status__in=WaitingListEntry.LIVE,
    )


def _with_free_places(*, at: datetime) -> QuerySet[Intake]:
    """Intakes that sell, have a place for somebody, and for which somebody waits."""
    still_open = Q(closes_at=None) | Q(closes_at__gt=at)
    free = Q(capacity=None) | Q(capacity__gt=F("places_taken") + F("places_held"))
    return Intake.objects.filter(
        still_open,
        free,
        Q(cancelled_at=None) | Q(cancelled_at__gt=at),
        Exists(offering.waiting_for(OuterRef("pk"))),
        is_published=True,
    )
