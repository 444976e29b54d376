"""A place that comes free while others try to buy it: whoever has waited longest gets it."""

import multiprocessing
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout, freeing, offering, passing_on, recounting, waiting
from enrolment.accepting import OfferOver
from enrolment.models import Enrolment, Offer, WaitingListEntry
from tests.bench.starting import Preparation, run_together
from tests.courses.making import a_course, a_price, a_provider, an_intake

BUYERS = 20


@pytest.fixture
def course(transactional_db: None) -> Course:
    """Deep learning."""
    a_provider()
    return a_course()


def a_student(name: str) -> User:
    user, _ = User.objects.get_or_create(
        email=f"{name}@example.org", defaults={"password": "!", "name": name.title()}
    )
    return user


def a_full_intake(course: Course, number: int = 0, places: int = 1) -> Intake:
    """Free of charge, with everybody in by the journey that all take."""
    intake = an_intake(course, f"{2126 + number}-05", capacity=places)
    price = a_price(intake, 0, name="Free")
    for place in range(places):
        order = checkout.Order(
            student=a_student(f"learner{number}-{place}"), intake=intake, price=price
        )
        checkout.begin(order, at=timezone.now())
    intake.refresh_from_db()
    return intake


def give_up(enrolment: Enrolment) -> None:
    """A learner's place comes free."""
    with transaction.atomic():
        locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
        locked.cancel(at=timezone.now())
        freeing.free_taken(locked, at=timezone.now())


class Rush:
    """Twenty people who ask for a place again and again, while the only one is given up."""

    def __init__(self, intake: Intake) -> None:
        context = multiprocessing.get_context("fork")
        self.intake = intake
        self.asked = context.Semaphore(0)
        self.freed = context.Event()

    def run(self) -> list[str]:
        """What came of it for each of the twenty."""
        buyers = [a_student(f"buyer{count}") for count in range(BUYERS)]
        going: list[Preparation[str]] = [self.ready_to_free]
        going += [partial(self.ready_to_buy, buyer) for buyer in buyers]
        return [told for told in run_together(going).answers if told]

    def ready_to_free(self) -> list[Callable[[], str]]:
        return [self.free]

    def free(self) -> str:
        """Once all twenty are at it."""
        for _ in range(BUYERS):
            self.asked.acquire(timeout=60)
        try:
            give_up(Enrolment.objects.live().get(intake=self.intake))
        finally:
            self.freed.set()
        return ""

    def ready_to_buy(self, buyer: User) -> list[Callable[[], str]]:
        return [partial(self.buy, buyer)]

    def buy(self, buyer: User) -> str:
        """Until the place has been given up, and once more."""
        is_last = False
        while True:
            told = self.ask(buyer)
            self.asked.release()
            if told == "enrolled" or is_last:
                return told
            is_last = self.freed.is_set()

    def ask(self, buyer: User) -> str:
        rows = Intake.objects.select_related("course").prefetch_related("prices")
        intake = rows.get(pk=self.intake.pk)
        order = checkout.Order(student=buyer, intake=intake, price=intake.prices.all()[0])
        try:
            checkout.begin(order, at=timezone.now())
        except checkout.NotJoinable:
            return "booked up"
        return "enrolled"


def test_the_one_who_waits_gets_the_place_and_none_of_twenty_buyers(course: Course) -> None:
    whoever_waits_gets_it(course)


@pytest.mark.proof
@pytest.mark.parametrize("number", range(20))
def test_it_is_so_every_time(course: Course, number: int) -> None:
    whoever_waits_gets_it(course, number)


def whoever_waits_gets_it(course: Course, number: int = 0) -> None:
    intake, bob = a_full_intake(course, number), a_student("bob")
    waiting.join(student=bob, intake=intake, at=timezone.now())
    assert Rush(intake).run() == ["booked up"] * BUYERS
    offer = Offer.objects.select_related("price").get(status=Offer.Status.OPEN)
    assert offer.entry.student == bob
    order = checkout.Order(student=bob, intake=intake, price=offer.price, offer=offer)
    checkout.begin(order, at=timezone.now())
    assert Enrolment.objects.live().get(intake=intake).student == bob
    assert recounting.miscounted() == []


@pytest.fixture
def without_guard() -> Iterator[None]:
    """A place that comes free is not offered on there and then, but by the next run of the job."""
    guarded = offering.pass_on

    def later(intake_id: int, *, at: datetime) -> list[Offer]:
        return []

    offering.pass_on = later
    yield
    offering.pass_on = guarded


def test_a_buyer_gets_it_once_the_guard_is_taken_away(course: Course, without_guard: None) -> None:
    intake, bob = a_full_intake(course), a_student("bob")
    waiting.join(student=bob, intake=intake, at=timezone.now())
    assert Rush(intake).run().count("enrolled") == 1
    assert Enrolment.objects.live().get(intake=intake).student != bob
    assert not Offer.objects.exists()


def test_an_offer_is_taken_or_over_and_never_both(course: Course) -> None:
    alice, bob = a_student("alice"), a_student("bob")
    for number in range(5):
        intake = a_full_intake(course, number)
        for student in (alice, bob):
            waiting.join(student=student, intake=intake, at=timezone.now())
        give_up(Enrolment.objects.live().get(intake=intake))
        offer = Offer.objects.select_related("price").get(intake=intake)
        order = checkout.Order(student=alice, intake=intake, price=offer.price, offer=offer)
        told = run_together([partial(_to_take, order), partial(_to_expire, offer)]).answers
        assert sorted(told) in (["expired", "over"], ["taken", "too late"])
        winner = bob if "expired" in told else alice
        assert Offer.objects.filter(intake=intake).first().entry.student == winner
        assert recounting.miscounted() == []


def _to_take(order: checkout.Order) -> list[Callable[[], str]]:
    return [partial(_take, order)]


def _take(order: checkout.Order) -> str:
    try:
        checkout.begin(order, at=timezone.now())
    except OfferOver:
        return "over"
    return "taken"


def _to_expire(offer: Offer) -> list[Callable[[], str]]:
    return [lambda: "expired" if passing_on.expire(offer, at=offer.expires_at) else "too late"]


def test_the_job_in_ten_processes_and_people_leaving_offer_each_place_once(
    course: Course,
) -> None:
    june = a_full_intake(course, 1, places=5)
    may = a_full_intake(course, 0, places=5)
    now = timezone.now()
    entries = [
        waiting.join(
            student=a_student(f"waiting{count}"),
            intake=may,
            also=[june],
            at=now + timedelta(seconds=count),
        )
        for count in range(20)
    ]
    Enrolment.objects.all().delete()
    recounting.recount()
    going: list[Preparation[object]] = [partial(_to_leave, entry) for entry in entries[:8]]
    run_together(going + [_to_pass_on] * 10)
    passing_on.run(at=timezone.now())
    left = {entry.pk for entry in entries[:8]}
    offered = set(Offer.objects.filter(status="open").values_list("entry", flat=True))
    assert len(offered) == 10
    assert not offered & left
    assert WaitingListEntry.objects.filter(status="left").count() == 8
    assert WaitingListEntry.objects.filter(status="waiting").count() == 2
    assert recounting.miscounted() == []


def _to_leave(entry: WaitingListEntry) -> list[Callable[[], object]]:
    return [lambda: waiting.leave(entry, at=timezone.now())]


def _to_pass_on() -> list[Callable[[], object]]:
    return [lambda: passing_on.run(at=timezone.now())]
