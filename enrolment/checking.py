"""Holding Stripe, payments, places and access against each other: what disagrees, and its repair.

Nothing is changed here. The schedule, ``manage.py reconcile`` and the page in the admin all show
and repair what this finds (``enrolment.reconciling``, ``enrolment.repairing``).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from courses.calendar import london_date
from courses.models import Intake, Price, Provider
from courses.templatetags.dates import day
from enrolment import events, history, paying, recounting, refunding, settling
from enrolment.at_stripe import GRACE, AtStripe, look
from enrolment.comparing import compare
from enrolment.disagreements import Disagreement, Kind, about, list_of, page_of, pounds
from enrolment.models import (
    Dispute,
    Enrolment,
    HistoryEntry,
    Move,
    Offer,
    Payment,
    Refund,
    StripeEvent,
)
from enrolment.recording import with_names

__all__ = ["Disagreement", "Kind", "check", "check_with"]

Found = Iterator[Disagreement]
# Jobs see to everybody in an intake that is called off; what they could not is tried for hours.
SEEN_TO = timedelta(hours=1)


def check(*, at: datetime, look_back: timedelta) -> list[Disagreement]:
    """Everything that disagrees at the moment ``at``, in the order in which it is repaired.

    Stripe's lists are read from ``look_back`` before ``at``. Where Stripe is away, the rest is
    checked all the same.
    """
    return check_with(look(at=at, look_back=look_back, is_thorough=True), is_thorough=True)


def check_with(seen: AtStripe, *, is_thorough: bool) -> list[Disagreement]:
    """The same, with what Stripe said; what is cheap enough for every minute, or all of it."""
    found = [one for look_at in _EVERY_MINUTE for one in look_at(seen)]
    if is_thorough:
        found += [one for look_at in _THOROUGH for one in look_at()]
    if any(one.may_stay for one in found):
        left = set(_left_as_they_are())
        found = [one for one in found if not (one.may_stay and one.mark in left)]
    order = list(Kind)
    return sorted(found, key=lambda one: order.index(one.kind))


def _left_as_they_are() -> QuerySet:
    entries = HistoryEntry.objects.filter(kind=history.Kind.REPAIRED, facts__has_key="left")
    return entries.values_list("facts__left", flat=True)


# Payments --------------------------------------------------------------------------------------


def _payments() -> QuerySet[Payment]:
    return Payment.objects.select_related("enrolment__student", "enrolment__intake__course")


def _about_payment(payment: Payment, kind: Kind, what: str, repair: str | None) -> Disagreement:
    return Disagreement(
        kind,
        f"{about(payment.enrolment)}: {what} ({payment}).",
        where=page_of("enrolment_payment", payment.pk),
        key=str(payment.pk),
        repair=repair,
    )


def _unopened(seen: AtStripe) -> Found:
    """Payments that never got their page; past their time no page can be made any more."""
    listed = {one.payment_key for one in (seen.sessions or {}).values()}
    waiting = _payments().filter(
        status=Payment.Status.PENDING, session_id=None, created_at__lt=seen.at - GRACE
    )
    for payment in waiting:
        if seen.at >= payment.expires_at + paying.CLOCKS_DIFFER_BY:
            # If there is a page after all, it has expired by itself, or was paid: late money is
            # taken care of when Stripe tells of it.
            what = _("the way to pay never came, and its time is over")
            yield _about_payment(payment, Kind.HELD_TOO_LONG, what, "give_up")
        elif str(payment.pk) not in listed:
            what = _("the way to pay has not come yet")
            yield _about_payment(payment, Kind.UNOPENED, what, "open")


def _out_of_reach(seen: AtStripe) -> Found:
    """Pages that Stripe does not know, or cannot be asked about, long after their time."""
    long_over = _payments().filter(
        status=Payment.Status.PENDING, expires_at__lte=seen.at - settling.PATIENCE
    )
    for payment in long_over.exclude(session_id=None):
        if seen.is_away or payment.session_id in seen.unknown:
            what = _("Stripe tells nothing of its page, a day after it could be paid")
            yield _about_payment(payment, Kind.HELD_TOO_LONG, what, "give_up")


def _debits_unknown(seen: AtStripe) -> Found:
    """Debits that were on their way, and of which Stripe knows nothing."""
    on_its_way = _payments().filter(status=Payment.Status.PROCESSING)
    for payment in on_its_way.filter(session_id__in=seen.unknown):
        what = _("Stripe knows nothing of the debit that the place waits for")
        yield _about_payment(payment, Kind.HELD_TOO_LONG, what, "stop_waiting")


def _paid_nowhere() -> Found:
    """Money in use whose place there is not."""
    ended = [Enrolment.Status.PENDING, Enrolment.Status.EXPIRED]
    not_made = ~Q(move=None) & ~Q(move__status=Move.Status.DONE)
    paid = _payments().filter(
        Q(move=None, enrolment__status__in=ended) | not_made,
        status=Payment.Status.PAID,
        flag=Payment.Flag.NONE,
    )
    for payment in paid:
        if kept := refunding.refundable(payment):
            what = _("%(amount)s is paid, and has bought no place") % {"amount": pounds(kept)}
            yield _about_payment(payment, Kind.PAID_NOWHERE, what, "turn_away")


def _flagged_kept() -> Found:
    """Money that could not be used and is not on its way back."""
    flagged = _payments().filter(status=Payment.Status.PAID).exclude(flag=Payment.Flag.NONE)
    for payment in flagged.annotate(returned=_returned()).filter(returned__lt=F("amount_received")):
        kept = refunding.refundable(payment)
        if kept and not payment.refunds.filter(status=Refund.Status.FAILED).exists():
            what = _("%(flag)s, and %(amount)s is still here") % {
                "flag": payment.get_flag_display(),
                "amount": pounds(kept),
            }
            yield _about_payment(payment, Kind.FLAGGED_KEPT, what, "give_back")


def _returned() -> Coalesce:
    """What of a payment has gone back or is on its way, in pence."""
    going = Refund.objects.filter(payment=OuterRef("pk")).exclude(status=Refund.Status.FAILED)
    return _sum(going, "payment", "amount")


def _sum(rows: QuerySet, by: str, name: str) -> Coalesce:
    summed = rows.order_by().values(by).annotate(sum=Sum(name)).values("sum")
    return Coalesce(Subquery(summed), 0)


def _refunds(seen: AtStripe) -> Found:
    """Refunds that were never asked for, and those that failed."""
    mine = with_names().filter(created_at__lt=seen.at - GRACE)
    to_ask = mine.filter(status=Refund.Status.PENDING, stripe_id="", payment__method="stripe")
    listed = {one.refund_key for one in (seen.refunds or {}).values()}
    for refund in to_ask:
        if str(refund.pk) not in listed:
            what = _("Stripe has not been asked for it yet")
            yield _about_refund(refund, Kind.REFUND_BEHIND, what, "follow_refund")
    for refund in mine.filter(status=Refund.Status.FAILED):
        yield _about_refund(
            refund, Kind.REFUND_FAILED, _("the money is still here"), "refund_again"
        )


def _refunds_by_hand() -> Found:
    """What was paid elsewhere, and staff have yet to give back."""
    by_hand = with_names().filter(status=Refund.Status.PENDING, payment__method="elsewhere")
    for refund in by_hand:
        what = _("it was paid elsewhere, so pay it back and mark it there")
        yield _about_refund(refund, Kind.REFUND_BY_HAND, what, None)


def _owed() -> Found:
    """What the bank has returned, and is due to a student who has left meanwhile."""
    held = Dispute.objects.holding_money().values("payment")
    for payment in _payments().filter(owed__gt=0).exclude(pk__in=held):
        what = _("%(amount)s is due since the bank returned it") % {"amount": pounds(payment.owed)}
        yield _about_payment(payment, Kind.OWED, what, "give_owed")


def _about_refund(refund: Refund, kind: Kind, what: str, repair: str | None) -> Disagreement:
    return Disagreement(
        kind,
        _("%(who)s: the refund of %(amount)s (%(payment)s) is %(status)s; %(what)s.")
        % {
            "who": about(refund.payment.enrolment),
            "amount": pounds(refund.amount),
            "payment": refund.payment,
            "status": refund.get_status_display(),
            "what": what,
        },
        where=page_of("enrolment_refund", refund.pk),
        key=str(refund.pk),
        repair=repair,
        may_stay=kind == Kind.REFUND_FAILED,
        enrolment=refund.payment.enrolment_id,
    )


# Places ----------------------------------------------------------------------------------------


def _nothing_open(seen: AtStripe) -> Found:
    """Places kept for nobody who could still pay."""
    over = Q(held_until=None) | Q(held_until__lte=seen.at)
    # Where money has come in, that comes first: see ``_paid_nowhere``.
    mine = Payment.objects.filter(
        Q(status__in=Payment.OPEN) | Q(status=Payment.Status.PAID, flag="")
    )
    held = Enrolment.objects.filter(
        over, ~Exists(mine.filter(enrolment=OuterRef("pk"))), status=Enrolment.Status.PENDING
    )
    for enrolment in held.select_related("student", "intake__course"):
        yield Disagreement(
            Kind.HELD_TOO_LONG,
            _("%(who)s: the place is held, nobody is paying, and its time is over.")
            % {"who": about(enrolment)},
            where=page_of("enrolment_enrolment", enrolment.pk),
            key=str(enrolment.pk),
            repair="let_go",
        )
    moves = Move.objects.filter(status=Move.Status.PENDING, created_at__lt=seen.at - GRACE)
    moves = moves.filter(~Exists(mine.filter(move=OuterRef("pk"))))
    for move in moves.select_related("enrolment__student", "to_intake__course"):
        yield Disagreement(
            Kind.HELD_TOO_LONG,
            _("%(name)s: a place in %(to_intake)s is held for a move that nobody is paying for.")
            % {"name": move.enrolment.student.get_full_name(), "to_intake": move.to_intake},
            where=page_of("enrolment_enrolment", move.enrolment_id),
            key=str(move.pk),
            repair="let_move_go",
        )


def _called_off(seen: AtStripe) -> Found:
    """Places in an intake that was called off, once everybody should have been seen to."""
    live = Enrolment.objects.live().filter(intake__cancelled_at__lt=seen.at - SEEN_TO)
    for enrolment in live.select_related("student", "intake__course"):
        what = _("the intake was called off, and the place is still there")
        yield _about_enrolment(enrolment, Kind.CALLED_OFF, what, "take_out")


def _offers_over(seen: AtStripe) -> Found:
    over = Offer.objects.filter(status=Offer.Status.OPEN, expires_at__lte=seen.at)
    for offer in over.select_related("entry__student", "intake__course"):
        yield Disagreement(
            Kind.OFFER_OVER,
            _("%(name)s, %(intake)s: the offer ran out on %(day)s, and still holds the place.")
            % {
                "name": offer.entry.student.get_full_name(),
                "intake": offer.intake,
                "day": day(london_date(offer.expires_at)),
            },
            where=list_of("enrolment_enrolment"),
            key=str(offer.pk),
            repair="end_offer",
        )


def _counters() -> Found:
    for one in recounting.miscounted():
        name = one.counter.replace("_", " ")
        place = one.row if isinstance(one.row, Intake) else None
        place = one.row.intake if isinstance(one.row, Price) else place
        yield Disagreement(
            Kind.COUNTER,
            _("%(row)s: %(name)s is %(before)s, and the records make it %(now)s.")
            % {"row": one.row, "name": name, "before": one.before, "now": one.now},
            where=page_of("courses_intake", place.pk) if place else list_of("enrolment_enrolment"),
            key=one.key,
            repair="recount",
        )


# Access and what was paid for it ---------------------------------------------------------------


def _enrolled() -> QuerySet[Enrolment]:
    enrolled = Enrolment.objects.filter(status=Enrolment.Status.ENROLLED)
    return enrolled.select_related("student", "intake__course")


def _access() -> Found:
    """Lessons closed for no reason, or open against the provider's wish."""
    disputes = Dispute.objects.holding_money()
    with_the_bank = disputes.values("payment__enrolment")
    for enrolment in _enrolled().exclude(suspended_at=None).exclude(pk__in=with_the_bank):
        what = _("the lessons are closed, and no payment is disputed")
        yield _about_enrolment(enrolment, Kind.SUSPENDED, what, "lift")
    provider = Provider.current()
    if provider and provider.suspends_disputed:
        disputed = disputes.filter(outcome=Dispute.Outcome.OPEN, payment__flag=Payment.Flag.NONE)
        open_still = _enrolled().filter(
            suspended_at=None, pk__in=disputed.values("payment__enrolment")
        )
        for enrolment in open_still:
            what = _("a payment is disputed, and the lessons are open")
            yield _about_enrolment(enrolment, Kind.NOT_SUSPENDED, what, "suspend")


