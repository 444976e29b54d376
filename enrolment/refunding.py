"""Money that goes back: written down first, then asked of Stripe, then followed until done.

What was paid elsewhere, and what Stripe cannot send, goes back by the hands of staff, who say when
it is done.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import User
from enrolment import documents, history, jobs, payments
from enrolment.models import Enrolment, Payment, Refund

logger = logging.getLogger(__name__)

FAILED_AT_STRIPE = frozenset({"failed", "canceled"})
# Stripe may forget a key after 24 hours (docs.stripe.com/api/idempotent_requests), and would
# then take the same call for another refund.
KEYS_LAST = timedelta(hours=23)


OWED = gettext_lazy("Your bank has returned the payment that was disputed")


class RefundTooLarge(Exception):
    """More than the payment has left; ``left`` is that, in pence."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def used_payments(enrolment: Enrolment, *, lock: bool = False) -> list[Payment]:
    """The payments that paid for the place, the newest first; those flagged go back anyway.

    ``lock`` locks them, which takes a transaction that has locked the enrolment.
    """
    paid = Payment.objects.filter(enrolment=enrolment, status=Payment.Status.PAID, flag="")
    if lock:
        # In one order everywhere, whatever order they are used in.
        list(Payment.objects.select_for_update().filter(enrolment=enrolment).order_by("pk"))
    return list(paid.order_by("-paid_at", "-pk").prefetch_related("refunds", "disputes"))


def refundable(payment: Payment) -> int:
    """What can still go back of a payment, in pence.

    Nothing while its bank has the money because of a dispute, and none after one that was lost:
    Stripe refuses it (docs.stripe.com/api/disputes/object, ``is_charge_refundable``).
    """
    if any(dispute.holds_money for dispute in payment.disputes.all()):
        return 0
    return max(0, payment.refundable)


def begin(
    payment: Payment,
    *,
    amount: int,
    reason: str,
    at: datetime,
    by: User | None = None,
    tell: bool = True,
    made_as: str = "",
) -> Refund:
    """Write a refund of ``amount`` pence down and queue it; inside the caller's transaction.

    The caller has locked the enrolment, and locks nothing after this: the credit note takes its
    number (``enrolment.documents``). ``tell`` writes to the student; not where another mail of
    the same transaction says it. ``made_as`` is Stripe's id of one that was made there already,
    which a dispute that came later does not undo. Raises RefundTooLarge.
    """
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    left = locked.refundable if made_as else refundable(locked)
    if amount > left:
        raise RefundTooLarge(left)
    refund = Refund.objects.create(
        payment=locked,
        amount=amount,
        reason=reason[:200],
        by=by,
        created_at=at,
        stripe_id=made_as,
    )
    history.note(
        locked.enrolment, history.Kind.REFUND_BEGUN, at=at, by=by, reason=reason, amount=amount
    )
    if locked.method == Payment.Method.STRIPE:
        jobs.carry_out_refund.defer(refund_id=str(refund.pk))
    if tell:
        jobs.send_mail.defer(kind="refund", key=str(refund.pk))
    documents.issue_for_refund(refund, at=at)
    return refund


def spread(
    paid: Iterable[Payment],
    *,
    amount: int,
    reason: str,
    at: datetime,
    by: User | None = None,
) -> list[Refund]:
    """Refund ``amount`` pence from several payments, as much of each as it has left.

    Inside the caller's transaction, whose own mail tells the student. Raises RefundTooLarge where
    all of them together have less.
    """
    refunds, rest = [], amount
    for payment in paid:
        share = min(rest, refundable(payment))
        if share:
            refunds.append(begin(payment, amount=share, reason=reason, at=at, by=by, tell=False))
            rest -= share
    if rest:
        raise RefundTooLarge(amount - rest)
    return refunds


def returnable(payment: Payment) -> int:
    """What could go back if the bank returned what it holds because of a dispute, in pence.

    Of one that was lost nothing comes back: the student has it.
    """
    if any(one.holds_money and not one.is_open for one in payment.disputes.all()):
        return 0
    return max(0, payment.refundable)


