"""From a price chosen to a place held and a payment written down.

The place is held and the payment committed, with every parameter of the coming call, before
Stripe is called (``enrolment.paying``); a crash between any two steps is healed by
``enrolment.reconciling``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from courses.models import Intake, Price, Provider
from courses.states import State
from enrolment import (
    accepting,
    consents,
    history,
    jobs,
    offering,
    paying,
    places,
    pricing,
    vouchers,
)
from enrolment.accepting import OfferOver, PriceNotBookable
from enrolment.models import Enrolment, Offer, Voucher
from enrolment.vouchers import VoucherRefused

LIVE_CONSTRAINT = "enrolment_one_live_per_student_and_intake"


class NotJoinable(Exception):
    """The intake cannot be joined; ``state`` says why."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class ReasonMissing(Exception):
    """A concession is declared, and the student did not say why."""


class AlreadyEnrolled(Exception):
    """The student holds or takes a place in this intake already."""

    def __init__(self, enrolment: Enrolment) -> None:
        super().__init__(enrolment)
        self.enrolment = enrolment


REFUSALS = (NotJoinable, PriceNotBookable, ReasonMissing, VoucherRefused, OfferOver)


@dataclass(frozen=True)
class Order:
    """What a student asks for.

    ``agreed`` are the kinds of consent given, ``declaration`` why a concession is due, ``offer``
    the offer from the waiting list that is being taken. The two addresses are where Stripe sends
    the student back to, absolute, with ``{enrolment}`` for the new enrolment's key; a free place
    needs none.
    """

    student: User
    intake: Intake
    price: Price
    agreed: Collection[str] = ()
    return_url: str = ""
    cancel_url: str = ""
    voucher: Voucher | None = None
    declaration: str = ""
    offer: Offer | None = None


def begin(order: Order, *, at: datetime) -> Enrolment:
    """Hold a place and write down what is to be paid, as ``to_pay``; at £0, enrol.

    Raises NotJoinable, PriceNotBookable, ReasonMissing, AlreadyEnrolled, OfferOver or
    VoucherRefused; nothing is kept then.
    """
    try:
        _check(order, at=at)
        with transaction.atomic():
            return _write(order, at=at)
    except (*REFUSALS, IntegrityError) as error:
        # Looked at only now: the constraint has the last word anyway, and most are not in yet.
        live = Enrolment.objects.live().filter(student=order.student, intake=order.intake)
        if existing := live.first():
            raise AlreadyEnrolled(existing) from error
        if not Price.objects.filter(pk=order.price.pk).exists():
            raise PriceNotBookable from error  # staff deleted it between the form and the commit
        if LIVE_CONSTRAINT in str(error):
            return begin(order, at=at)  # the other one has ended at this very moment
        raise


def _check(order: Order, *, at: datetime) -> None:
    """Refuse what cannot be, as far as it can be seen before anything is locked."""
    price, offer = order.price, order.offer
    state = order.intake.state(at=at)
    if offer is None and not state.is_joinable:
        raise NotJoinable(state)
    if offer and not order.intake.is_selling(at=at):
        raise NotJoinable(state)
    is_offered = offer is not None and offer.price_id == price.pk
    if price.intake_id != order.intake.pk or not (is_offered or price.is_bookable(at=at)):
        raise PriceNotBookable
    if price.declaration and not order.declaration.strip():
        raise ReasonMissing
    if order.voucher:
        amount = amount_of(order, at=at)
        vouchers.check(order.voucher, student=order.student, price=price, at=at, amount=amount)


def amount_of(order: Order, *, at: datetime) -> int:
    """The price before anything is taken off, in pence; an offer's is never more than it said."""
    if order.offer and order.offer.price_id == order.price.pk:
        return offering.amount_now(order.offer, order.price, at=at)
    return order.price.amount


def total_of(order: Order, *, at: datetime) -> pricing.Total:
    """What the order comes to."""
    return pricing.total(amount_of(order, at=at), order.voucher.batch if order.voucher else None)


def _write(order: Order, *, at: datetime) -> Enrolment:
    """Everything that is kept of an order; the counters of places come last."""
    price, total = order.price, total_of(order, at=at)
    enrolment = Enrolment(
        student=order.student,
        intake=order.intake,
        price=price,
        price_name=price.name,
        list_amount=total.list_amount,
        voucher=order.voucher,
        discount=total.discount,
        amount=total.amount,
        currency=price.currency,
        vat_treatment=price.vat_treatment,
        vat_rate=price.vat_rate,
        declaration=order.declaration.strip(),
        policy=Provider.policy_now(),
        held_until=order.offer.expires_at if order.offer and total.amount else None,
        created_at=at,
    )
    if total.amount == 0:
        enrolment.status = Enrolment.Status.ENROLLED
        enrolment.enrolled_at = at
    enrolment.save(force_insert=True)
    del enrolment.policy  # the database has put it in; whoever reads it fetches it
    consents.record(enrolment, order.agreed, at=at)
    if total.amount == 0:
        history.note(enrolment, history.Kind.ENROLLED, at=at)
        jobs.send_mail.defer(kind="enrolled", key=str(enrolment.pk))
    else:
        urls = paying.Addresses(order.return_url, order.cancel_url)
        payment = paying.write_payment(enrolment, amount=total.amount, urls=urls, at=at)
        enrolment.to_pay = payment
    if order.voucher:
        vouchers.use(order.voucher, student=order.student)
    _book(order, enrolment, at=at)
    return enrolment


def _book(order: Order, enrolment: Enrolment, *, at: datetime) -> None:
    """The place itself, last of all: from the offer, or whoever comes first."""
    if order.offer:
        accepting.accept(order.offer, enrolment, at=at)
        return
    book = places.take if enrolment.is_enrolled else places.hold
    if not book(order.intake.pk, at=at):
        raise NotJoinable(_state_now(order.intake, at=at))
    if not places.book_price(order.price.pk):
        raise PriceNotBookable


def _state_now(intake: Intake, *, at: datetime) -> State:
    fresh = Intake.objects.prefetch_related("prices").get(pk=intake.pk)
    state = fresh.state(at=at)
    # Between our update and this look a place may have come free; what was true then is the answer.
    return State.LAST_PLACES if state.is_joinable else state
