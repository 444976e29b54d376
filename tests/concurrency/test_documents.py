"""Payments settled at the same moment, one of them undone: every number once, and none left out."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Course
from enrolment import checkout, documents, paying, payments, settling
from enrolment.models import Document, DocumentSeries, Enrolment, Payment
from enrolment.models.document import Kind
from tests.bench.starting import run_together
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import turned_to
from tests.sandbox.process import Sandbox, start_sandbox

ADDRESS = "http://localhost:8000/account/enrolments/{enrolment}/"
BUYERS = 8


@pytest.fixture
def stand_in(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path)
    with turned_to(running, settings):
        yield running
    running.stop()


@pytest.fixture
def course(transactional_db: None, stand_in: Sandbox) -> Course:
    """Deep learning."""
    a_provider()
    return a_course()


def paid_at_stripe(course: Course, stand_in: Sandbox, number: int) -> list[Payment]:
    """A payment for each of eight intakes, so that nothing but the numbers is shared."""
    opened = []
    for buyer in range(BUYERS):
        intake = an_intake(course, f"{2126 + number}-{buyer + 1:02d}")
        student = User.objects.create_user(f"person{number}-{buyer}@example.org")
        order = checkout.Order(
            student=student,
            intake=intake,
            price=a_price(intake),
            return_url=ADDRESS,
            cancel_url=ADDRESS,
        )
        begun = checkout.begin(order, at=timezone.now())
        payment = paying.open_session(begun.payments.get(), at=timezone.now())
        stand_in.control(f"sessions/{payment.session_id}/pay", outcome="success")
        opened.append(payment)
    return opened


def ready(payment: Payment, *, is_undone: bool) -> list[Callable[[], str]]:
    """Ask Stripe beforehand; what is left to do is to settle."""
    payments._client.cache_clear()  # a connection to Stripe belongs to one process
    session = payments.fetch_session(str(payment.session_id))
    return [partial(settle, session, is_undone=is_undone)]


def settle(session: payments.CheckoutSession, *, is_undone: bool) -> str:
    try:
        with transaction.atomic():
            settling.settle_session(session, at=timezone.now())
            transaction.set_rollback(is_undone)
    except IntegrityError as error:
        return str(error)
    return "undone" if is_undone else "settled"


def race(course: Course, stand_in: Sandbox, number: int = 0) -> list[str]:
    """All are settled at once, the fourth is undone after it has taken its numbers."""
    opened = paid_at_stripe(course, stand_in, number)
    return run_together(
        [partial(ready, payment, is_undone=place == 3) for place, payment in enumerate(opened)]
    ).answers


def numbers(kind: Kind) -> list[int]:
    """Those that were given, in order."""
    given = Document.objects.filter(kind=kind).order_by("number")
    return list(given.values_list("number", flat=True))


def hold_without_gaps(count: int) -> None:
    """As many documents of each kind as payments were settled, numbered from one."""
    for kind in (Kind.RECEIPT, Kind.INVOICE):
        assert numbers(kind) == list(range(1, count + 1))
        assert DocumentSeries.objects.get(kind=kind).last_number == count


def test_numbers_have_no_gaps_when_several_settle_at_once_and_one_is_undone(
    course: Course, stand_in: Sandbox
) -> None:
    answers = race(course, stand_in)
    assert sorted(answers) == ["settled"] * (BUYERS - 1) + ["undone"]
    hold_without_gaps(BUYERS - 1)
    (left,) = Enrolment.objects.filter(status="pending")
    settling.settle(left.payments.get(), at=timezone.now())
    hold_without_gaps(BUYERS)


@pytest.mark.proof
def test_they_have_none_every_time(course: Course, stand_in: Sandbox) -> None:
    for number in range(20):
        answers = race(course, stand_in, number)
        assert sorted(answers) == ["settled"] * (BUYERS - 1) + ["undone"]
        hold_without_gaps((number + 1) * (BUYERS - 1))


def without_lock(kind: Kind) -> int:
    """Looks at the last number, and takes the next: nobody is kept from doing the same."""
    latest = Document.objects.filter(kind=kind).order_by("-number").first()
    return (latest.number if latest else 0) + 1


def from_sequence(kind: Kind) -> int:
    """A number that is kept by whoever took it, even where the rest is undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"numbers_of_{kind}"])
        return int(cursor.fetchone()[0])


@pytest.fixture
def swapped(request: pytest.FixtureRequest) -> Iterator[None]:
    """The lock taken away, for the forked processes too."""
    guarded = documents.next_number
    documents.next_number = request.param
    yield
    documents.next_number = guarded


@pytest.mark.parametrize("swapped", [without_lock], indirect=True)
def test_without_the_lock_two_get_the_same_number(
    course: Course, stand_in: Sandbox, swapped: None
) -> None:
    answers = [answer for number in range(5) for answer in race(course, stand_in, number)]
    assert any("document_number_once" in answer for answer in answers)


@pytest.fixture
def sequences(transactional_db: None) -> Iterator[None]:
    """What databases offer for numbers that need only be different."""
    kinds = [f"numbers_of_{kind}" for kind in Kind.values]
    with connection.cursor() as cursor:
        for name in kinds:
            cursor.execute(f"CREATE SEQUENCE {name}")
    yield
    with connection.cursor() as cursor:
        for name in kinds:
            cursor.execute(f"DROP SEQUENCE {name}")


@pytest.mark.parametrize("swapped", [from_sequence], indirect=True)
def test_a_sequence_would_leave_a_gap_where_one_is_undone(
    course: Course, stand_in: Sandbox, sequences: None, swapped: None
) -> None:
    race(course, stand_in)
    race(course, stand_in, 1)
    given = numbers(Kind.INVOICE)
    assert given != list(range(1, len(given) + 1))
