"""Stripe gone, slow or failing: the site answers, says so, and no place is held for ever."""

import http.client
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Intake
from enrolment import checking, reconciling
from enrolment.models import Enrolment, Payment
from tests.courses.making import a_course, a_lesson, a_price, a_provider, an_intake
from tests.enrolment.driving import begin_paying, enrol, only_enrolment, pay, places, turned_to
from tests.sandbox.process import Sandbox, start_sandbox
from tests.serving import environment, free_port, serve

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PRICE = re.compile(r'name="price" value="([^"]+)"')
# Two seconds are waited for Stripe, thirty it would take; the rest is a busy machine's.
AT_MOST = 10  # seconds


# Over HTTP, as it is served --------------------------------------------------------------------


@dataclass
class Answer:
    """What came back, and after how many seconds."""

    status: int
    location: str
    page: str
    seconds: float


@dataclass
class Browser:
    """Somebody who has signed in."""

    port: int
    cookie: str

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def enrol(self) -> Answer:
        """Open the form and send it."""
        page = self.get(ENROL).page
        token, price = TOKEN.search(page), PRICE.search(page)
        assert token
        assert price
        fields = {"csrfmiddlewaretoken": token[1], "price": price[1]}
        return self._ask("POST", ENROL, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        link = http.client.HTTPConnection("localhost", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        began = time.monotonic()
        link.request(method, path, body, headers)
        response = link.getresponse()
        page = response.read().decode()
        seconds = time.monotonic() - began
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.cookie += f"; {cookie.split(';')[0]}"
        link.close()
        return Answer(response.status, response.headers["Location"] or "", page, seconds)


@dataclass
class Stripe:
    """The stand-in, which can be taken away and comes back."""

    running: Sandbox

    def leave(self, trouble: str) -> None:
        """Be down, answer after thirty seconds, or answer 500."""
        if trouble == "down":
            self.running.kill()
        elif trouble == "slow":
            self.running.control("requests", action="delay", seconds=30, path="/v1/*", count="all")
        else:
            self.running.control("requests", action="error", path="/v1/*", count="all")

    def come_back(self, trouble: str) -> None:
        """As if nothing had been."""
        if trouble == "down":
            port = int(self.running.url.rpartition(":")[2])
            self.running = start_sandbox(self.running.folder, port=port)
        else:
            self.running.control("requests/clear")


@pytest.fixture
def stripe(tmp_path: Path, settings: Settings) -> Iterator[Stripe]:
    held = Stripe(start_sandbox(tmp_path))
    with turned_to(held.running, settings):
        yield held
    if held.running.process.poll() is None:
        held.running.stop()


@pytest.fixture
def site(transactional_db: None, stripe: Stripe, tmp_path: Path) -> Iterator[int]:
    """The site's port; no worker, so that what jobs would do is done by reconciling."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    call_command("createcachetable")
    a_provider()
    course = a_course()
    a_lesson(course, "introduction", is_free=True)
    a_price(an_intake(course, "2126-05", capacity=3))
    port = free_port()
    environ = environment(port=port, stripe_url=stripe.running.url)
    running = serve(environ, port=port, log=tmp_path / "site.log")
    yield port
    running.stop()


@pytest.fixture
def signed_in(site: int) -> Callable[[str], Browser]:
    """The browser of a student."""

    def browser(name: str) -> Browser:
        person = User.objects.create_user(f"{name.lower()}@example.org", name=name)
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        return Browser(site, f"termtime_session={session.session_key}")

    return browser


def schedule(at: datetime | None = None) -> None:
    """What the schedule does in three minutes."""
    for _ in range(3):
        reconciling.reconcile(at=at or timezone.now() + timedelta(minutes=2))


@pytest.mark.parametrize("trouble", ["down", "slow", "failing"])
def test_the_site_answers_at_once_and_everything_ends_well(
    trouble: str, stripe: Stripe, signed_in: Callable[[str], Browser]
) -> None:
    alice, bob, carol = signed_in("Alice"), signed_in("Bob"), signed_in("Carol")
    assert bob.enrol().status == 302
    bobs = Payment.objects.get(enrolment__student__name="Bob")
    pay(stripe.running, bobs)

    stripe.leave(trouble)
    for student in (alice, carol):
        sent = student.enrol()
        assert sent.status == 302
        assert sent.seconds < AT_MOST
        assert sent.location.startswith("/account/enrolments/")
        shown = student.get(sent.location)
        assert "Connecting to Stripe" in shown.page
        assert "Your place is held. Stripe is slow to answer at the moment" in shown.page
    returned = bob.get(f"/account/enrolments/{bobs.enrolment_id}/return/")
    assert (returned.status, returned.seconds < AT_MOST) == (302, True)
    assert "Waiting for your payment" in bob.get(returned.location).page
    for path in ("/", "/courses/deep-learning/", "/account/enrolments/", "/account/payments/"):
        page = alice.get(path)
        assert (page.status, page.seconds < AT_MOST) == (200, True)
    assert "The secret" in alice.get("/courses/deep-learning/lessons/introduction/").page
    intake = Intake.objects.get()
    assert places(intake) == (0, 3)

    stripe.come_back(trouble)
    schedule()
    assert Enrolment.objects.get(student__name="Bob").is_enrolled
    alices = Payment.objects.get(enrolment__student__name="Alice")
    assert alices.session_url in alice.get(f"/account/enrolments/{alices.enrolment_id}/").page
    sessions = stripe.running.client().v1.checkout.sessions.list({"limit": 100}).data
    assert [one.metadata["payment"] for one in sessions if one.metadata].count(str(alices.pk)) == 1
    pay(stripe.running, alices)
    stripe.running.control("clock", advance=3600)
    later = timezone.now() + timedelta(hours=1)
    schedule(later)
    assert Enrolment.objects.get(student__name="Alice").is_enrolled
    assert Enrolment.objects.get(student__name="Carol").status == Enrolment.Status.EXPIRED
    assert places(intake) == (2, 0)
    assert checking.check(at=later, look_back=reconciling.LONG) == []


# For longer than a place is held ---------------------------------------------------------------


def take_away(stand_in: Sandbox, **how: object) -> None:
    """Stripe hangs up on every call from now on."""
    stand_in.control("requests", path="/v1/*", action="drop", count="all", **how)


def test_a_place_whose_payment_page_never_came_is_free_though_stripe_stays_away(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    take_away(stand_in)
    enrol(alices, intake)
    ends = Payment.objects.get().expires_at
    reconciling.reconcile(at=ends)
    assert places(intake) == (0, 1)
    report = reconciling.reconcile(at=ends + timedelta(minutes=6))
    assert places(intake) == (0, 0)
    assert report.problems
    assert only_enrolment().status == Enrolment.Status.EXPIRED


def test_many_such_places_are_freed_in_one_run(
    alices: Client, bob: User, intake: Intake, stand_in: Sandbox
) -> None:
    take_away(stand_in)
    enrol(alices, intake)
    bobs = Client()
    bobs.force_login(bob)
    enrol(bobs, intake)
    ends = max(Payment.objects.values_list("expires_at", flat=True))
    reconciling.reconcile(at=ends + timedelta(minutes=6), look_back=reconciling.SHORTLY)
    assert places(intake) == (0, 0)


def test_money_for_such_a_place_enrols_when_stripe_is_back(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    stand_in.control("requests", path="/v1/*", method="POST", action="drop", when="after")
    enrol(alices, intake)
    made = stand_in.client().v1.checkout.sessions.list().data[0]
    stand_in.control(f"sessions/{made.id}/pay", outcome="success")
    take_away(stand_in)
    late = Payment.objects.get().expires_at + timedelta(minutes=6)
    reconciling.reconcile(at=late)
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    stand_in.control("requests/clear")
    reconciling.reconcile(at=late)
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)


def test_a_place_whose_page_is_over_is_kept_for_a_day_and_then_free(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    take_away(stand_in)
    reconciling.reconcile(at=payment.expires_at + timedelta(hours=23))
    assert places(intake) == (0, 1)
    reconciling.reconcile(at=payment.expires_at + timedelta(hours=25))
    assert places(intake) == (0, 0)


def test_a_page_that_would_be_over_before_it_came_is_refused_and_the_place_free(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    take_away(stand_in)
    enrol(alices, intake)
    stand_in.control("requests/clear")
    stand_in.control("clock", advance=3600)
    report = reconciling.reconcile(at=Payment.objects.get().expires_at)
    assert report.problems == []
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)
    assert stand_in.client().v1.checkout.sessions.list().data == []
