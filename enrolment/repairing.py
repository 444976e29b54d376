"""Repairs of what ``enrolment.checking`` finds, by name: each is harmless to run twice.

Each looks again, with the rows locked or Stripe's own record fetched, so that what was put right
meanwhile is left alone. Who asked for one that did something is in the enrolment's history.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import User
from enrolment import (
    deciding,
    disputing,
    events,
    history,
    passing_on,
    paying,
    payments,
    recording,
    recounting,
    refunding,
    settling,
)
from enrolment.lapsing import is_held_on, lapse, let_go, let_move_go
from enrolment.models import Dispute, Enrolment, Move, Offer, Payment, Refund, StripeEvent

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a repair is told: the disagreement's key, the moment, and who asked, if anybody did."""

    key: str
    at: datetime
    by: User | None = None

    def note(self, enrolment: Enrolment, what: str) -> None:
        """Who put it right; where nobody did, the history says what became of it and no more."""
        if self.by:
            kind = history.Kind.REPAIRED
            history.note(enrolment, kind, at=self.at, by=self.by, reason=what)


@dataclass(frozen=True)
class Repair:
    """What is done about a disagreement: ``label`` stands on its button.

    One that is safe runs by itself; the others wait for staff.
    """

    label: str | Promise
    do: Callable[[Asked], None]
    is_safe: bool = True
    asks_stripe: bool = True


def repair(name: str, key: str, *, at: datetime, by: User | None = None) -> None:
    """Carry out one repair; not inside a transaction.

    Raises KeyError for a repair there is none of, ObjectDoesNotExist, ValueError or
    ValidationError for a key that is none, PaymentsError where Stripe cannot be asked or refuses,
    RefundTooLarge or PaymentDisputed where money cannot go back.
    """
    REPAIRS[name].do(Asked(key, at, by))


def _payment(key: str) -> tuple[Enrolment, Payment]:
    """A payment with its enrolment, both locked, in the order of locks."""
    enrolment = Enrolment.objects.locked(payments__pk=key)
    return enrolment, Payment.objects.select_for_update(of=("self",)).get(pk=key)


# Payments --------------------------------------------------------------------------------------


def _settle(asked: Asked) -> None:
    before = _status(asked.key)
    settling.settle_session(payments.fetch_session(asked.key), at=asked.at)
    if _status(asked.key) != before:
        enrolment = Enrolment.objects.get(payments__session_id=asked.key)
        asked.note(enrolment, _("what Stripe says of the payment was taken over"))


def _status(session_id: str) -> str | None:
    ours = Payment.objects.filter(session_id=session_id)
    return ours.values_list("status", flat=True).first()


def _close_session(asked: Asked) -> None:
    """So that nobody pays for what is over; where somebody has, the money is settled."""
    try:
        payments.expire_session(asked.key)
    except payments.CallRefused:
        _settle(asked)


def _open(asked: Asked) -> None:
    payment = Payment.objects.select_related("enrolment__intake").get(pk=asked.key)
    if payment.session_id:
        return
    try:
        paying.open_session(payment, at=asked.at)
    except paying.CheckoutRefused:
        logger.warning("Payment %s was refused; its place is free again.", payment.reference)
    else:
        asked.note(payment.enrolment, _("Stripe was asked again for the way to pay"))


@transaction.atomic
def _give_up(asked: Asked) -> None:
    """The place is free. Should Stripe have the money after all, it is settled when it says so."""
    enrolment, payment = _payment(asked.key)
    patience = settling.PATIENCE if payment.session_id else paying.CLOCKS_DIFFER_BY
    if payment.status != Payment.Status.PENDING or asked.at < payment.expires_at + patience:
        return
    logger.warning("Payment %s is given up: Stripe tells nothing of it.", payment.reference)
    lapse(payment, enrolment=enrolment, at=asked.at)
    asked.note(enrolment, _("a payment that never came was given up"))


def _stop_waiting(asked: Asked) -> None:
    """Only where Stripe still knows nothing of it; money that comes late is settled as any is."""
    payment = Payment.objects.select_related("enrolment").get(pk=asked.key)
    try:
        settling.settle(payment, at=asked.at)
    except payments.CallRefused:
        if settling.drop_unknown(payment, at=asked.at):
            asked.note(payment.enrolment, _("a debit that Stripe does not know was given up"))


