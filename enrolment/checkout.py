"""From a price chosen to a page of Stripe's.

The place is held and the payment committed, with every parameter of the coming call, before
Stripe is called; a crash between any two steps is healed by ``enrolment.reconciling``.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from courses.models import Intake, Price
from courses.states import State
from enrolment import consents, jobs, payments, places
from enrolment.lapsing import lapse
from enrolment.models import Enrolment, Payment

logger = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = timedelta(minutes=5)
LIVE_CONSTRAINT = "enrolment_one_live_per_student_and_intake"


class NotJoinable(Exception):
    """The intake cannot be joined; ``state`` says why."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class PriceNotBookable(Exception):
    """The price is not on sale, or is not one of this intake's."""


class AlreadyEnrolled(Exception):
    """The student holds or takes a place in this intake already."""

    def __init__(self, enrolment: Enrolment) -> None:
        super().__init__(enrolment)
        self.enrolment = enrolment


class CheckoutRefused(Exception):
    """Stripe will not take this payment; the place is free again."""


@dataclass(frozen=True)
class Order:
    """What a student asks for.

    ``agreed`` are the kinds of consent given. The two addresses are where Stripe sends the
    student back to, absolute, with ``{enrolment}`` for the new enrolment's key; a free place
    needs none.
    """

    student: User
    intake: Intake
    price: Price
    agreed: Collection[str] = ()
    return_url: str = ""
    cancel_url: str = ""


def begin(order: Order, *, at: datetime) -> Enrolment:
    """Hold a place and write down what is to be paid; at £0, enrol.

    Raises NotJoinable, PriceNotBookable or AlreadyEnrolled; nothing is kept then.
    """
    live = Enrolment.objects.live().filter(student=order.student, intake=order.intake)
    existing = live.first()
    if existing:
        raise AlreadyEnrolled(existing)
    state = order.intake.state(at=at)
    if not state.is_joinable:
        raise NotJoinable(state)
    if order.price.intake_id != order.intake.pk or not order.price.is_bookable(at=at):
        raise PriceNotBookable
    try:
        with transaction.atomic():
            return _write(order, at=at)
    except IntegrityError as error:
        if LIVE_CONSTRAINT in str(error):
            raise AlreadyEnrolled(live.get()) from error
        if not Price.objects.filter(pk=order.price.pk).exists():
            raise PriceNotBookable from error  # staff deleted it between the form and the commit
        raise


def _write(order: Order, *, at: datetime) -> Enrolment:
    """Everything that is kept of an order; the counter of the intake's places comes last."""
    price = order.price
    enrolment = Enrolment.objects.create(
        student=order.student,
        intake=order.intake,
        price=price,
        price_name=price.name,
        amount=price.amount,
        currency=price.currency,
        vat_treatment=price.vat_treatment,
        vat_rate=price.vat_rate,
        created_at=at,
    )
    consents.record(enrolment, order.agreed, at=at)
    if price.amount == 0:
        enrolment.mark_enrolled(waits_until=None, at=at)
        jobs.send_mail.defer(kind="enrolled", key=str(enrolment.pk))
        found = places.take(order.intake.pk, at=at)
    else:
        _write_payment(enrolment, order, at=at)
        found = places.hold(order.intake.pk, at=at)
    if not found:
        raise NotJoinable(_state_now(order.intake, at=at))
    return enrolment


def _state_now(intake: Intake, *, at: datetime) -> State:
    fresh = Intake.objects.prefetch_related("prices").get(pk=intake.pk)
    state = fresh.state(at=at)
    # Between our update and this look a place may have come free; what was true then is the answer.
    return State.LAST_PLACES if state.is_joinable else state


def _write_payment(enrolment: Enrolment, order: Order, *, at: datetime) -> Payment:
    payment = Payment(
        enrolment=enrolment,
        amount=enrolment.amount,
        currency=enrolment.currency,
        created_at=at,
        expires_at=at + timedelta(minutes=settings.PLACE_HOLD_MINUTES),
    )
    payment.parameters = _parameters(payment, order)
    payment.save(force_insert=True)
    return payment


def _parameters(payment: Payment, order: Order) -> dict[str, Any]:
    """What Stripe is sent to open a Checkout Session for ``payment``, as JSON can keep it."""
    enrolment = payment.enrolment
    metadata = {"payment": str(payment.pk), "enrolment": str(enrolment.pk)}
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": payment.currency.lower(),
                    "unit_amount": payment.amount,
                    "product_data": {
                        "name": f"{enrolment.intake.course.title}, {enrolment.intake.label}",
                        "description": enrolment.price_name,
                    },
                },
            }
        ],
        "customer_email": enrolment.student.email,
        "client_reference_id": payment.reference,
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "description": f"{enrolment.intake.course.title}, {enrolment.intake.label}",
        },
        "expires_at": int(payment.expires_at.timestamp()),
        "success_url": order.return_url.format(enrolment=enrolment.pk),
        "cancel_url": order.cancel_url.format(enrolment=enrolment.pk),
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
    Payment.objects.filter(pk=payment.pk, session_id=None).update(
        session_id=session.id, session_url=session.url
    )
    payment.refresh_from_db()
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
    enrolment = Enrolment.objects.select_for_update().get(pk=payment.enrolment_id)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if not locked.session_id:
        lapse(locked, enrolment=enrolment, at=at)
