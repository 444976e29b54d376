"""Money that goes back: written down first, then asked of Stripe, then followed until done."""

import logging
from datetime import datetime

from enrolment import jobs, payments
from enrolment.models import Payment, Refund

logger = logging.getLogger(__name__)


def begin(payment: Payment, *, amount: int, reason: str, at: datetime) -> Refund:
    """Write a refund of ``amount`` pence down and queue it; inside the caller's transaction."""
    refund = Refund.objects.create(payment=payment, amount=amount, reason=reason, created_at=at)
    jobs.carry_out_refund.defer(refund_id=str(refund.pk))
    jobs.send_mail.defer(kind="refund", key=str(refund.pk))
    return refund


def carry_out(refund: Refund, *, at: datetime) -> None:
    """Make the refund at Stripe, or see how far it has got; not inside a transaction.

    Safe to repeat, also for one that is done: a bank may send back what Stripe called succeeded
    (docs.stripe.com/refunds, "Failed refunds"). Raises OutcomeUnknown or CallFailed where another
    try may succeed later; a refund that Stripe refuses is marked failed, which staff see.
    """
    try:
        found = _at_stripe(refund)
    except payments.CallRefused:
        logger.exception("Stripe refused refund %s of %s.", refund.pk, refund.payment)
        refund.status = Refund.Status.FAILED
        refund.save(update_fields=["status"])
        return
    refund.follow(stripe_id=found.id, stripe_status=found.status, at=at)


def _at_stripe(refund: Refund) -> payments.StripeRefund:
    if refund.stripe_id:
        return payments.fetch_refund(refund.stripe_id)
    intent = refund.payment.payment_intent_id
    try:
        return payments.create_refund(
            payment_intent_id=intent,
            amount=refund.amount,
            refund_key=str(refund.pk),
            key=refund.idempotency_key,
        )
    except payments.CallFailed:
        found = payments.find_refund(payment_intent_id=intent, refund_key=str(refund.pk))
        if found:
            return found
        Refund.objects.filter(pk=refund.pk, attempt=refund.attempt).update(
            attempt=refund.attempt + 1
        )
        raise
