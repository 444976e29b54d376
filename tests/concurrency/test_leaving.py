"""People who move and cancel while others buy, or while their own payment is settled."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Course, Intake, Price
from enrolment import (
    cancelling,
    checkout,
    moving,
    offering,
    paying,
    payments,
    places,
    recounting,
    settling,
)
from enrolment.models import Enrolment, Payment, Refund
from tests.bench.starting import run_together
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import turned_to
from tests.enrolment.leaving import ADDRESS, URLS, a_place, net
from tests.sandbox.process import Sandbox, start_sandbox

EACH = 6  # so many of either kind go for the same place


@pytest.fixture
def course(transactional_db: None) -> Course:
    """Deep learning."""
    a_provider()
    return a_course()


@pytest.fixture
def stand_in(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path)
    with turned_to(running, settings):
        yield running
    running.stop()


def people(kind: str, number: int, count: int = EACH) -> list[User]:
    return User.objects.bulk_create(
        User(email=f"{kind}{number}-{one}@example.org", password="!") for one in range(count)
    )


# A move against a buyer ------------------------------------------------------------------------


def to_move(enrolment: Enrolment, to: Intake) -> list[Callable[[], str]]:
    return [partial(move, enrolment, to)]


def move(enrolment: Enrolment, to: Intake) -> str:
    try:
        moving.move(enrolment, to=to, at=timezone.now(), by=enrolment.student, urls=URLS)
    except moving.NotMovable:
        return "no place"
    except DatabaseError as error:
        return f"failed: {error}"
    return "in"


def to_buy(student: User, price: Price) -> list[Callable[[], str]]:
    order = checkout.Order(
        student=student,
        intake=price.intake,
        price=price,
        return_url=ADDRESS,
        cancel_url=ADDRESS,
    )
    return [partial(buy, order)]


def buy(order: checkout.Order) -> str:
    try:
        checkout.begin(order, at=timezone.now())
    except (checkout.NotJoinable, checkout.PriceNotBookable):
        return "no place"
    except DatabaseError as error:
        return f"failed: {error}"
    return "in"


def rush_for_the_last_place(course: Course, number: int) -> tuple[list[str], Intake]:
    """Learners of one intake and buyers go for the only place in another; what each was told."""
    may = an_intake(course, f"{2126 + number}-05")
    june = an_intake(course, f"{2126 + number}-06", capacity=1)
    a_price(may)
    price = a_price(june)
    now = timezone.now()
    learners = [a_place(student, may, now) for student in people("learner", number)]
    going = [partial(to_move, learner, june) for learner in learners]
    going += [partial(to_buy, student, price) for student in people("buyer", number)]
    return run_together(going).answers, june


def one_gets_it(course: Course, number: int) -> None:
    told, june = rush_for_the_last_place(course, number)
    assert sorted(told) == ["in"] + ["no place"] * (2 * EACH - 1)
    assert Enrolment.objects.live().filter(intake=june).count() == 1
    assert recounting.miscounted() == []


def test_the_last_place_goes_to_one_who_moves_or_one_who_buys(course: Course) -> None:
    one_gets_it(course, 0)


@pytest.mark.proof
def test_it_does_every_time(course: Course) -> None:
    for number in range(20):
        one_gets_it(course, number)


def unguarded(counter: str) -> Callable[..., bool]:
    """Looks at the counter, and writes down what it saw plus one."""

    def book(intake_id: int, *, at: datetime) -> bool:
        intake = Intake.objects.get(pk=intake_id)
        if intake.places_left is not None and intake.places_left < 1:
            return False
        now = getattr(intake, counter) + 1
        return bool(Intake.objects.filter(pk=intake_id).update(**{counter: now}))

    return book


def no_locks(*_keys: int) -> None:
    """Lock nothing."""


def test_several_get_it_once_the_guard_is_taken_away(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "take", unguarded("places_taken"))
    monkeypatch.setattr(places, "hold", unguarded("places_held"))
    monkeypatch.setattr(offering, "lock_intakes", no_locks)
    assert any(oversold(course, number) for number in range(20))


def oversold(course: Course, number: int) -> bool:
    told, june = rush_for_the_last_place(course, number)
    return told.count("in") > 1 and Enrolment.objects.live().filter(intake=june).count() > 1


# Past each other --------------------------------------------------------------------------------


def cross(course: Course, number: int) -> list[str]:
    """Learners of two intakes change places, all at once; what each was told."""
    may, june = (an_intake(course, f"{2126 + number}-0{month}") for month in (5, 6))
    a_price(may)
    a_price(june)
    now = timezone.now()
    there = [a_place(student, may, now) for student in people("there", number)]
    back = [a_place(student, june, now) for student in people("back", number)]
    going = [partial(to_move, learner, june) for learner in there]
    going += [partial(to_move, learner, may) for learner in back]
    return run_together(going).answers


def test_learners_who_change_places_do_not_block_each_other(course: Course) -> None:
    assert set(cross(course, 0)) == {"in"}
    assert recounting.miscounted() == []


@pytest.mark.proof
def test_they_never_do(course: Course) -> None:
    for number in range(20):
        assert set(cross(course, number)) == {"in"}
    assert recounting.miscounted() == []


def test_they_do_once_the_order_of_locks_is_taken_away(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offering, "lock_intakes", no_locks)
    told = (answer for number in range(20) for answer in cross(course, number))
    assert any("deadlock" in answer for answer in told)


# Cancelling against settling ----------------------------------------------------------------------


def a_paid_session(
    stand_in: Sandbox, course: Course, number: int
) -> tuple[Enrolment, payments.CheckoutSession]:
    """A learner who is moving, and has paid the difference; the site has not heard of it."""
    may, june = (an_intake(course, f"{2126 + number}-0{month}") for month in (5, 6))
    price = a_price(may)
    a_price(june, 12_000)
    now = timezone.now()
    for student in people("other", number, 3):
        a_place(student, may, now)
    (student,) = people("mover", number, 1)
    order = checkout.Order(
        student=student, intake=may, price=price, return_url=ADDRESS, cancel_url=ADDRESS
    )
    enrolment = checkout.begin(order, at=now)
    settling.settle_session(pay(stand_in, enrolment.payments.get()), at=now)
    begun = moving.move(enrolment, to=june, at=now, by=student, urls=URLS)
    return enrolment, pay(stand_in, begun.payments.get())


def pay(stand_in: Sandbox, payment: Payment) -> payments.CheckoutSession:
    opened = paying.open_session(payment, at=timezone.now())
    stand_in.control(f"sessions/{opened.session_id}/pay", outcome="success")
    return payments.fetch_session(str(opened.session_id))


def to_cancel(enrolment: Enrolment) -> list[Callable[[], str]]:
    return [partial(told, cancelling.cancel, enrolment, by=enrolment.student)]


def to_settle(session: payments.CheckoutSession) -> list[Callable[[], str]]:
    return [partial(told, settling.settle_session, session)]


def told(work: Callable[..., Any], about: object, **how: Any) -> str:
    try:
        work(about, at=timezone.now(), **how)
    except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
        return f"failed: {error!r}"
    return "done"


def cancel_while_settling(
    stand_in: Sandbox, course: Course, number: int
) -> tuple[list[str], Enrolment]:
    enrolment, session = a_paid_session(stand_in, course, number)
    going: list[Callable[[], list[Callable[[], str]]]] = [partial(to_cancel, enrolment)] * 4
    going += [partial(to_settle, session)] * 4
    answers = run_together(going).answers
    enrolment.refresh_from_db()
    return answers, enrolment


def all_is_given_back(stand_in: Sandbox, course: Course, number: int) -> None:
    """Whichever came first: the place is cancelled once, and both payments go back, once."""
    answers, enrolment = cancel_while_settling(stand_in, course, number)
    assert answers == ["done"] * 8
    assert enrolment.status == Enrolment.Status.CANCELLED
    assert net(enrolment) == 0
    refunds = Refund.objects.filter(payment__enrolment=enrolment)
    assert sorted(refunds.values_list("amount", flat=True)) == [3000, 9000]
    assert enrolment.entries.filter(kind="cancelled").count() == 1
    assert recounting.miscounted() == []


def test_cancelling_while_a_payment_is_settled_gives_everything_back_once(
    course: Course, stand_in: Sandbox
) -> None:
    all_is_given_back(stand_in, course, 0)


@pytest.mark.proof
def test_it_gives_it_back_every_time(course: Course, stand_in: Sandbox) -> None:
    for number in range(20):
        all_is_given_back(stand_in, course, number)


@contextmanager
def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits for anybody: rows are read as if they were locked."""

    def unlocked(self: QuerySet, **how: Any) -> QuerySet:
        return self.all()

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", unlocked)
        yield


def test_it_does_not_once_the_locks_are_taken_away(
    course: Course, stand_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any(went_wrong(stand_in, course, monkeypatch, number) for number in range(20))


def went_wrong(
    stand_in: Sandbox, course: Course, monkeypatch: pytest.MonkeyPatch, number: int
) -> bool:
    """Money given back twice, or places that nobody has."""
    with without_row_locks(monkeypatch):
        _, enrolment = cancel_while_settling(stand_in, course, number)
    return net(enrolment) != 0 or recounting.miscounted() != []
