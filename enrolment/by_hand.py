"""Enrolling someone by hand: free, paid elsewhere, or with a link to pay by.

Staff may do so after enrolment has closed, and never above the places there are. Only the page of a
link to pay asks for consents; otherwise lessons that are paid for open when the right to cancel has
run out.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import User
from courses.calendar import day_start
from courses.models import Intake, Price, Provider
from courses.states import State
from enrolment import accepting, consents, documents, history, jobs, places
from enrolment.checkout import AlreadyEnrolled, NotJoinable, ReasonMissing
from enrolment.models import Enrolment, Offer, Payment, WaitingListEntry

Kind = history.Kind
NOON = timedelta(hours=12)


class NameMissing(Exception):
    """There is no account with this address, and no name to make one with."""


class AccountClosed(Exception):
    """The account with this address has been closed by staff."""


class PriceFull(Exception):
    """Every place at this price is taken or held."""


class NotWaiting(Exception):
    """The enrolment does not wait for money, or a payment at Stripe is open at this moment."""


@dataclass(frozen=True)
class Place:
    """Whom staff give a place, in which intake, at which price, and who does it.

    ``name`` is what a new account is called where there is none with the address, ``declaration``
    why a concession is due, ``reason`` what the history keeps.
    """

    email: str
    intake: Intake
    price: Price
    by: User
    name: str = ""
    declaration: str = ""
    reason: str = ""


def enrol_free(place: Place, *, at: datetime) -> Enrolment:
    """Enrol someone who pays nothing, whatever the price says. Raises what ``_give`` raises."""
    return _give(place, amount=0, at=at)


def enrol_paid_elsewhere(
    place: Place, *, amount: int, how: str, at: datetime, paid_on: date | None = None
) -> Enrolment:
    """Enrol someone who has paid ``amount`` pence by other means; ``how`` says by which.

    ``paid_on`` is the day in London on which the money came, today where it is left out. Raises
    what ``_give`` raises.
    """
    return _give(place, amount=amount, how=how, paid_on=paid_on, at=at)


def send_pay_link(place: Place, *, amount: int, held_until: datetime, at: datetime) -> Enrolment:
    """Hold a place until ``held_until`` and write to the student where to pay ``amount`` pence.

    Raises what ``_give`` raises.
    """
    return _give(place, amount=amount, held_until=held_until, at=at)


def _give(
    place: Place,
    *,
    amount: int,
    at: datetime,
    how: str = "",
    paid_on: date | None = None,
    held_until: datetime | None = None,
) -> Enrolment:
    """The place, and an account for who takes it where there is none; or nothing is kept.

    Raises NameMissing, AccountClosed, ReasonMissing, AlreadyEnrolled, PriceFull, or NotJoinable
    with what is in the way: the intake is full or cancelled.
    """
    if place.price.declaration and not place.declaration.strip():
        raise ReasonMissing
    theirs = Enrolment.objects.filter(student__email__iexact=place.email)
    live = theirs.with_place_in(place.intake)
    if existing := live.first():
        raise AlreadyEnrolled(existing)
    try:
        with transaction.atomic():
            enrolment = _write(place, amount=amount, held_until=held_until, at=at)
            if held_until:
                _send_link(enrolment, place, at=at)
            else:
                _enrol(enrolment, place, how=how, paid_on=paid_on, at=at)
            _book(enrolment, at=at)
            for payment in enrolment.payments.all():
                documents.issue_for_payment(payment, at=at)
    except IntegrityError as error:
        # Another request was quicker: the same form sent twice, as a rule, perhaps with an account.
        if existing := live.first():
            raise AlreadyEnrolled(existing) from error
        raise
    return enrolment


def _write(place: Place, *, amount: int, held_until: datetime | None, at: datetime) -> Enrolment:
    price = place.price
    list_amount = max(price.amount, amount)
    enrolment = Enrolment.objects.create(
        student=_person(place.email, place.name),
        intake=place.intake,
        price=price,
        price_name=price.name,
        list_amount=list_amount,
        discount=list_amount - amount,
        amount=amount,
        currency=price.currency,
        vat_treatment=price.vat_treatment,
        vat_rate=price.vat_rate,
        declaration=place.declaration.strip(),
        policy=Provider.policy_now(),
        enrolled_by=place.by,
        held_until=held_until,
        created_at=at,
    )
    del enrolment.policy  # the database has put it in; whoever reads it fetches it
    return enrolment


def _person(email: str, name: str) -> User:
    """The person with this address; a new one signs in by a code sent to it.

    Whose the address is shows when they first do, so it is not confirmed until then.
    """
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None and not name.strip():
        raise NameMissing
    if found is None:
        found = User.objects.create_user(email, name=name.strip())
        EmailAddress.objects.create(user=found, email=found.email, verified=False, primary=True)
    if not found.is_active:
        raise AccountClosed
    return found


def _send_link(enrolment: Enrolment, place: Place, *, at: datetime) -> None:
    facts = {**_agreed(enrolment), "until": enrolment.held_until}
    history.note(enrolment, Kind.PAY_LINK_SENT, at=at, by=place.by, reason=place.reason, **facts)
    jobs.send_mail.defer(kind="pay_link", key=str(enrolment.pk))


def _enrol(
    enrolment: Enrolment, place: Place, *, how: str, paid_on: date | None, at: datetime
) -> None:
    if enrolment.amount:
        _write_payment(enrolment, how=how, paid_on=paid_on, at=at)
    enrolment.mark_enrolled(waits_until=consents.lessons_wait_until(enrolment, at=at), at=at)
    facts = {**_agreed(enrolment), "how": how}
    history.note(enrolment, Kind.ENROLLED_BY_HAND, at=at, by=place.by, reason=place.reason, **facts)
    jobs.send_mail.defer(kind="enrolled_by_hand", key=str(enrolment.pk))


def _agreed(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "amount": enrolment.amount,
        "list_amount": enrolment.list_amount,
        "price": enrolment.price_name,
    }


def _write_payment(
    enrolment: Enrolment, *, how: str, paid_on: date | None, at: datetime
) -> Payment:
    """Money that came on ``paid_on`` and is noted at ``at``, which stays its time of creation.

    A day has no hour, so it counts from noon in London, or from ``at`` where that is before. The
    day is the time of supply that a VAT invoice gives: VAT Act 1994, section 6(4).
    """
    paid_at = min(at, day_start(paid_on) + NOON) if paid_on else at
    return Payment.objects.create(
        enrolment=enrolment,
        method=Payment.Method.ELSEWHERE,
        note=how,
        status=Payment.Status.PAID,
        amount=enrolment.amount,
        amount_received=enrolment.amount,
        created_at=at,
        expires_at=at,
        paid_at=paid_at,
    )


def _book(enrolment: Enrolment, *, at: datetime) -> None:
    """The place itself, last of all: the one offered to this student, or one that is free.

    Who gets a place by hand waits for none any more.
    """
    waits = WaitingListEntry.objects.filter(
        student_id=enrolment.student_id, intake_id=enrolment.intake_id
    )
    offer = Offer.objects.filter(
        entry__in=waits,
        intake_id=enrolment.intake_id,
        status=Offer.Status.OPEN,
        expires_at__gt=at,
    ).first()
    if offer and _takes(offer, enrolment, at=at):
        return
    book = places.take_late if enrolment.is_enrolled else places.hold_late
    if not book(enrolment.intake_id, at=at):
        raise NotJoinable(_in_the_way(enrolment.intake_id, at=at))
    if not places.book_price(enrolment.price_id):
        raise PriceFull
    waiting = waits.filter(status=WaitingListEntry.Status.WAITING)
    for entry in waiting.select_for_update(no_key=True, of=("self",)):
        entry.end(WaitingListEntry.Status.ENROLLED, at=at)


def _takes(offer: Offer, enrolment: Enrolment, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            accepting.accept(offer, enrolment, at=at)
    except accepting.OfferOver:
        return False
    except accepting.PriceNotBookable as error:
        raise PriceFull from error
    return True


def _in_the_way(intake_id: int, *, at: datetime) -> State:
    cancelled_at = Intake.objects.values_list("cancelled_at", flat=True).get(pk=intake_id)
    return State.CANCELLED if cancelled_at and cancelled_at <= at else State.FULL


@transaction.atomic
def receive_elsewhere(
    enrolment: Enrolment, *, how: str, by: User, at: datetime, paid_on: date | None = None
) -> Enrolment:
    """What a held place costs has been paid by other means: the student is in.

    ``paid_on`` is the day in London on which the money came, today where it is left out. Nothing
    happens where that was done already. Raises NotWaiting, and NotJoinable where the intake was
    cancelled.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    if locked.is_enrolled and locked.payments.filter(method=Payment.Method.ELSEWHERE).exists():
        return locked
    if not locked.is_pending or locked.payments.filter(status__in=Payment.OPEN).exists():
        raise NotWaiting
    payment = _write_payment(locked, how=how, paid_on=paid_on, at=at)
    facts: dict[str, Any] = {"amount": locked.amount, "how": how}
    history.note(locked, Kind.PAYMENT_RECEIVED, at=at, by=by, **facts)
    locked.mark_enrolled(waits_until=consents.lessons_wait_until(locked, at=at), at=at)
    history.note(locked, Kind.ENROLLED, at=at)
    jobs.send_mail.defer(kind="enrolled", key=str(locked.pk))
    if not places.take_held(locked.intake_id, at=at):
        raise NotJoinable(State.CANCELLED)
    documents.issue_for_payment(payment, at=at)
    return locked
