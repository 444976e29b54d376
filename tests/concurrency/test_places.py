"""200 people after 20 places, through the real views over HTTP, from 20 processes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Intake
from enrolment import reconciling
from enrolment.models import Enrolment, Payment
from tests.concurrency.rushing import rush
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import turned_to
from tests.sandbox.process import Sandbox, start_sandbox
from tests.serving import environment, free_port, serve

PATH = "/courses/deep-learning/intakes/2126-05/enrol/"


@pytest.fixture
def stand_in(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path)
    with turned_to(running, settings):
        yield running
    running.stop()


@pytest.fixture
def intake(transactional_db: None) -> Intake:
    """May 2126 with 20 places at £90."""
    call_command("createcachetable")
    a_provider()
    made = an_intake(a_course(), "2126-05", capacity=20)
    a_price(made)
    return made


def signed_in(number: int) -> list[str]:
    """The cookies of so many people who have signed in."""
    people = User.objects.bulk_create(
        User(email=f"person{count}@example.org", password="!") for count in range(number)
    )
    return [_cookie(person) for person in people]


def _cookie(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return f"termtime_session={session.session_key}"


def counted(intake: Intake) -> tuple[int, int]:
    intake.refresh_from_db()
    return intake.places_taken, intake.places_held


def test_two_hundred_people_after_twenty_places_get_exactly_twenty(
    intake: Intake, stand_in: Sandbox, tmp_path: Path
) -> None:
    port = free_port()
    site = serve(environment(port=port, stripe_url=stand_in.url), port=port, log=tmp_path / "log")
    try:
        answers = rush(port=port, path=PATH, cookies=signed_in(200), processes=20)
    finally:
        site.stop()
    log = site.log.read_text()
    assert "deadlock" not in log
    assert "Traceback" not in log
    told = [answer for answer in answers if answer.status == 409]
    through = [answer for answer in answers if answer.status == 302]
    assert (len(through), len(told)) == (20, 180)
    assert all("The last places are being booked" in answer.page for answer in told)
    assert counted(intake) == (0, 20)

    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    for payment in Payment.objects.all():
        stand_in.control(f"sessions/{payment.session_id}/pay", outcome="success")
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    assert Enrolment.objects.filter(status=Enrolment.Status.ENROLLED).count() == 20
    assert counted(intake) == (20, 0)


def test_the_same_race_oversells_once_the_guard_is_taken_away(
    intake: Intake, stand_in: Sandbox, tmp_path: Path
) -> None:
    port = free_port()
    environ = environment(port=port, stripe_url=stand_in.url)
    site = serve(
        environ, port=port, log=tmp_path / "log", application="tests.concurrency.unguarded"
    )
    try:
        rush(port=port, path=PATH, cookies=signed_in(200), processes=20)
    finally:
        site.stop()
    assert Enrolment.objects.live().count() > 20