@transaction.atomic
def _turn_away(asked: Asked) -> None:
    """Money that has bought no place is flagged, and goes back."""
    enrolment, payment = _payment(asked.key)
    if not payment.is_paid or payment.flag or _bought_a_place(payment, enrolment):
        return
    payment.flag = Payment.Flag.ENDED
    payment.save(update_fields=["flag"])
    history.note(
        enrolment,
        history.Kind.PAYMENT_FLAGGED,
        at=asked.at,
        by=asked.by,
        amount=payment.amount_received,
        flag=str(payment.flag),
    )
    if enrolment.is_pending and not enrolment.payments.filter(status__in=Payment.OPEN).exists():
        let_go(enrolment, kind=history.Kind.LAPSED, mail=None, at=asked.at)
    _send_back(payment, asked)


def _bought_a_place(payment: Payment, enrolment: Enrolment) -> bool:
    if payment.move_id:
        return Move.objects.filter(pk=payment.move_id, status=Move.Status.DONE).exists()
    return enrolment.status in {Enrolment.Status.ENROLLED, Enrolment.Status.CANCELLED}


def _refund_lost(asked: Asked) -> None:
    """Money at Stripe that no record of ours is about, so that its refund is on none either."""
    session = payments.fetch_session(asked.key)
    key = recording.key_of(session.payment_key)
    if session.is_paid and key and not Payment.objects.filter(pk=key).exists():
        payments.create_refund(
            payment_intent_id=session.payment_intent_id,
            amount=session.amount,
            refund_key=session.id,
            key=f"lost:{session.id}",
        )


@transaction.atomic
def _give_back(asked: Asked) -> None:
    _, payment = _payment(asked.key)
    if payment.is_paid and payment.flag:
        _send_back(payment, asked)


def _send_back(payment: Payment, asked: Asked) -> None:
    left = refunding.refundable(payment)
    if left:
        reason = Payment.Flag(payment.flag).label.capitalize()
        refunding.begin(payment, amount=left, reason=reason, at=asked.at, by=asked.by)


# Refunds ---------------------------------------------------------------------------------------


def _record_refund(asked: Asked) -> None:
    refund = recording.record_refund(payments.fetch_refund(asked.key), at=asked.at)
    if refund:
        asked.note(refund.payment.enrolment, _("a refund made at Stripe was written down"))


def _follow_refund(asked: Asked) -> None:
    refund = Refund.objects.select_related("payment__enrolment").get(pk=asked.key)
    before = refund.status
    refunding.carry_out(refund, at=asked.at)
    if refund.status != before:
        asked.note(refund.payment.enrolment, _("what Stripe says of the refund was taken over"))


def _refund_again(asked: Asked) -> None:
    refund = Refund.objects.select_related("payment").get(pk=asked.key)
    disputing.refuse_if_disputed(refund.payment)
    refunding.retry(refund, at=asked.at, by=asked.by)


# Disputes and access ---------------------------------------------------------------------------


def _follow_dispute(asked: Asked) -> None:
    known = Dispute.objects.filter(stripe_id=asked.key).values_list("stripe_status", flat=True)
    before = known.first()
    dispute = disputing.follow(payments.fetch_dispute(asked.key), at=asked.at)
    if dispute and dispute.stripe_status != before:
        asked.note(dispute.payment.enrolment, _("what Stripe says of the dispute was taken over"))


@transaction.atomic
def _suspend(asked: Asked) -> None:
    enrolment = Enrolment.objects.locked(pk=asked.key)
    if disputing.should_suspend(enrolment):
        disputing.suspend(enrolment, at=asked.at)
        asked.note(enrolment, _("the lessons are closed, as a payment is disputed"))


@transaction.atomic
def _lift(asked: Asked) -> None:
    enrolment = Enrolment.objects.locked(pk=asked.key)
    disputed = Dispute.objects.holding_money().filter(payment__enrolment=enrolment)
    if enrolment.suspended_at and not disputed.exists():
        disputing.lift(enrolment)
        asked.note(enrolment, _("the lessons are open again"))


@transaction.atomic
def _give_owed(asked: Asked) -> None:
    _, payment = _payment(asked.key)
    refunding.give_what_is_owed(payment, at=asked.at)


# Places ----------------------------------------------------------------------------------------


