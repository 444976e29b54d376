"""The same thing done twice at the same moment, by people who are new or were late."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from courses.models import Intake, Price
from enrolment import by_hand, checkout, payments, recounting, settling
from enrolment.lapsing import lapse
from enrolment.models import Enrolment, Payment, Refund
from tests.bench.starting import run_together
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.leaving import ADDRESS

TIMES = 8


@pytest.fixture
def intake(transactional_db: None) -> Intake:
    """May 2126, without a limit, £90."""
    a_provider()
    made = an_intake(a_course(), "2126-05")
    a_price(made)
    return made


def test_a_new_person_enrolled_by_hand_twice_at_once_is_enrolled_once(intake: Intake) -> None:
    sam = User.objects.create_superuser("sam@example.org", name="Sam Staff")
    price = intake.prices.get()
    for number in range(TIMES):
        place = by_hand.Place(f"new{number}@example.org", intake, price, sam, name="New Person")
        told = run_together([partial(to_enrol, place) for _ in range(3)]).answers
        assert sorted(told) == ["in", "there already", "there already"]
    assert User.objects.filter(name="New Person").count() == TIMES
    assert recounting.miscounted() == []


def to_enrol(place: by_hand.Place) -> list[Callable[[], str]]:
    return [partial(enrol, place)]


def enrol(place: by_hand.Place) -> str:
    try:
        by_hand.enrol_free(place, at=timezone.now())
    except checkout.AlreadyEnrolled:
        return "there already"
    except DatabaseError as error:
        return f"failed: {error}"
    return "in"


def test_money_that_comes_late_while_its_student_enrols_anew_never_fails(intake: Intake) -> None:
    price = intake.prices.get()
    for number in range(TIMES):
        student = User.objects.create_user(f"late{number}@example.org", name="Late Comer")
        session = paid_too_late(student, price)
        told = run_together([partial(to_settle, session), partial(to_begin, student, price)])
        assert not [answer for answer in told.answers if "failed" in answer]
        assert Enrolment.objects.live().filter(student=student).count() == 1
        payment = Payment.objects.get(session_id=session.id)
        assert Refund.objects.filter(payment=payment).exists() == bool(payment.flag)
    assert recounting.miscounted() == []


def paid_too_late(student: User, price: Price) -> payments.CheckoutSession:
    """The hold has ended, and Stripe has the money all the same."""
    now = timezone.now()
    enrolment = checkout.begin(an_order(student, price), at=now - timedelta(hours=1))
    payment = enrolment.payments.get()
    lapse(payment, enrolment=enrolment, at=now)
    return payments.CheckoutSession(
        id=f"cs_{payment.pk.hex}",
        url="",
        is_open=False,
        is_expired=False,
        is_paid=True,
        is_processing=False,
        has_failed=False,
        amount=payment.amount,
        currency=payment.currency,
        payment_key=str(payment.pk),
        payment_intent_id=f"pi_{payment.pk.hex}",
        expires_at=payment.expires_at,
    )


def an_order(student: User, price: Price) -> checkout.Order:
    return checkout.Order(
        student=student,
        intake=price.intake,
        price=price,
        return_url=ADDRESS,
        cancel_url=ADDRESS,
    )


def to_settle(session: payments.CheckoutSession) -> list[Callable[[], str]]:
    return [partial(settle, session)]


def settle(session: payments.CheckoutSession) -> str:
    try:
        settling.settle_session(session, at=timezone.now())
    except DatabaseError as error:
        return f"failed: {error}"
    return "settled"


def to_begin(student: User, price: Price) -> list[Callable[[], str]]:
    return [partial(begin, an_order(student, price))]


def begin(order: checkout.Order) -> str:
    try:
        checkout.begin(order, at=timezone.now())
    except checkout.AlreadyEnrolled:
        return "there already"
    except DatabaseError as error:
        return f"failed: {error}"
    return "in"
