"""Doing what a student, Stripe and the worker do."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from courses.models import Intake
from enrolment import payments
from enrolment.models import Enrolment, Payment
from tests.sandbox.process import SECRET_KEY, WEBHOOK_SECRET, Sandbox

TEACHING_AND_LESSONS = {"teaching": "on", "digital_content": "on"}


@contextmanager
def turned_to(running: Sandbox, settings: Settings) -> Iterator[Sandbox]:
    """The site in this process talks to ``running`` in Stripe's place."""
    settings.STRIPE_API_BASE = running.url
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    payments._client.cache_clear()
    yield running
    payments._client.cache_clear()


def enrol(client: Client, intake: Intake, **answers: str) -> HttpResponseBase:
    """Send the enrol form with the intake's cheapest price."""
    price = intake.prices.order_by("amount").first()
    known = {"price": str(price.pk)} if price else {}
    return client.post(
        f"/courses/{intake.course.slug}/intakes/{intake.slug}/enrol/", {**known, **answers}
    )


def begin_paying(client: Client, intake: Intake, **answers: str) -> Payment:
    """Enrol as far as Stripe's page."""
    response = enrol(client, intake, **answers)
    assert response.status_code == 302, response.content.decode()
    return Payment.objects.latest("created_at")


def pay(stand_in: Sandbox, payment: Payment, outcome: str = "success") -> None:
    """What the student does on Stripe's page; the webhook is not delivered by this."""
    stand_in.control(f"sessions/{payment.session_id}/pay", outcome=outcome)


def events(stand_in: Sandbox, kind: str) -> list[dict[str, Any]]:
    """The events of a type that Stripe has recorded, the newest first."""
    found = stand_in.client().v1.events.list({"type": kind, "limit": 100})
    return [event.to_dict() for event in found.data]


def signature(body: str, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """A header as Stripe computes it."""
    moment = int(at or time.time())
    signed = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def deliver(client: Client, event: dict[str, Any], **signing: Any) -> HttpResponseBase:
    """Send one event to the webhook, signed."""
    body = json.dumps(event)
    return client.post(
        "/stripe/webhook/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature(body, **signing)},
    )


def queued(name: str = "") -> list[ProcrastinateJob]:
    """The jobs that wait for the worker, the oldest first."""
    jobs = ProcrastinateJob.objects.filter(status="todo").order_by("pk")
    return list(jobs.filter(task_name__endswith=name) if name else jobs)


def run_jobs() -> int:
    """Do the queued work, in order, until none is left; how many jobs it was."""
    done = 0
    while waiting := queued():
        for job in waiting:
            app.tasks[job.task_name].func(**job.args)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.pk]
                )
            done += 1
    return done


def places(intake: Intake) -> tuple[int, int]:
    """Taken and held, as the database has them now."""
    intake.refresh_from_db()
    return intake.places_taken, intake.places_held


def only_enrolment() -> Enrolment:
    """The one enrolment there is."""
    return Enrolment.objects.get()