@transaction.atomic
def _let_go(asked: Asked) -> None:
    enrolment = Enrolment.objects.locked(pk=asked.key)
    is_held = is_held_on(enrolment, at=asked.at)
    used = enrolment.payments.filter(status=Payment.Status.PAID, flag=Payment.Flag.NONE)
    if is_held or not enrolment.is_pending or used.exists():
        return
    if not enrolment.payments.filter(status__in=Payment.OPEN).exists():
        let_go(enrolment, kind=history.Kind.LAPSED, mail="expired", at=asked.at, by=asked.by)


@transaction.atomic
def _let_move_go(asked: Asked) -> None:
    enrolment = Enrolment.objects.locked(moves__pk=asked.key)
    used = [*Payment.OPEN, Payment.Status.PAID]
    payment = enrolment.payments.filter(move__pk=asked.key).order_by("created_at").last()
    if payment and not enrolment.payments.filter(move__pk=asked.key, status__in=used).exists():
        let_move_go(payment, enrolment, at=asked.at)
        asked.note(enrolment, _("a move that nobody was paying for was ended"))


def _take_out(asked: Asked) -> None:
    enrolment = Enrolment.objects.select_related("intake").get(pk=asked.key)
    intake = enrolment.intake
    if intake.cancelled_at and intake.cancelled_at <= asked.at:
        deciding.leave(enrolment, intake=intake, at=asked.at, by=asked.by)


def _end_offer(asked: Asked) -> None:
    passing_on.expire(Offer.objects.get(pk=asked.key), at=asked.at)


def _recount(asked: Asked) -> None:
    recounting.correct(asked.key)


def _process_event(asked: Asked) -> None:
    events.process(StripeEvent.objects.get(event_id=asked.key), at=asked.at)


REPAIRS: dict[str, Repair] = {
    "settle": Repair(_lazy("Take over what Stripe says"), _settle),
    "close_session": Repair(_lazy("Close the page at Stripe"), _close_session),
    "open": Repair(_lazy("Ask for the page again"), _open),
    "give_up": Repair(_lazy("Free the place"), _give_up, asks_stripe=False),
    "stop_waiting": Repair(_lazy("Free the place"), _stop_waiting, is_safe=False),
    "turn_away": Repair(_lazy("Send the money back"), _turn_away, is_safe=False, asks_stripe=False),
    "give_back": Repair(_lazy("Send the money back"), _give_back, asks_stripe=False),
    "record_refund": Repair(_lazy("Write it down"), _record_refund),
    "follow_refund": Repair(_lazy("Take over what Stripe says"), _follow_refund),
    "refund_again": Repair(_lazy("Try again"), _refund_again, is_safe=False, asks_stripe=False),
    "follow_dispute": Repair(_lazy("Take over what Stripe says"), _follow_dispute),
    "suspend": Repair(_lazy("Close the lessons"), _suspend, asks_stripe=False),
    "lift": Repair(_lazy("Open the lessons"), _lift, asks_stripe=False),
    "give_owed": Repair(_lazy("Send the money back"), _give_owed, asks_stripe=False),
    "take_out": Repair(
        _lazy("Cancel, and give all back"), _take_out, is_safe=False, asks_stripe=False
    ),
    "refund_lost": Repair(_lazy("Send the money back"), _refund_lost, is_safe=False),
    "let_go": Repair(_lazy("Free the place"), _let_go, asks_stripe=False),
    "let_move_go": Repair(_lazy("Free the place"), _let_move_go, asks_stripe=False),
    "end_offer": Repair(_lazy("End the offer"), _end_offer, asks_stripe=False),
    "recount": Repair(_lazy("Correct the number"), _recount, asks_stripe=False),
    "process_event": Repair(_lazy("Work on it"), _process_event),
}


@transaction.atomic
def leave(mark: str, enrolment: uuid.UUID, *, by: User, at: datetime) -> None:
    """Staff decide that something about an enrolment stays as it is; it is not shown again."""
    locked = Enrolment.objects.locked(pk=enrolment)
    known = locked.entries.filter(kind=history.Kind.REPAIRED, facts__left=mark)
    if not known.exists():
        what = _("it stays as it is")
        history.note(locked, history.Kind.REPAIRED, at=at, by=by, reason=what, left=mark)