def owe(paid: Iterable[Payment], amount: int) -> None:
    """Keep that ``amount`` pence are due of payments that a bank holds, each by its share.

    Inside the transaction that has locked them. One that is lost in the end takes nothing of what
    is due of another.
    """
    held = [payment for payment in paid if returnable(payment) and not refundable(payment)]
    whole = sum(returnable(payment) for payment in held)
    for payment in held if amount > 0 else []:
        share = -(-amount * returnable(payment) // whole)
        payment.owed = min(payment.owed + share, returnable(payment))
        payment.save(update_fields=["owed"])


def give_what_is_owed(payment: Payment, *, at: datetime) -> None:
    """The bank has returned a disputed payment: what became due meanwhile goes back now.

    Inside the transaction that has locked the enrolment and the payment, after all other locks.
    Nothing happens while the bank still has the money.
    """
    if not payment.owed or any(dispute.holds_money for dispute in payment.disputes.all()):
        return
    back = min(payment.owed, refundable(payment))
    payment.owed = 0
    payment.save(update_fields=["owed"])
    if back:
        begin(payment, amount=back, reason=str(OWED), at=at)


def waits_for_bank(enrolment: Enrolment) -> int:
    """What goes back to the student if their bank returns what it holds, in pence."""
    owing = Payment.objects.filter(enrolment=enrolment, owed__gt=0).prefetch_related("disputes")
    return sum(payment.owed for payment in owing if returnable(payment))


def carry_out(refund: Refund, *, at: datetime) -> None:
    """Make the refund at Stripe, or see how far it has got; not inside a transaction.

    Safe to repeat, also for one that is done: a bank may send back what Stripe called succeeded
    (docs.stripe.com/refunds, "Failed refunds"). Raises OutcomeUnknown or CallFailed where another
    try may succeed later; a refund that Stripe refuses is marked failed, which staff see. Nothing
    happens to one that staff carry out by hand.
    """
    if refund.is_by_hand:
        return
    try:
        found = _at_stripe(refund, at=at)
    except payments.CallRefused:
        logger.exception("Stripe refused refund %s of %s.", refund.pk, refund.payment)
        _follow(refund, stripe_id=refund.stripe_id, stripe_status="failed", at=at)
        return
    _follow(refund, stripe_id=found.id, stripe_status=found.status, at=at)


def _at_stripe(refund: Refund, *, at: datetime) -> payments.StripeRefund:
    if refund.stripe_id:
        return payments.fetch_refund(refund.stripe_id)
    intent = refund.payment.payment_intent_id
    if at >= refund.created_at + KEYS_LAST and (made := _made_before(refund)):
        return made
    try:
        return payments.create_refund(
            payment_intent_id=intent,
            amount=refund.amount,
            refund_key=str(refund.pk),
            key=refund.idempotency_key,
        )
    except payments.CallFailed:
        if made := _made_before(refund):
            return made
        Refund.objects.filter(pk=refund.pk, attempt=refund.attempt).update(
            attempt=refund.attempt + 1
        )
        raise


def _made_before(refund: Refund) -> payments.StripeRefund | None:
    """The refund of a call whose answer never came; one that failed is an earlier attempt's."""
    found = payments.find_refund(
        payment_intent_id=refund.payment.payment_intent_id, refund_key=str(refund.pk)
    )
    return found if found and found.status not in FAILED_AT_STRIPE else None


@transaction.atomic
def _follow(refund: Refund, *, stripe_id: str, stripe_status: str, at: datetime) -> None:
    """Take over what Stripe says, and write down what it means."""
    locked = _locked(refund)
    if locked.is_by_hand:
        return  # staff have given it back meanwhile
    is_over = stripe_status in FAILED_AT_STRIPE
    if is_over and refund.attempt < locked.attempt:
        return  # late news of an attempt after which staff have begun another
    before = locked.status
    locked.follow(stripe_id=stripe_id, stripe_status=stripe_status, at=locked.done_at or at)
    if locked.status != before:
        _note(locked, at=at)
    refund.refresh_from_db()


def _locked(refund: Refund) -> Refund:
    """The refund, with the rows before it in the order of locks."""
    Enrolment.objects.locked(payments__pk=refund.payment_id)
    Payment.objects.select_for_update().get(pk=refund.payment_id)
    return Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk)


def _note(refund: Refund, *, at: datetime, by: User | None = None) -> None:
    kind = {
        Refund.Status.DONE: history.Kind.REFUND_DONE,
        Refund.Status.FAILED: history.Kind.REFUND_FAILED,
    }.get(Refund.Status(refund.status))
    if kind:
        facts: dict[str, Any] = {"amount": refund.amount, "how": refund.note}
        history.note(refund.payment.enrolment, kind, at=at, by=by, **facts)


@transaction.atomic
def retry(refund: Refund, *, at: datetime, by: User | None = None) -> Refund:
    """Try a refund that failed once more, as a new call to Stripe.

    Nothing happens to one that has not failed. Raises RefundTooLarge where the money has gone
    back in another way meanwhile.
    """
    locked = _locked(refund)
    if locked.status != Refund.Status.FAILED:
        return locked
    left = refundable(locked.payment)
    if locked.amount > left:
        raise RefundTooLarge(left)
    locked.status = Refund.Status.PENDING
    locked.attempt += 1
    locked.stripe_id = ""
    locked.save(update_fields=["status", "attempt", "stripe_id"])
    history.note(
        locked.payment.enrolment,
        history.Kind.REFUND_BEGUN,
        at=at,
        by=by,
        reason=locked.reason,
        amount=locked.amount,
    )
    jobs.carry_out_refund.defer(refund_id=str(locked.pk))
    return locked


@transaction.atomic
def mark_done(refund: Refund, *, how: str, at: datetime, by: User) -> Refund:
    """Staff have given it back themselves: what was paid elsewhere, or what Stripe could not.

    Nothing happens to any other. Raises RefundTooLarge where the money has gone back in another
    way meanwhile.
    """
    locked = _locked(refund)
    if not locked.waits_for_hands:
        return locked
    left = refundable(locked.payment)
    if locked.status == Refund.Status.FAILED and locked.amount > left:
        raise RefundTooLarge(left)
    locked.status = Refund.Status.DONE
    locked.done_at = at
    locked.note = how
    locked.save(update_fields=["status", "done_at", "note"])
    _note(locked, at=at, by=by)
    return locked
