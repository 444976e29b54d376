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
from enrolment import checkout, paying
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
def payment(transactional_db: None, stand_in: Sandbox) -> Payment:
    """Alice's, paid at Stripe; nobody has told the site yet."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    call_command("createcachetable")
    a_provider()
    intake = an_intake(a_course(), "2126-05", capacity=1)
    price = a_price(intake)
    alice = User.objects.create_user("alice@example.org", name="Alice Archer")
    address = "http://localhost:8000/account/enrolments/{enrolment}/"
    order = checkout.Order(
        student=alice, intake=intake, price=price, return_url=address, cancel_url=address
    )
    begun = checkout.begin(order, at=timezone.now())
    opened = paying.open_session(begun.payments.get(), at=timezone.now())
    stand_in.control(f"sessions/{opened.session_id}/pay", outcome="success")
    return opened


def test_webhooks_and_the_returning_student_at_once_enrol_once_and_write_once(
    payment: Payment, stand_in: Sandbox, tmp_path: Path
) -> None:
    port = free_port()
    environ = environment(port=port, stripe_url=stand_in.url)
    site = serve(environ, port=port, log=tmp_path / "site")
    worker = work(environ, log=tmp_path / "worker")
    try:
        statuses = all_at_once(port, [*webhooks(stand_in), *returns(payment)])
        wait_until_worked()
    finally:
        worker.stop()
        site.stop()
    assert sorted(set(statuses)) == [200, 302]
    assert "Traceback" not in site.log.read_text()
    assert "deadlock" not in worker.log.read_text()
    assert StripeEvent.objects.count() == 1
    assert Enrolment.objects.get().is_enrolled
    intake = Intake.objects.get()
    assert (intake.places_taken, intake.places_held) == (1, 0)
    mails = ProcrastinateJob.objects.filter(task_name="enrolment.jobs.send_mail")
    assert [job.args["kind"] for job in mails] == ["enrolled"]


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
        if StripeEvent.objects.filter(processed_at__isnull=False).exists():
            return
    raise AssertionError("the worker did not do the event's work")
