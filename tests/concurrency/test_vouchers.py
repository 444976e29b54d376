"""The last use of a voucher: one of those who try at once gets it, and no one else."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout, places, recounting, vouchers
from enrolment.models import Enrolment, Voucher, VoucherBatch
from tests.bench.starting import run_together
from tests.courses.making import a_course, a_price, a_provider, an_intake

ADDRESS = "http://localhost:8000/account/enrolments/{enrolment}/"


@pytest.fixture
def course(transactional_db: None) -> Course:
    """Deep learning."""
    a_provider()
    return a_course()


@pytest.fixture
def voucher(course: Course) -> Voucher:
    """Half price, once in all."""
    batch = VoucherBatch.objects.create(name="Half", percent=50, limit_per_person=None)
    return Voucher.objects.create(batch=batch, code="HALF", limit=1)


def ten_people(round_number: int = 0) -> list[User]:
    return User.objects.bulk_create(
        User(email=f"person{round_number}-{count}@example.org", password="!") for count in range(10)
    )


def an_open_intake(course: Course, number: int = 0) -> Intake:
    intake = an_intake(course, f"{2126 + number}-05")
    a_price(intake)
    return intake


def ready(student: User, intake: Intake, voucher: Voucher) -> list[Callable[[], str]]:
    """Prepare one student's order; what is left to do is to send it."""
    order = checkout.Order(
        student=student,
        intake=Intake.objects.select_related("course").prefetch_related("prices").get(pk=intake.pk),
        price=intake.prices.get(),
        voucher=Voucher.objects.select_related("batch").get(pk=voucher.pk),
        return_url=ADDRESS,
        cancel_url=ADDRESS,
    )
    return [partial(send, order)]


def send(order: checkout.Order) -> str:
    try:
        checkout.begin(order, at=timezone.now())
    except vouchers.VoucherRefused as refused:
        return str(refused)
    return "held"


def unguarded(voucher_id: int) -> bool:
    """Looks at the counter, and writes down what it saw plus one."""
    voucher = Voucher.objects.get(pk=voucher_id)
    if voucher.limit is not None and voucher.times_used >= voucher.limit:
        return False
    Voucher.objects.filter(pk=voucher_id).update(times_used=voucher.times_used + 1)
    return True


def race(course: Course, voucher: Voucher, number: int = 0) -> list[str]:
    """Ten students send their orders at once; what each was told."""
    intake = an_open_intake(course, number)
    return run_together(
        [partial(ready, student, intake, voucher) for student in ten_people(number)]
    ).answers


def race_anew(course: Course, voucher: Voucher, number: int) -> list[str]:
    """The same, as if nobody had used the voucher yet."""
    Enrolment.objects.filter(voucher=voucher).update(voucher=None)
    Voucher.objects.update(times_used=0)
    return race(course, voucher, number)


def test_the_last_use_goes_to_exactly_one_of_ten(course: Course, voucher: Voucher) -> None:
    answers = race(course, voucher)
    assert answers.count("held") == 1
    assert set(answers) - {"held"} <= {
        "This voucher has just been used up.",
        "This voucher has been used up.",
    }
    assert Enrolment.objects.filter(voucher=voucher).count() == 1
    assert recounting.miscounted() == []


@pytest.mark.proof
def test_it_does_every_time(course: Course, voucher: Voucher) -> None:
    for number in range(20):
        assert race_anew(course, voucher, number).count("held") == 1


@pytest.fixture
def without_guard() -> Iterator[None]:
    """The conditional update that is the guard, taken away for the forked processes too."""
    guarded = places.use_voucher
    places.use_voucher = unguarded
    yield
    places.use_voucher = guarded


def test_several_get_it_once_the_guard_is_taken_away(
    course: Course, voucher: Voucher, without_guard: None
) -> None:
    assert any(race_anew(course, voucher, number).count("held") > 1 for number in range(20))


def test_one_student_in_ten_windows_uses_it_as_often_as_one_person_may(
    course: Course, voucher: Voucher
) -> None:
    VoucherBatch.objects.update(limit_per_person=1)
    Voucher.objects.update(limit=None)
    voucher.refresh_from_db()
    alice = User.objects.create_user("alice@example.org", name="Alice Archer")
    intakes = [an_open_intake(course, number) for number in range(10)]
    answers = run_together([partial(ready, alice, intake, voucher) for intake in intakes]).answers
    assert answers.count("held") == 1
