"""Finding what never came: payments left half opened, webhooks that got lost, refunds under way.

Runs every minute as a job, and as ``manage.py reconcile``. Each step stands alone: when Stripe is
away, what could not be looked at is looked at the next time.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from enrolment import events, history, paying, payments, refunding, settling
from enrolment.lapsing import let_go
from enrolment.models import Enrolment, Payment, Refund, StripeEvent

logger = logging.getLogger(__name__)

# A request that is still in hand is left alone for this long.
GRACE = timedelta(seconds=20)
# How far back Stripe's own list is read: every minute, as long as a place is held and a little
# more; every hour, far enough to make up for a day on which nothing of ours ran.
SHORTLY = timedelta(minutes=settings.PLACE_HOLD_MINUTES + 30)
LONG = timedelta(hours=48)

Row = TypeVar("Row", Payment, Enrolment, Refund, StripeEvent, payments.CheckoutSession)


@dataclass
class Report:
    """What a run looked at, and what it could not finish."""

    opened: int = 0
    settled: int = 0
    events: int = 0
    refunds: int = 0
    lapsed: int = 0
    problems: list[str] = field(default_factory=list)


def reconcile(*, at: datetime, look_back: timedelta = LONG) -> Report:
    """Bring our records and Stripe's together, as far as Stripe can be reached.

    Stripe's list of sessions is read from ``look_back`` before ``at``.
    """
    report = Report()
    before = at - GRACE
    unopened = Payment.objects.filter(
        status=Payment.Status.PENDING, created_at__lt=before, session_id=None
    )
    report.opened = _each(
        unopened.select_related("enrolment__intake"),
        lambda payment: _open(payment, at=at),
        report,
    )
    report.settled = _each(
        _to_ask_about(before, is_long=look_back >= LONG),
        lambda payment: settling.settle(payment, at=at),
        report,
    )
    report.settled += _each(
        _paid_unnoticed(report, since=at - look_back),
        lambda session: settling.settle_session(session, at=at),
        report,
    )
    report.events = _each(
        StripeEvent.objects.filter(
            processed_at=None,
            received_at__lt=before,
            type__in=events.SESSION_EVENTS | events.REFUND_EVENTS,
        ),
        lambda event: events.process(event, at=at),
        report,
    )
    report.refunds = _each(
        Refund.objects.filter(status=Refund.Status.PENDING, created_at__lt=before).select_related(
            "payment"
        ),
        lambda refund: refunding.carry_out(refund, at=at),
        report,
    )
    report.lapsed = _each(_held_too_long(at=at), lambda held: _let_go(held, at=at), report)
    return report


def _to_ask_about(before: datetime, *, is_long: bool) -> QuerySet[Payment]:
    """Open payments with a session; those that take days are asked about every hour only."""
    statuses = Payment.OPEN if is_long else [Payment.Status.PENDING]
    return Payment.objects.filter(status__in=statuses, created_at__lt=before).exclude(
        session_id=None
    )


def _held_too_long(*, at: datetime) -> QuerySet[Enrolment]:
    """Places kept for an offer or a link to pay by whose time is over, and nobody is paying."""
    waiting = Enrolment.objects.filter(status=Enrolment.Status.PENDING, held_until__lte=at)
    return waiting.exclude(payments__status__in=Payment.OPEN)


@transaction.atomic
def _let_go(enrolment: Enrolment, *, at: datetime) -> None:
    locked = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if locked.is_pending and not locked.payments.filter(status__in=Payment.OPEN).exists():
        let_go(locked, kind=history.Kind.LAPSED, mail="expired", at=at)


def _each(rows: Iterable[Row], work: Callable[[Row], None], report: Report) -> int:
    """Do ``work`` for every row; the number done. The first sign that Stripe is away ends it."""
    done = 0
    for row in rows:
        try:
            work(row)
            done += 1
        except payments.OutcomeUnknown as error:
            report.problems.append(f"Stripe does not answer: {error}")
            break
        except payments.PaymentsError as error:
            report.problems.append(f"{row}: {error}")
        except Exception as error:
            # One row that nobody foresaw must not keep the money of all others waiting.
            logger.exception("Reconciling %s failed.", row)
            report.problems.append(f"{row}: {error!r}")
    return done


def _open(payment: Payment, *, at: datetime) -> None:
    try:
        paying.open_session(payment, at=at)
    except paying.CheckoutRefused:
        logger.warning("Payment %s was refused; its place is free again.", payment.reference)


def _paid_unnoticed(report: Report, *, since: datetime) -> list[payments.CheckoutSession]:
    """Sessions that Stripe says are paid and we do not."""
    try:
        paid = [one for one in payments.list_sessions(since=since) if one.is_paid]
    except payments.PaymentsError as error:
        report.problems.append(f"Stripe's sessions could not be listed: {error}")
        return []
    known = set(
        Payment.objects.filter(
            session_id__in=[one.id for one in paid], status=Payment.Status.PAID
        ).values_list("session_id", flat=True)
    )
    return [one for one in paid if one.id not in known]
