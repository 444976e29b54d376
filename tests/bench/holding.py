"""The holding step on one hot intake, beside the least that could do the same work.

The step is ``checkout.begin`` itself: everything up to the call to Stripe. The floor writes the
same two rows through the ORM and moves the same counter last, in one commit, and does nothing else.
Both run in the same number of processes, by turns, so that whatever else the machine does falls
on both.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout
from enrolment.models import Enrolment, Payment
from tests.bench.figures import Rates
from tests.bench.starting import BenchFailed, run_together
from tests.courses.making import a_price, an_intake

BACK = "http://localhost:8000/account/enrolments/{enrolment}/"
_numbers = count(1)


@dataclass(frozen=True)
class Sample:
    """The rows that one hold wrote, as values by column: what the floor writes again and again."""

    enrolment: dict[str, Any]
    payment: dict[str, Any]


def students(number: int) -> list[User]:
    """So many people with accounts."""
    return User.objects.bulk_create(
        User(
            email=f"student{each:04}@example.org",
            name=f"Student {each:04}, who would like a place",
            password="!",
        )
        for each in range(1, number + 1)
    )


def hot_intake(course: Course, *, capacity: int) -> Intake:
    """A new intake of ``course`` with so many places at £90, far enough ahead to be open."""
    slug = f"hot-{next(_numbers)}"
    intake = an_intake(course, "2126-05", slug=slug, starts_on=date(2126, 5, 4), capacity=capacity)
    a_price(intake)
    return intake


def order(student: User, intake_id: int) -> checkout.Order:
    """What the view hands to the journey, with the intake as the view fetches it."""
    fetched = Intake.objects.select_related("course").prefetch_related("prices").get(pk=intake_id)
    return checkout.Order(
        student=student,
        intake=fetched,
        price=fetched.prices.all()[0],
        return_url=f"{BACK}return/",
        cancel_url=BACK,
    )


def hold(asked: checkout.Order) -> bool:
    """The journey's step; False where it said that there is no place."""
    try:
        checkout.begin(asked, at=timezone.now())
    except checkout.NotJoinable:
        return False
    return True


def holds(people: list[User], intake_id: int) -> list[Callable[[], bool]]:
    """One hold for each of ``people``, with everything fetched that a view has at hand."""
    return [partial(hold, order(student, intake_id)) for student in people]


def sample_of(enrolment: Enrolment) -> Sample:
    """The rows behind ``enrolment``, without their keys."""
    return Sample(_values(enrolment), _values(enrolment.payments.get()))


def _values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def write_least(sample: Sample, *, student_id: int, intake_id: int, price_id: int) -> bool:
    """The floor: two inserts, and one conditional update last, in one commit."""
    about = {"student_id": student_id, "intake_id": intake_id, "price_id": price_id}
    with transaction.atomic():
        enrolment = Enrolment(**{**sample.enrolment, **about, "id": uuid.uuid4()})
        enrolment.skip_history_when_saving = True
        enrolment.save(force_insert=True)
        own = {"id": uuid.uuid4(), "enrolment_id": enrolment.pk}
        Payment(**{**sample.payment, **own}).save(force_insert=True)
        free = Q(capacity=None) | Q(capacity__gt=F("places_taken") + F("places_held"))
        hot = Intake.objects.filter(free, pk=intake_id)
        return bool(hot.update(places_held=F("places_held") + 1))


def floors(sample: Sample, people: list[User], intake: Intake) -> list[Callable[[], bool]]:
    """The floor once for each of ``people``."""
    price_id = intake.prices.get().pk
    return [
        partial(write_least, sample, student_id=student.pk, intake_id=intake.pk, price_id=price_id)
        for student in people
    ]


def dealt(people: list[User], processes: int) -> list[list[User]]:
    """The people, dealt out evenly."""
    return [people[number::processes] for number in range(processes)]


def held(intake: Intake) -> int:
    """The places held, if the counter and the enrolments agree; raises BenchFailed otherwise."""
    intake.refresh_from_db()
    live = Enrolment.objects.live().filter(intake=intake).count()
    if live != intake.places_held:
        raise BenchFailed(f"{live} enrolments hold places, and {intake.places_held} are counted")
    return intake.places_held


def measure(
    course: Course, people: list[User], sample: Sample, *, processes: int, rounds: int
) -> Rates:
    """Holds a second and floors a second, round by round, with so many processes."""
    rates = Rates()
    for number in range(rounds):
        steps = [_journey, _floor] if number % 2 else [_floor, _journey]
        seconds = {step: step(course, people, sample, processes) for step in steps}
        rates.add(journey=len(people) / seconds[_journey], floor=len(people) / seconds[_floor])
    return rates


def _journey(course: Course, people: list[User], _: Sample, processes: int) -> float:
    intake = hot_intake(course, capacity=10 * len(people))
    hands = [partial(holds, hand, intake.pk) for hand in dealt(people, processes)]
    return _seconds(hands, intake, len(people))


def _floor(course: Course, people: list[User], sample: Sample, processes: int) -> float:
    intake = hot_intake(course, capacity=10 * len(people))
    hands = [partial(floors, sample, hand, intake) for hand in dealt(people, processes)]
    return _seconds(hands, intake, len(people))


def _seconds(
    hands: list[partial[list[Callable[[], bool]]]], intake: Intake, expected: int
) -> float:
    run = run_together(hands)
    if not all(run.answers) or held(intake) != expected:
        raise BenchFailed(f"{sum(run.answers)} of {expected} got a place, with places for all")
    return run.seconds


def statements_of(step: Callable[[], object]) -> list[str]:
    """The statements that ``step`` sends, the start and end of its transaction among them."""
    with CaptureQueriesContext(connection) as captured:
        step()
    return [str(query["sql"]) for query in captured]
