"""From a payment written down to a page of Stripe's, and again where it came to nothing."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from enrolment import jobs, payments
from enrolment.lapsing import is_held_on, lapse
from enrolment.models import Enrolment, Move, Payment

logger = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = timedelta(minutes=5)


class CheckoutRefused(Exception):
    """Stripe will not take this payment; the place is free again."""


class NothingToPay(Exception):
    """The enrolment does not wait for a payment that could be begun."""


@dataclass(frozen=True)
class Addresses:
    """Where Stripe sends the student back to: absolute, ``{enrolment}`` for the key."""

    success: str
    cancel: str


def write_payment(
    enrolment: Enrolment,
    *,
    amount: int,
    urls: Addresses,
    at: datetime,
    move: Move | None = None,
) -> Payment:
    """Write down that ``amount`` pence are to be paid, with every parameter of the coming call.

    Inside the caller's transaction.
    """
    payment = Payment(
        enrolment=enrolment,
        move=move,
        amount=amount,
        currency=enrolment.currency,
        created_at=at,
        expires_at=at + timedelta(minutes=settings.PLACE_HOLD_MINUTES),
    )
    payment.parameters = _parameters(payment, urls)
    payment.save(force_insert=True)
    return payment


@transaction.atomic
def pay_again(enrolment: Enrolment, *, urls: Addresses, at: datetime) -> Payment:
    """Begin another payment for a place that is held for longer than one; or the open one.

    Raises NothingToPay where the place is not held any more.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    existing = locked.payments.filter(status__in=Payment.OPEN).first()
    if existing:
        return existing
    if not locked.is_pending or not is_held_on(locked, at=at):
        raise NothingToPay
    return write_payment(locked, amount=locked.amount, urls=urls, at=at)


def _parameters(payment: Payment, urls: Addresses) -> dict[str, Any]:
    """What Stripe is sent to open a Checkout Session for ``payment``, as JSON can keep it."""
    enrolment, move = payment.enrolment, payment.move
    intake = move.to_intake if move else enrolment.intake
    metadata = {"payment": str(payment.pk), "enrolment": str(enrolment.pk)}
    return {
        "mode": "payment",
        "allowed_payment_method_types": settings.STRIPE_PAYMENT_METHODS,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": payment.currency.lower(),
                    "unit_amount": payment.amount,
                    "product_data": {
                        "name": f"{intake.course.title}, {intake.label}",
                        "description": _("Difference for moving") if move else enrolment.price_name,
                    },
                },
            }
        ],
        "customer_email": enrolment.student.email,
        "client_reference_id": payment.reference,
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "description": f"{intake.course.title}, {intake.label}",
        },
        "expires_at": int(payment.expires_at.timestamp()),
        "success_url": urls.success.format(enrolment=enrolment.pk),
        "cancel_url": urls.cancel.format(enrolment=enrolment.pk),
    }


def open_session(payment: Payment, *, at: datetime) -> Payment:
    """Ask Stripe for the payment's page, unless it has one; not inside a transaction.

    Safe to repeat, and from several processes at once: the key of an attempt stays the same until
    one of them moves on to the next. Raises OutcomeUnknown or CallFailed where another try may
    succeed later, CheckoutRefused where none can; the place is free again then.
    """
    if payment.session_id or payment.status != Payment.Status.PENDING:
        return payment
    try:
        session = payments.create_session(payment.parameters, key=payment.idempotency_key)
    except (payments.CallFailed, payments.CallRefused) as error:
        session = _made_before(payment, error, at=at)
    unopened = Payment.objects.filter(pk=payment.pk, session_id=None)
    page = {"session_id": session.id, "session_url": session.url}
    if unopened.filter(status=Payment.Status.PENDING).update(**page):
        payment.session_id, payment.session_url = session.id, session.url
        return payment
    unopened.update(**page)
    payment.refresh_from_db()
    if payment.status == Payment.Status.EXPIRED:
        # Given up while Stripe was opening the page: nobody is to pay on it.
        jobs.close_session.defer(payment_id=str(payment.pk))
    return payment


def _made_before(
    payment: Payment, error: payments.PaymentsError, *, at: datetime
) -> payments.CheckoutSession:
    """The session that a failed call, or one before it, made after all.

    Where there is none: raises ``error`` again, ready for another try, if Stripe failed; raises
    CheckoutRefused, with the place freed, if Stripe refused.
    """
    found = payments.find_session(str(payment.pk), since=payment.created_at - CLOCKS_DIFFER_BY)
    if found:
        return found
    if isinstance(error, payments.CallRefused):
        logger.warning("Stripe refused payment %s: %s", payment.reference, error)
        abandon(payment, at=at)
        raise CheckoutRefused from error
    Payment.objects.filter(pk=payment.pk, attempt=payment.attempt).update(
        attempt=payment.attempt + 1
    )
    raise error


@transaction.atomic
def abandon(payment: Payment, *, at: datetime) -> None:
    """No session exists and none will: the payment and its enrolment expire, the place is free."""
    enrolment = Enrolment.objects.locked(pk=payment.enrolment_id)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if not locked.session_id:
        lapse(locked, enrolment=enrolment, at=at)
