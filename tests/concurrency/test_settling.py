"""The same payment told of from every side at the same moment: one place, one mail."""

import http.client
import json
import multiprocessing
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from courses.models import Intake
from enrolment import checkout, paying, recounting
from enrolment.models import Enrolment, Payment, StripeEvent
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import events as stripe_events
from tests.enrolment.driving import signature, turned_to
from tests.sandbox.process import Sandbox, start_sandbox
from tests.serving import environment, free_port, serve, work

Request = tuple[str, str, str, dict[str, str]]


@pytest.fixture
def stand_in(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path)
    with turned_to(running, settings):
        yield running
    running.stop()


@pytest.fixture
def intake(transactional_db: None, stand_in: Sandbox) -> Intake:
    """May 2126 at £90, without a limit."""
    call_command("createcachetable")
    a_provider()
    made = an_intake(a_course(), "2126-05")
    a_price(made)
    return made


def paid(intake: Intake, stand_in: Sandbox, number: int = 0) -> Payment:
    """Somebody's payment, made at Stripe; nobody has told the site yet."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    student = User.objects.create_user(f"alice{number}@example.org", name="Alice Archer")
    address = "http://localhost:8000/account/enrolments/{enrolment}/"
    order = checkout.Order(
        student=student,
        intake=Intake.objects.prefetch_related("prices").get(pk=intake.pk),
        price=intake.prices.get(),
        return_url=address,
        cancel_url=address,
    )
    begun = checkout.begin(order, at=timezone.now())
    opened = paying.open_session(begun.payments.get(), at=timezone.now())
    stand_in.control(f"sessions/{opened.session_id}/pay", outcome="success")
    return opened


def tell_of(payment: Payment, stand_in: Sandbox, *, port: int) -> list[int]:
    """Webhooks and the returning student, all at once; the statuses."""
    statuses = all_at_once(port, [*webhooks(stand_in), *returns(payment)])
    wait_until_worked()
    return statuses


def mails() -> list[str]:
    """The kinds of mail that were queued."""
    queued = ProcrastinateJob.objects.filter(task_name="enrolment.jobs.send_mail")
    return [job.args["kind"] for job in queued]


def enrols_once(intake: Intake, stand_in: Sandbox, folder: Path, *, times: int) -> None:
    port = free_port()
    environ = environment(port=port, stripe_url=stand_in.url)
    site = serve(environ, port=port, log=folder / "site")
    worker = work(environ, log=folder / "worker")
    try:
        for number in range(times):
            payment = paid(intake, stand_in, number)
            statuses = tell_of(payment, stand_in, port=port)
            assert sorted(set(statuses)) == [200, 302]
            assert StripeEvent.objects.count() == number + 1
            assert Enrolment.objects.get(pk=payment.enrolment_id).is_enrolled
            assert mails() == ["enrolled"]
    finally:
        worker.stop()
        site.stop()
    assert "Traceback" not in site.log.read_text()
    assert "deadlock" not in worker.log.read_text()
    assert recounting.miscounted() == []
    intake.refresh_from_db()
    assert (intake.places_taken, intake.places_held) == (times, 0)


def test_webhooks_and_the_returning_student_at_once_enrol_once_and_write_once(
    intake: Intake, stand_in: Sandbox, tmp_path: Path
) -> None:
    enrols_once(intake, stand_in, tmp_path, times=1)


@pytest.mark.proof
def test_they_do_every_time(intake: Intake, stand_in: Sandbox, tmp_path: Path) -> None:
    enrols_once(intake, stand_in, tmp_path, times=20)


def test_they_write_twice_or_fail_once_the_locks_are_taken_away(
    intake: Intake, stand_in: Sandbox, tmp_path: Path
) -> None:
    port = free_port()
    environ = environment(port=port, stripe_url=stand_in.url)
    site = serve(
        environ, port=port, log=tmp_path / "site", application="tests.concurrency.unlocked"
    )
    try:
        went_wrong = any(
            goes_wrong(paid(intake, stand_in, number), stand_in, port) for number in range(20)
        )
    finally:
        site.stop()
    assert went_wrong


def goes_wrong(payment: Payment, stand_in: Sandbox, port: int) -> bool:
    statuses = all_at_once(port, [*webhooks(stand_in), *returns(payment)])
    return 500 in statuses or len(mails()) > 1


def webhooks(stand_in: Sandbox) -> list[Request]:
    """The same event, four times."""
    body = json.dumps(stripe_events(stand_in, "checkout.session.completed")[0])
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature(body)}
    return [("POST", "/stripe/webhook/", body, headers)] * 4


def returns(payment: Payment) -> list[Request]:
    """The student's return, in four tabs."""
    client = Client()
    client.force_login(payment.enrolment.student)
    cookie = f"termtime_session={client.cookies['termtime_session'].value}"
    path = f"/account/enrolments/{payment.enrolment_id}/return/"
    return [("GET", path, "", {"Cookie": cookie})] * 4


def all_at_once(port: int, requests: list[Request]) -> list[int]:
    """Each from a process of its own, waiting for the others before it sends; the statuses."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(requests))
    queue: multiprocessing.Queue[int] = context.Queue()
    senders = [
        context.Process(target=_send, args=(port, request, barrier, queue)) for request in requests
    ]
    for sender in senders:
        sender.start()
    statuses = [queue.get(timeout=60) for _ in senders]
    for sender in senders:
        sender.join(timeout=10)
    return statuses


def _send(
    port: int, request: Request, barrier: Barrier, queue: "multiprocessing.Queue[int]"
) -> None:
    method, path, body, headers = request
    link = http.client.HTTPConnection("localhost", port, timeout=30)
    link.connect()
    barrier.wait(timeout=30)
    link.request(method, path, body or None, headers)
    queue.put(link.getresponse().status)
    link.close()


def wait_until_worked() -> None:
    """Until the worker has done the event's work, at most half a minute."""
    deadline = timezone.now() + timedelta(seconds=30)
    while timezone.now() < deadline:
        if not StripeEvent.objects.filter(processed_at=None).exists():
            return
    raise AssertionError("the worker did not do the event's work")
