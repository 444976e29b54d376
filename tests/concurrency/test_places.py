"""200 people after 100 places, through the real views over HTTP, from 20 processes and 200."""

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
from courses.models import Course, Intake, Price
from enrolment import reconciling, recounting
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
def course(transactional_db: None) -> Course:
    """Deep learning."""
    call_command("createcachetable")
    a_provider()
    return a_course()


@pytest.fixture
def site(course: Course, stand_in: Sandbox, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The site as it is served: its port, and where its log is."""
    port = free_port()
    running = serve(
        environment(port=port, stripe_url=stand_in.url), port=port, log=tmp_path / "log"
    )
    yield port, running.log
    running.stop()


def may_2126(course: Course, *, places: int) -> Intake:
    """An intake at £90 with so many places."""
    made = an_intake(course, "2126-05", capacity=places)
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


def sell_out(site: tuple[int, Path], cookies: list[str], intake: Intake, processes: int) -> None:
    """Everyone at once; exactly as many get through as there are places."""
    port, log = site
    answers = rush(port=port, path=PATH, cookies=cookies, processes=processes)
    written = log.read_text()
    assert "deadlock" not in written
    assert "Traceback" not in written
    told = [answer for answer in answers if answer.status == 409]
    through = [answer for answer in answers if answer.status == 302]
    assert (len(through), len(told)) == (intake.capacity, len(cookies) - (intake.capacity or 0))
    assert all("The last places are being booked" in answer.page for answer in told)
    assert counted(intake) == (0, intake.capacity)
    assert recounting.miscounted() == []


def forget(intake: Intake) -> None:
    """As if nobody had come, for another round."""
    Payment.objects.all().delete()
    Enrolment.objects.all().delete()
    Intake.objects.filter(pk=intake.pk).update(places_held=0)
    Price.objects.update(places_booked=0)


def test_two_hundred_people_after_a_hundred_places_get_exactly_a_hundred(
    course: Course, site: tuple[int, Path], stand_in: Sandbox
) -> None:
    intake = may_2126(course, places=100)
    sell_out(site, signed_in(200), intake, processes=20)

    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    for payment in Payment.objects.all():
        stand_in.control(f"sessions/{payment.session_id}/pay", outcome="success")
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    assert Enrolment.objects.filter(status=Enrolment.Status.ENROLLED).count() == 100
    assert counted(intake) == (100, 0)


@pytest.mark.proof
def test_so_they_do_from_two_hundred_processes(course: Course, site: tuple[int, Path]) -> None:
    sell_out(site, signed_in(200), may_2126(course, places=100), processes=200)


@pytest.mark.proof
@pytest.mark.parametrize("processes", [20, 200])
def test_they_do_every_time(course: Course, site: tuple[int, Path], processes: int) -> None:
    intake, cookies = may_2126(course, places=100), signed_in(200)
    for _ in range(20):
        sell_out(site, cookies, intake, processes=processes)
        forget(intake)


def test_the_same_race_oversells_once_the_guard_is_taken_away(
    course: Course, stand_in: Sandbox, tmp_path: Path
) -> None:
    may_2126(course, places=20)
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