def _about_enrolment(
    enrolment: Enrolment, kind: Kind, what: str, repair: str | None
) -> Disagreement:
    return Disagreement(
        kind,
        f"{about(enrolment)}: {what}.",
        where=page_of("enrolment_enrolment", enrolment.pk),
        key=str(enrolment.pk),
        repair=repair,
        may_stay=repair is None,
        enrolment=enrolment.pk,
    )


def _not_covered() -> Found:
    """Learners whose place is not paid for, but for what staff gave back knowing that."""
    used = Q(payment__flag=Payment.Flag.NONE)
    here = OuterRef("pk")
    paid = Payment.objects.filter(enrolment=here, status=Payment.Status.PAID, flag="")
    gone = Refund.objects.filter(used, payment__enrolment=here, by=None).exclude(status="failed")
    lost = Dispute.objects.filter(used, payment__enrolment=here, outcome=Dispute.Outcome.LOST)
    owing = _enrolled().annotate(
        covered=_sum(paid, "enrolment", "amount_received")
        - _sum(gone, "payment__enrolment", "amount")
        - _sum(lost, "payment__enrolment", "amount")
    )
    for enrolment in owing.filter(covered__lt=F("amount")):
        what = _("%(amount)s was agreed, and %(amount2)s is here") % {
            "amount": pounds(enrolment.amount),
            "amount2": pounds(enrolment.covered),
        }
        yield _about_enrolment(enrolment, Kind.NOT_COVERED, what, None)


# What is left to do ----------------------------------------------------------------------------


def _events_left(seen: AtStripe) -> Found:
    left = StripeEvent.objects.filter(
        processed_at=None, received_at__lt=seen.at - GRACE, type__in=events.USED
    )
    for event in left.order_by("received_at"):
        yield Disagreement(
            Kind.EVENT_LEFT,
            _("Stripe told us of %(event)s, and it has not been worked on.") % {"event": event},
            where=page_of("enrolment_stripeevent", event.pk),
            key=event.event_id,
            repair="process_event",
        )


_EVERY_MINUTE: tuple[Callable[[AtStripe], Found], ...] = (
    compare,
    _unopened,
    _out_of_reach,
    _debits_unknown,
    _events_left,
    _refunds,
    _nothing_open,
    _offers_over,
    _called_off,
)
_THOROUGH: tuple[Callable[[], Found], ...] = (
    _paid_nowhere,
    _flagged_kept,
    _refunds_by_hand,
    _owed,
    _access,
    _not_covered,
    _counters,
)
